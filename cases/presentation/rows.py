"""Rows of a list of cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.choices import Severity, Stage
from cases.models import Case
from cases.presentation.faces import face_of, leading
from cases.presentation.words import OVERDUE, STATES, flags_of, minute
from kernel.calendar import WorkCalendar, current_calendar
from kernel.display import Badge, ClockFace

_SEVERITIES = dict(Severity.choices)
_STAGES = dict(Stage.choices)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """All that a line of a list says about a case, as text."""

    number: str
    title: str
    category: str
    severity: str
    severity_label: str
    state: Badge
    flags: tuple[Badge, ...]
    grid: str
    place: str
    holder: str
    stage: str
    clock: ClockFace
    reported: str

    @property
    def marks(self) -> tuple[Badge, ...]:
        """Its state and what is raised on it."""
        return self.state, *self.flags

    def __getitem__(self, name: str) -> Any:
        """A template asks by key before it asks for an attribute; fifty rows spare it some 700 exceptions."""
        return getattr(self, name)


def rows_of(cases: Iterable[Case], at: datetime) -> list[CaseRow]:
    """The rows of cases read by `for_rows`, in their order. One query: the calendar."""
    calendar = current_calendar()
    return [_row(case, at, calendar) for case in cases]


def _row(case: Case, at: datetime, calendar: WorkCalendar) -> CaseRow:
    clock = leading(case.running_clocks, case)  # type: ignore[attr-defined]
    return CaseRow(
        number=case.number,
        title=case.title,
        category=case.category_name,
        severity=case.severity,
        severity_label=str(_SEVERITIES[case.severity]),
        state=STATES[case.state],
        flags=tuple(flag for flag in flags_of(case) if flag is not OVERDUE),
        grid=case.grid_path or case.grid_name,
        place=case.place,
        holder=case.holder_name,
        stage=str(_STAGES[case.stage]) if clock else "",
        clock=face_of(clock, at, calendar),
        reported=minute(case.reported_at),
    )
