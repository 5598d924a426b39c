"""Counting time by hours that open and close: the ground under `kernel.clock`. Pure.

An `Hours` function says which spans of a day count. What lies outside them takes no time, so that a moment and the
close before it are the same amount away from everywhere; the earliest such moment is always the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from kernel.calendar import FIRST_YEAR, LAST_YEAR, ONE_DAY, SHANGHAI, Span, Spans, days_from, out_of_range

NOTHING = timedelta(0)

Hours = Callable[[date], Spans]


def local(moment: datetime) -> datetime:
    """`moment` in Asia/Shanghai. A naive one is a bug; one outside the years that are counted is refused."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")
    return in_range(in_range(moment).astimezone(SHANGHAI))


def in_range(moment: datetime) -> datetime:
    """`moment` itself, or a refusal when it lies outside the years that are counted."""
    if FIRST_YEAR <= moment.year <= LAST_YEAR:
        return moment
    raise out_of_range()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def next_midnight(moment: datetime) -> datetime:
    return midnight(moment.date() + ONE_DAY)


def whole_day(day: date) -> Spans:
    """Natural time as hours that never close."""
    return ((midnight(day), midnight(day + ONE_DAY)),)


def elapsed(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """The time that counts from `start` to `end`; nothing when `end` is not later."""
    total = NOTHING
    for opens, closes in _spans_from(start, hours):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def advance(moment: datetime, counted: timedelta, hours: Hours) -> datetime:
    """The earliest moment at which `counted` has passed since `moment`; earlier than it when `counted` is negative.

    What is used up when the morning closes is used up at 12:00, not when the afternoon opens.
    """
    if counted <= NOTHING:
        return _go_back(moment, -counted, hours)
    for opens, closes in _spans_from(moment, hours):
        if counted <= closes - opens:
            return opens + counted
        counted -= closes - opens
    raise out_of_range()


def _go_back(moment: datetime, counted: timedelta, hours: Hours) -> datetime:
    for opens, closes in _spans_before(moment, hours):
        if counted < closes - opens:
            return closes - counted
        counted -= closes - opens
    raise out_of_range()


def _spans_from(moment: datetime, hours: Hours) -> Iterator[Span]:
    """The spans that count from `moment` on, earliest first."""
    for day in days_from(moment.date()):
        for opens, closes in hours(day):
            if closes > moment:
                yield max(opens, moment), closes


def _spans_before(moment: datetime, hours: Hours) -> Iterator[Span]:
    """The spans that count before `moment`, latest first."""
    day = moment.date()
    while day.year >= FIRST_YEAR:
        for opens, closes in reversed(hours(day)):
            if opens < moment:
                yield opens, min(closes, moment)
        day -= ONE_DAY
