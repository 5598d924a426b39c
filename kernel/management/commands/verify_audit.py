import re
from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from kernel.audit import Mark, end_of_chain, verify
from kernel.commands import Answer, AnsweringCommand

_MOST_SHOWN = 100


def _mark(text: str) -> Mark:
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if found is None:
        raise ArgumentTypeError("应为以前输出的“序号:哈希”")
    return Mark(int(found[1]), found[2])


class Command(AnsweringCommand):
    help = "校验审计链：找出被改动、删除、调换或插入的记录。不改任何数据；请把输出的链尾另行记下，供以后核对。"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--noted", type=_mark, metavar="序号:哈希", help="以前另行记下的链尾：核对此前的记录没有被重写"
        )

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        end = end_of_chain()
        faults = verify(options["noted"])
        data = {"entries": end.sequence, "end": str(end), "faults": [asdict(fault) for fault in faults]}
        if not faults:
            return Answer(data, f"审计链完整，共 {end.sequence} 条。链尾 {end}")
        lines = [fault.sentence for fault in faults[:_MOST_SHOWN]]
        if len(faults) > _MOST_SHOWN:
            lines.append(f"另有 {len(faults) - _MOST_SHOWN} 处。")
        first = min(fault.first for fault in faults)
        return Answer(data, "\n".join(lines), f"审计链有 {len(faults)} 处问题，最早在第 {first} 条。")
