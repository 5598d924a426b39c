"""What every command shares: words or one JSON object, status 0, 1 or 2, a refusal as one sentence on stderr."""

from __future__ import annotations

import json
import sys
from abc import abstractmethod
from argparse import ArgumentTypeError
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kernel.refusal import Refused


@dataclass(frozen=True)
class Answer:
    """What a command has to say: `data` for --json, else `text`. With a `refusal`, also that, and status 1."""

    data: dict[str, Any]
    text: str
    refusal: str = ""


class AnsweringCommand(BaseCommand):
    """A command that calls one service. Wrong usage ends with status 2 (argparse), a refusal with 1."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = self.answer(options, at=timezone.now())
        except Refused as refusal:
            self._refuse(refusal.sentence)
        as_json = json.dumps(answer.data, ensure_ascii=False, cls=DjangoJSONEncoder)
        self.stdout.write(as_json if options["json"] else answer.text)
        if answer.refusal:
            self._refuse(answer.refusal)

    @abstractmethod
    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        """Do the work and say what was done."""

    def _refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(1)


def moment(text: str) -> datetime:
    """An argument like `2026-11-23T08:30` or `2026-11-23T08:30:00+08:00`; without offset the county's time."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2100:
        raise ArgumentTypeError(f"{text!r} 不是 2000 至 2100 年间的时间，应如 2026-11-23T08:30:00+08:00")
    return timezone.make_aware(found) if timezone.is_naive(found) else found
