"""Clocks as they are shown: the moment it is due, what is left, and how much of the time is used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases.models import Case, StageClock
from kernel.calendar import WorkCalendar
from kernel.choices import Unit
from kernel.clock import share_used, time_left
from kernel.display import NO_CLOCK, ClockFace, paused_face, running_face

# The moment of the due time itself is still in time: a bar that is full means overdue.
_NEARLY_ALL = 0.99


def face_of(clock: StageClock | None, at: datetime, calendar: WorkCalendar) -> ClockFace:
    """The face of `clock` at `at`; without a clock the face that says so."""
    if clock is None:
        return NO_CLOCK
    unit, moment = Unit(clock.unit), clock.paused_at or at
    left = time_left(moment, clock.due_at, unit, calendar)
    if clock.paused_at is not None:
        return paused_face(left=left.text, share=_share(clock, moment, calendar))
    share = 1.0 if left.overdue else min(_NEARLY_ALL, _share(clock, moment, calendar))
    return running_face(due=clock.due_at, share=share, left=left.text)


def _share(clock: StageClock, at: datetime, calendar: WorkCalendar) -> float:
    return share_used(clock.started_at, clock.due_at, Unit(clock.unit), at, calendar)


def leading(clocks: Iterable[StageClock], case: Case) -> StageClock | None:
    """Of running clocks, the one that the case shows; None when none runs for its stage."""
    return next((clock for clock in clocks if clock.stage == case.stage and clock.part_id is None), None)
