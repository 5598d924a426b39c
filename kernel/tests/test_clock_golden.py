"""A table of due times against a counter that knows nothing of the code it judges.

The counter asks the holiday library day by day and ticks through office hours minute by minute. The table is kept as a
file so that an official can read it, and so that neither side can drift without a line changing.
"""

import csv
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
import pytest

from kernel.choices import Unit
from kernel.clock import Term, due_at, explain
from kernel.tests.calendars import BY_SEASON, PUBLISHED, moment

TABLE = Path(__file__).with_name("golden_due_times.csv")
CALENDARS = {"default": PUBLISHED, "by_season": BY_SEASON}

with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@cache
def _is_worked(day: date) -> bool:
    """As the State Council had it; where the library knows no year, Monday to Friday."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.isoweekday() <= 5


def _is_summer(day: date, hours: str) -> bool:
    return hours == "by_season" and date(2026, 6, 1) <= day < date(2026, 10, 1)


def _is_open(now: datetime, hours: str) -> bool:
    """Is the minute that begins `now` within office hours?"""
    clock_face = now.time()
    if clock_face < time(12):
        return time(8, 30) <= clock_face
    if _is_summer(now.date(), hours):
        return time(14) <= clock_face < time(18)
    return time(13, 30) <= clock_face < time(17, 30)


def _close_of(day: date, hours: str) -> datetime:
    return datetime.combine(day, time(18) if _is_summer(day, hours) else time(17, 30))


def _tick_working_hours(now: datetime, minutes: int, hours: str) -> datetime:
    while minutes:
        if not _is_worked(now.date()):
            now = datetime.combine(now.date(), time()) + timedelta(days=1)
            continue
        minutes -= _is_open(now, hours)
        now += timedelta(minutes=1)
    return now


def _tick_working_days(now: datetime, days: int, hours: str) -> datetime:
    day = now.date()
    counted: list[date] = []
    while len(counted) < days:
        day += timedelta(days=1)
        if _is_worked(day):
            counted.append(day)
    return _close_of(counted[-1], hours)


def _tick_calendar_days(now: datetime, days: int, hours: str) -> datetime:
    day = now.date()
    for _ in range(days):
        day += timedelta(days=1)
    while not _is_worked(day):
        day += timedelta(days=1)
    return _close_of(day, hours)


def _tick_natural(now: datetime, minutes: int) -> datetime:
    for _ in range(minutes):
        now += timedelta(minutes=1)
    return now


def independent_due(start: datetime, amount: int, unit: str, hours: str) -> datetime:
    """The due time on the wall clock, counted step by step."""
    match unit:
        case "working_day":
            return _tick_working_days(start, amount, hours)
        case "working_hour":
            return _tick_working_hours(start, amount * 60, hours)
        case "calendar_day":
            return _tick_calendar_days(start, amount, hours)
        case "hour":
            return _tick_natural(start, amount * 60)
    return _tick_natural(start, amount)


def test_the_table_has_more_than_two_hundred_different_rows():
    keys = {(row["start"], row["amount"], row["unit"], row["hours"]) for row in ROWS}
    assert (len(ROWS), len(ROWS) > 200) == (len(keys), True)


@pytest.mark.parametrize("occasion", sorted({row["occasion"] for row in ROWS}))
def test_due_times_equal_the_table_and_the_table_equals_the_counter(occasion):
    rows = [row for row in ROWS if row["occasion"] == occasion]
    computed, counted, written = [], [], []
    for row in rows:
        start, term = moment(row["start"]), Term(int(row["amount"]), Unit(row["unit"]))
        name = f"{row['start']} + {term} ({row['hours']})"
        computed.append((name, f"{due_at(start, term, CALENDARS[row['hours']]):%Y-%m-%d %H:%M}"))
        ticked = independent_due(start.replace(tzinfo=None), term.amount, term.unit, row["hours"])
        counted.append((name, f"{ticked:%Y-%m-%d %H:%M}"))
        written.append((name, row["due"]))
    assert computed == written
    assert counted == written


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["unit"] == "working_hour"][::9], ids=lambda row: row["start"]
)
def test_minutes_explained_as_counted_are_those_that_the_counter_counts(row):
    told = explain(moment(row["start"]), Term(int(row["amount"]), Unit.WORKING_HOUR), CALENDARS[row["hours"]])
    now, minute = told.start.replace(tzinfo=None), timedelta(minutes=1)
    for interval in told.intervals:
        while now < interval.end.replace(tzinfo=None):
            assert (_is_worked(now.date()) and _is_open(now, row["hours"])) == interval.counted, now
            now += minute
    assert now == told.due_at.replace(tzinfo=None)
