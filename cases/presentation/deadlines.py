"""Every deadline of a case in words: the rule, its source, and which time was counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cases.presentation.faces import face_of
from cases.presentation.words import OUTCOMES
from cases.services.explaining import ClockExplanation
from kernel.calendar import WorkCalendar, current_calendar
from kernel.clock import Interval
from kernel.display import Badge, ClockFace


@dataclass(frozen=True)
class DeadlineLine:
    """One clock of a case; `face` is empty once it has stopped."""

    stage: str
    holder: str
    limit: str
    source: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    outcome: Badge
    face: ClockFace | None
    calendar_version: int
    guessed: str
    note: str
    intervals: tuple[Interval, ...]

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None


def deadline_lines(explained: Iterable[ClockExplanation], at: datetime) -> list[DeadlineLine]:
    """Running ones first, then the newest."""
    calendar = current_calendar()
    lines = [_line(one, at, calendar) for one in explained]
    return sorted(lines, key=lambda line: (line.is_running, line.started_at), reverse=True)


def _line(one: ClockExplanation, at: datetime, calendar: WorkCalendar) -> DeadlineLine:
    clock, told = one.clock, one.explanation
    years = "、".join(str(year) for year in told.guessed_years)
    return DeadlineLine(
        stage=clock.get_stage_display(),
        holder=clock.holder.name,
        limit=str(told.term),
        source=clock.source,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        outcome=OUTCOMES[clock.outcome],
        face=face_of(clock, at, calendar) if clock.stopped_at is None else None,
        calendar_version=told.calendar_version,
        guessed=f"日历中没有 {years} 年的节假日，按周末推算" if years else "",
        note=one.note,
        intervals=told.intervals,
    )
