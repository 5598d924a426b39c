"""When is it due, how much of the time is used, and why? Pure functions over four clocks: docs/adr/0003-four-clocks.md.

Working days and calendar days never count the day of the event, and their last day ends at the close of business; a
calendar day that ends on a day off rolls on to the next working day. Working hours run in office hours alone. Natural
hours and minutes always run. Every moment that goes in is aware; every moment that comes out is in Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from kernel.calendar import ONE_DAY, WorkCalendar, days_from, is_weekend
from kernel.choices import Unit
from kernel.counting import NOTHING, Hours, advance, elapsed, in_range, local, midnight, next_midnight, whole_day
from kernel.refusal import Refused

MOST_UNITS = 3650
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
# A share given as 0.8 means four fifths, not the nearest binary fraction: that would end a microsecond past closing
# time, which is the next morning.
_FINEST_SHARE = 10_000


@dataclass(frozen=True)
class Term:
    """A length of time on one of the clocks. Nothing of a unit means at once. Refused outside 0 to 3650."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in Unit.values:
            raise Refused("时限单位无效，可用的有工作日、工作时、日、小时、分钟。", "unknown_unit")
        if not 0 <= self.amount <= MOST_UNITS:
            raise Refused(f"时限须为 0 到 {MOST_UNITS} 的整数。", "amount_out_of_range")

    def __str__(self) -> str:
        return f"{self.amount} {Unit(self.unit).label}"


def due_at(start: datetime, term: Term, calendar: WorkCalendar) -> datetime:
    """The last moment that is still in time for something that happened at `start`."""
    start = local(start)
    if not term.amount:
        return start
    return in_range(_CLOCKS[term.unit].due(start, term.amount, calendar))


def working_days_after(moment: datetime, n: int, calendar: WorkCalendar) -> datetime:
    """The close of business of the `n`th working day after the day of `moment`; `moment` itself when `n` is 0."""
    return due_at(moment, Term(n, Unit.WORKING_DAY), calendar)


