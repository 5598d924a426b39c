"""Put the tree right."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from grids.scope import system_scope
from grids.services.health import rebuild_tree
from kernel.commands import Answer, AnsweringCommand


class Command(AnsweringCommand):
    help = "按上级关系重排网格树的左右值、层深和全称，在一个事务内完成，修复期间任何人的权限都不会变宽。"

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        by = system_scope(timezone.localdate(at))
        faults = rebuild_tree(by=by, at=at)
        data = {"repaired": [vars(fault) for fault in faults]}
        return Answer(data, f"已修复 {len(faults)} 处。" if faults else "网格树完好，无须修复。")
