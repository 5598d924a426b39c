"""Create the shipped departments, categories and limits that are missing."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cases.services.reference import load_reference
from grids.scope import system_scope
from kernel.refusal import Refused


class Command(BaseCommand):
    help = "载入随程序提供的部门、问题类别（牵头、配合）和时限：只补缺少的，不改县里已有的。可重复执行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            loaded = load_reference(by=system_scope(timezone.localdate(now)), at=now)
        except Refused as refusal:
            self.stderr.write(refusal.sentence)
            sys.exit(1)
        counts = asdict(loaded)
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write(f"新增部门 {loaded.departments} 个、类别 {loaded.categories} 个、时限 {loaded.limits} 条。")
