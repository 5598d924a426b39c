"""What the commands of this app share: they act as the program itself, and answer in words or as one JSON object."""

import json
import sys
from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from grids.scope import Scope, system_scope
from kernel.refusal import Refused


@dataclass(frozen=True)
class Answer:
    """What a command has to say: `data` for --json, else `text`. `is_fine` False: exit status 1."""

    data: dict[str, Any]
    text: str
    is_fine: bool = True


class ProgramCommand(BaseCommand):
    """A command that calls one service with the scope of the program; a refusal is its sentence and status 1."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            answer = self.act(options, by=system_scope(timezone.localdate(now)), at=now)
        except Refused as refusal:
            self.stderr.write(refusal.sentence)
            sys.exit(1)
        as_json = json.dumps(answer.data, ensure_ascii=False, cls=DjangoJSONEncoder)
        self.stdout.write(as_json if options["json"] else answer.text)
        if not answer.is_fine:
            sys.exit(1)

    @abstractmethod
    def act(self, options: dict[str, Any], *, by: Scope, at: datetime) -> Answer:
        """Do the work and say what was done."""
