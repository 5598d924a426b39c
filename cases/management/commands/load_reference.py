"""Create the shipped departments, categories and limits that are missing."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from cases.services.reference import load_reference
from grids.scope import system_scope
from kernel.commands import Answer, AnsweringCommand


class Command(AnsweringCommand):
    help = "载入随程序提供的部门、问题类别（牵头、配合）和时限：只补缺少的，不改县里已有的。可重复执行。"

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        by = system_scope(timezone.localdate(at))
        loaded = load_reference(by=by, at=at)
        text = f"新增部门 {loaded.departments} 个、类别 {loaded.categories} 个、时限 {loaded.limits} 条。"
        return Answer(asdict(loaded), text)
