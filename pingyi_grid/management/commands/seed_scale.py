from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from kernel.commands import Answer, AnsweringCommand, moment
from pingyi_grid.scale import seed_scale


def _count(text: str) -> int:
    if not text.isdigit() or int(text) > 10_000_000:
        raise ArgumentTypeError("应为 0 到 10000000 的整数")
    return int(text)


class Command(AnsweringCommand):
    help = "为性能测试生成大量演示数据：县、网格、办件、巡查。只用于空的测试库。"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--counties", type=_count, default=1)
        parser.add_argument("--cases", type=_count, default=10_000)
        parser.add_argument("--patrols", type=_count, default=0)
        parser.add_argument("--seed", type=_count, default=1)
        parser.add_argument("--at", type=moment, metavar="ISO", help="数据以此刻为“今天”，默认现在")

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        made = seed_scale(
            counties=options["counties"],
            cases=options["cases"],
            patrols=options["patrols"],
            seed=options["seed"],
            at=options["at"] or at,
        )
        return Answer(asdict(made), f"已生成 {made.grids} 个网格、{made.cases} 件办件、{made.patrols} 条巡查。")
