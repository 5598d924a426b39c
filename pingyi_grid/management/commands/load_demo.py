from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import localdate

from grids.scope import system_scope
from kernel.commands import Answer, AnsweringCommand, moment
from pingyi_grid.demo.load import is_empty, load
from pingyi_grid.demo_password import demo_password


class Command(AnsweringCommand):
    help = (
        "装入平邑县演示数据：网格、演示人员、120 个污染源、一年的巡查、各种状态的办件。"
        "内容由固定的种子生成，可重复；数据库里已有人员或办件时拒绝。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--if-empty", action="store_true", help="数据库不空时什么也不做，不算出错")
        parser.add_argument("--at", type=moment, metavar="ISO", help="演示数据以此刻为“现在”，默认现在")

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        if options["if_empty"] and not is_empty():
            return Answer({"loaded": False}, "数据库里已有数据，未装入演示数据。")
        at = options["at"] or at
        demo = load(password=demo_password(), by=system_scope(localdate(at)), at=at)
        text = (
            f"已装入演示数据：{demo.people} 人、{demo.sources} 个污染源、{demo.patrols} 条巡查、{demo.cases} 件办件。"
        )
        return Answer({"loaded": True, **asdict(demo)}, text)
