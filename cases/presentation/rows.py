"""Rows of a list of cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

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
    severity_icon: str
    state: Badge
    flags: tuple[Badge, ...]
    grid: str
    place: str
    holder: str
    stage: str
    clock: ClockFace
    due: str
    reported: str


def rows_of(cases: Iterable[Case], at: datetime) -> list[CaseRow]:
    """The rows of cases read by `for_list` and `with_running_clocks`, in their order. One query: the calendar."""
    calendar = current_calendar()
    return [_row(case, at, calendar) for case in cases]


def _row(case: Case, at: datetime, calendar: WorkCalendar) -> CaseRow:
    clock = leading(case.running_clocks, case)  # type: ignore[attr-defined]
    face = face_of(clock, at, calendar)
    return CaseRow(
        number=case.number,
        title=case.title,
        category=case.category.name,
        severity=case.severity,
        severity_label=str(_SEVERITIES[case.severity]),
        severity_icon=f"severity-{case.severity}",
        state=STATES[case.state],
        flags=tuple(flag for flag in flags_of(case) if flag is not OVERDUE),
        grid=case.grid.path or case.grid.name,
        place=case.place,
        holder=_holder(case),
        stage=str(_STAGES[case.stage]) if clock else "",
        clock=face,
        due=minute(face.due_at),
        reported=minute(case.reported_at),
    )


def _holder(case: Case) -> str:
    return case.holder.name if case.holder else ""
