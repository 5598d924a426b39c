"""The SQL of a page: recorded from the page itself, and asked again through a bare cursor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Statement:
    sql: str
    parameters: Any

    @property
    def columns(self) -> list[str]:
        """As the statement names them, without quotes and aliases: `cases_case.title`; the second joined time that a
        table is read (Django numbers it: `T5`) is `again.title`.
        """
        asked = self.sql.partition(" FROM ")[0].removeprefix("SELECT ").replace('"', "").split(", ")
        return [re.sub(r"\bT\d+\.", "again.", column.partition(" AS ")[0]) for column in asked]


@contextmanager
def recording() -> Iterator[list[Statement]]:
    """Every statement of the block, in order."""
    found: list[Statement] = []

    def note(execute: Callable, sql: str, parameters: Any, many: bool, context: dict) -> Any:
        found.append(Statement(sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield found


def replay(statements: Sequence[Statement]) -> list[list[tuple]]:
    """The rows of each statement, as the driver gives them."""
    answers = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.sql, statement.parameters)
            answers.append(cursor.fetchall())
    return answers
