from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from kernel.commands import Answer, AnsweringCommand, moment
from pingyi_grid.sweep import sweep_all


class Command(AnsweringCommand):
    help = "做完到这一时刻该发生的一切：提醒、黄牌、红牌、催办、自动升级、到期通过、自动归档。重复执行不会重复。"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--at", type=moment, metavar="ISO", help="按这一时刻判断，默认现在")
        parser.add_argument("--limit", type=int, default=20_000, metavar="N", help="最多处理多少个计时")

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        report = sweep_all(at=options["at"] or at, limit=options["limit"])
        text = f"已处理 {report.fired} 项，推迟 {report.failed} 项，因日历变动重算期限 {report.recounted} 个。"
        refusal = f"有 {report.failed} 项出错，已推迟一小时，详见日志。" if report.failed else ""
        return Answer(report.as_json(), text, refusal)