def moment_used(
    start: datetime, due: datetime, unit: Unit, share: Fraction | float, calendar: WorkCalendar
) -> datetime:
    """The earliest moment at which `share` (0 to 1) of the time from `start` to `due` has been used.

    Computed from the two moments, because a due time may have been extended or set by hand. Of five working days four
    fifths are used at the close of the fourth. Never before `start`.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1, not {share}")
    start, due = local(start), local(due)
    if share == 1 or due <= start:
        return due
    run = _run_between(start, due, unit, calendar)
    part = Fraction(share).limit_denominator(_FINEST_SHARE)
    return max(start, advance(run.begins, run.length * part.numerator / part.denominator, run.hours))


def share_used(start: datetime, due: datetime, unit: Unit, at: datetime, calendar: WorkCalendar) -> float:
    """How much of the time from `start` to `due` has been used at `at`: 0.0 before it runs, 1.0 from `due` on.

    For showing. To decide whether a share has been reached compare the moment with `moment_used`.
    """
    start, due, at = local(start), local(due), local(at)
    if at >= due:
        return 1.0
    if at <= start:
        return 0.0
    run = _run_between(start, due, unit, calendar)
    return elapsed(run.begins, at, run.hours) / run.length


@dataclass(frozen=True)
class TimeLeft:
    """What is left until a due time. `seconds` are those that count on its clock, not above 0 once it is overdue."""

    seconds: int
    overdue: bool
    text: str


def time_left(at: datetime, due: datetime, unit: Unit, calendar: WorkCalendar) -> TimeLeft:
    """What is left at `at`, in words of the clock: 剩 1 个工作日 3 小时, 剩 25 分钟, 超期 2 个工作日.

    A day in words is as long as the office hours of the due day. The moment of `due` itself is still in time.
    """
    at, due = local(at), local(due)
    counted = remaining(at, due, unit, calendar)
    words = _in_words(abs(counted), _CLOCKS[unit].steps(due.date(), calendar))
    if at > due:
        return TimeLeft(int(counted.total_seconds()), True, f"超期 {words}" if words else "已超期")
    return TimeLeft(int(counted.total_seconds()), False, f"剩 {words}" if words else "剩不足 1 分钟")


def remaining(at: datetime, due: datetime, unit: Unit, calendar: WorkCalendar) -> timedelta:
    """The counted time from `at` to `due`, to be kept through a pause and given to `resume`; negative when overdue.

    Office hours for working hours and days; for calendar days the office hours of every day, worked or not.
    """
    at, due = local(at), local(due)
    hours = _CLOCKS[unit].hours(calendar)
    if at <= due:
        return elapsed(at, due, hours)
    return -elapsed(due, at, hours)


def resume(at: datetime, remaining: timedelta, unit: Unit, calendar: WorkCalendar) -> datetime:
    """The new due time when a clock goes on at `at` with what was `remaining`; in the past when it was overdue.

    Resumed in the moment of the pause it is the old due time, as long as that lay within office hours. On the clock of
    calendar days it rolls on over days off like any other.
    """
    due = advance(local(at), remaining, _CLOCKS[unit].hours(calendar))
    if unit == Unit.CALENDAR_DAY and not calendar.is_working(due.date()):
        return calendar.closes_at(calendar.nth_working_day(due.date(), 1))
    return in_range(due)


@dataclass(frozen=True)
class Interval:
    """A stretch of time that counted or did not, and why."""

    start: datetime
    end: datetime
    counted: bool
    reason: str


@dataclass(frozen=True)
class Explanation:
    """How a due time came about: intervals without a gap from `start` to `due_at`, and the calendar they went by.

    `guessed_years` are those on the way for which the calendar has no rows, so that their days went by the weekday.
    """

    start: datetime
    term: Term
    due_at: datetime
    intervals: tuple[Interval, ...]
    calendar_version: int
    guessed_years: tuple[int, ...] = ()


def explain(start: datetime, term: Term, calendar: WorkCalendar) -> Explanation:
    """The due time of `due_at` with the intervals that were counted and skipped. Intervals are empty for no time."""
    start = local(start)
    due = due_at(start, term, calendar)
    described = _CLOCKS[term.unit].describe(start, due, term.amount, calendar)
    years = range(start.year, due.year + 1)
    return Explanation(
        start=start,
        term=term,
        due_at=due,
        intervals=tuple(_merged(_cut(described, start, due))),
        calendar_version=calendar.version,
        guessed_years=tuple(year for year in years if not calendar.knows(year)),
    )


@dataclass(frozen=True)
class _Run:
    """The stretch from a start to a due time as its clock counts it; `length` is never nothing."""

    begins: datetime
    hours: Hours
    length: timedelta


def _run_between(start: datetime, due: datetime, unit: Unit, calendar: WorkCalendar) -> _Run:
    """By the clock of `unit`; by natural time when its clock counts nothing, as when a due time was set by hand for the
    day of the event or a Sunday.
    """
    clock = _CLOCKS[unit]
    begins, hours = clock.begins(start), clock.hours(calendar)
    length = elapsed(begins, due, hours)
    if length:
        return _Run(begins, hours, length)
    return _Run(start, whole_day, due - start)


# --- words --------------------------------------------------------------------------------------------------------

Steps = tuple[tuple[timedelta, str], ...]


def _in_words(counted: timedelta, steps: Steps) -> str:
    """`1 个工作日 3 小时`: the largest step that fits, then the next smaller one; empty below the smallest."""
    counts = []
    for length, word in steps:
        count, counted = divmod(counted, length)
        counts.append(f"{count} {word}" if count else "")
    first = next((position for position, text in enumerate(counts) if text), len(counts))
    return " ".join(text for text in counts[first : first + 2] if text)


def _office_day(day: date, calendar: WorkCalendar) -> timedelta:
    return sum((closes - opens for opens, closes in calendar.office_hours(day)), NOTHING)


def _working_day_steps(day: date, calendar: WorkCalendar) -> Steps:
    return (_office_day(day, calendar), "个工作日"), (_HOUR, "小时"), (_MINUTE, "分钟")


def _calendar_day_steps(day: date, calendar: WorkCalendar) -> Steps:
    return (_office_day(day, calendar), "天"), (_HOUR, "小时"), (_MINUTE, "分钟")


def _working_hour_steps(day: date, calendar: WorkCalendar) -> Steps:
    return (_HOUR, "个工作时"), (_MINUTE, "分钟")


def _natural_steps(day: date, calendar: WorkCalendar) -> Steps:
    return (ONE_DAY, "天"), (_HOUR, "小时"), (_MINUTE, "分钟")


# --- the intervals of an explanation ------------------------------------------------------------------------------


def _working_day_intervals(start: datetime, due: datetime, amount: int, calendar: WorkCalendar) -> Iterator[Interval]:
    yield Interval(start, next_midnight(start), False, "当日不计")
    for day in days_from(start.date() + ONE_DAY):
        yield from _day_in_intervals(day, calendar)


def _working_hour_intervals(start: datetime, due: datetime, amount: int, calendar: WorkCalendar) -> Iterator[Interval]:
    for day in days_from(start.date()):
        yield from _day_in_intervals(day, calendar)


def _calendar_day_intervals(start: datetime, due: datetime, amount: int, calendar: WorkCalendar) -> Iterator[Interval]:
    """The days one after the other; the rest, if any, is the rolling on of a last day that was off."""
    first = next_midnight(start)
    last_ends = first + timedelta(days=amount)
    yield Interval(start, first, False, "当日不计")
    yield Interval(first, last_ends, True, "自然日")
    yield Interval(last_ends, due, False, "末日逢休息日顺延")


def _natural_intervals(start: datetime, due: datetime, amount: int, calendar: WorkCalendar) -> Iterator[Interval]:
    yield Interval(start, due, True, "自然时")


def _day_in_intervals(day: date, calendar: WorkCalendar) -> Iterator[Interval]:
    """A day from midnight to midnight, as office hours see it."""
    begins, ends = midnight(day), midnight(day + ONE_DAY)
    if not calendar.is_working(day):
        yield Interval(begins, ends, False, calendar.name_of(day) or ("周末" if is_weekend(day) else "放假"))
        return
    (opens, noon), (reopens, closes) = calendar.spans(day)
    work = "调休上班" if is_weekend(day) else "工作时间"
    yield Interval(begins, opens, False, "下班")
    yield Interval(opens, noon, True, work)
    yield Interval(noon, reopens, False, "午休")
    yield Interval(reopens, closes, True, work)
    yield Interval(closes, ends, False, "下班")


def _cut(intervals: Iterable[Interval], start: datetime, end: datetime) -> Iterator[Interval]:
    """The parts of `intervals` (in order) between `start` and `end`; those without length are left out."""
    for interval in intervals:
        if interval.start >= end:
            return
        begins, ends = max(interval.start, start), min(interval.end, end)
        if begins < ends:
            yield replace(interval, start=begins, end=ends)


def _merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Neighbours of the same kind as one: the evening and the early morning are one 下班."""
    for _, group in groupby(intervals, key=lambda interval: (interval.counted, interval.reason)):
        first, *others = group
        yield replace(first, end=others[-1].end) if others else first


