"""How fast people answer in the demo: minutes of office hours by what they have to do, hardly ever past the limit."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from cases.choices import Severity
from kernel.calendar import WorkCalendar
from kernel.counting import advance, elapsed, whole_day

_DECIDE = (15, 360)
USUAL: dict[str, tuple[int, int]] = {
    "verify_true": (60, 700),
    "verify_false": (60, 700),
    "self_handle": (15, 240),
    "finish": (60, 1100),
    "sign": (15, 400),
    "answer_part": (240, 1200),
    "submit": (400, 2100),
    "pass_check": (60, 800),
    "fail_check": (60, 800),
    "close": (20, 420),
    "approve_return": (30, 420),
    "reject_return": (30, 420),
    "approve_void": (30, 420),
}
# 紧急: by day and by night, in minutes of any hour.
_AT_ONCE: dict[str, tuple[int, int]] = {
    "refer": (5, 20),
    "sign": (2, 8),
    "answer_part": (30, 180),
    "pass_check": (30, 180),
    "close": (20, 180),
}
# What people let run out now and then, and by how much: it climbs, falls back or gets its card.
_AT_TIMES_LATE = frozenset({"escalate", "refer", "sign", "answer_part", "submit", "pass_check", "close", "finish"})
_LATE_SHARE = 0.035
_LATE_MINUTES = (40, 900)
# Who is in time is so before the yellow card, which comes at four fifths of the time.
_LATEST_IN_TIME = 0.75


def answered_at(
    action: str,
    *,
    now: datetime,
    due: datetime | None,
    severity: str,
    pace: float,
    draw: Random,
    calendar: WorkCalendar,
) -> datetime:
    """When somebody who has to do `action` since `now` does it. `pace` below 1 is faster, and then never late."""
    urgent = severity == Severity.URGENT and action in _AT_ONCE
    least, most = _AT_ONCE[action] if urgent else USUAL.get(action, _DECIDE)
    hours = whole_day if urgent else calendar.spans
    minutes = draw.triangular(least, most, least) * pace
    if due is not None and due > now:
        if pace >= 1 and action in _AT_TIMES_LATE and draw.random() < _LATE_SHARE:
            now, minutes = due, draw.uniform(*_LATE_MINUTES)
        else:
            left = elapsed(now, due, hours).total_seconds() / 60
            minutes = min(minutes, left * _LATEST_IN_TIME)
    moment = advance(now, timedelta(minutes=max(1, round(minutes))), hours)
    return moment.replace(second=0, microsecond=0)
