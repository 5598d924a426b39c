"""The county that comes with the program."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from grids.scope import system_scope
from grids.services.county import load_pingyi
from kernel.commands import Answer, AnsweringCommand


class Command(AnsweringCommand):
    help = "载入平邑县：1 县、14 镇街、105 工作区（演示）、575 村（社区）和示意边界。只补缺少的，可重复执行。"

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        by = system_scope(timezone.localdate(at))
        loaded = load_pingyi(by=by, at=at)
        return Answer(asdict(loaded), f"新增网格 {loaded.grids} 个、示意边界 {loaded.outlines} 个。")