# --- the clocks ---------------------------------------------------------------------------------------------------


def _due_by_working_days(start: datetime, amount: int, calendar: WorkCalendar) -> datetime:
    return calendar.closes_at(calendar.nth_working_day(start.date() + ONE_DAY, amount))


def _due_by_working_hours(start: datetime, amount: int, calendar: WorkCalendar) -> datetime:
    return advance(start, timedelta(hours=amount), calendar.spans)


def _due_by_calendar_days(start: datetime, amount: int, calendar: WorkCalendar) -> datetime:
    return calendar.closes_at(calendar.nth_working_day(start.date() + timedelta(days=amount), 1))


def _due_by_hours(start: datetime, amount: int, calendar: WorkCalendar) -> datetime:
    return start + timedelta(hours=amount)


def _due_by_minutes(start: datetime, amount: int, calendar: WorkCalendar) -> datetime:
    return start + timedelta(minutes=amount)


def _at_once(start: datetime) -> datetime:
    return start


def _natural_hours(calendar: WorkCalendar) -> Hours:
    return whole_day


@dataclass(frozen=True)
class _Clock:
    """How a unit counts: when a term is due, when its time begins to run, which hours of a day it takes, how it is told
    in words and in intervals.
    """

    due: Callable[[datetime, int, WorkCalendar], datetime]
    begins: Callable[[datetime], datetime]
    hours: Callable[[WorkCalendar], Hours]
    steps: Callable[[date, WorkCalendar], Steps]
    describe: Callable[[datetime, datetime, int, WorkCalendar], Iterator[Interval]]


_WORKED_HOURS = attrgetter("spans")
# A calendar day is used up in its office hours, worked or not, so that a share of it never ends in the night.
_OFFICE_HOURS_OF_EVERY_DAY = attrgetter("office_hours")

_CLOCKS: dict[str, _Clock] = {
    Unit.WORKING_DAY: _Clock(
        _due_by_working_days, next_midnight, _WORKED_HOURS, _working_day_steps, _working_day_intervals
    ),
    Unit.WORKING_HOUR: _Clock(
        _due_by_working_hours, _at_once, _WORKED_HOURS, _working_hour_steps, _working_hour_intervals
    ),
    Unit.CALENDAR_DAY: _Clock(
        _due_by_calendar_days, next_midnight, _OFFICE_HOURS_OF_EVERY_DAY, _calendar_day_steps, _calendar_day_intervals
    ),
    Unit.HOUR: _Clock(_due_by_hours, _at_once, _natural_hours, _natural_steps, _natural_intervals),
    Unit.MINUTE: _Clock(_due_by_minutes, _at_once, _natural_hours, _natural_steps, _natural_intervals),
}
