import json
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from kernel.services.calendar import seed_holidays


@dataclass(frozen=True)
class _Program:
    """The program itself as actor: this floor knows no person."""

    user_id: int | None = None
    name: str = "系统"
    address: str = ""


class Command(BaseCommand):
    help = "把 2016 年以来的节假日和调休写入工作日历；已有记录的年份不动。可重复执行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        entered = seed_holidays(by=_Program(), at=timezone.now())
        self.stdout.write(json.dumps({"entered": entered}) if options["json"] else f"新增 {entered} 天。")
