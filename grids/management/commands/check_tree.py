"""Is the tree sound."""

from datetime import datetime
from typing import Any

from grids.services.health import tree_faults
from kernel.commands import Answer, AnsweringCommand


class Command(AnsweringCommand):
    help = (
        "检查网格树：由上级关系推出的位置与存储的左右值、层深、全称是否一致。只读，不修改任何数据；有错时退出码为 1。"
    )

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        faults = tree_faults()
        data = {"ok": not faults, "faults": [vars(fault) for fault in faults]}
        text = "\n".join(f"{fault.code} {fault.name}：{fault.sentence}" for fault in faults)
        if faults:
            return Answer(data, text, refusal=f"共 {len(faults)} 处错误，可用 rebuild_tree 修复。")
        return Answer(data, "网格树完好。")
