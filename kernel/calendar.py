"""The working calendar: which days are worked, and in which hours.

Everything here is pure but `current_calendar`, which reads the rows. Writing them is `kernel.services.calendar`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.models import CalendarDay, CalendarVersion, OfficeHours
from kernel.refusal import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2000, 2100
ONE_DAY = timedelta(days=1)
# 国务院办公厅 publishes the days off of the next year at the end of October or in November.
_NEXT_YEAR_IS_PUBLISHED = 12
_SATURDAY = 5

Span = tuple[datetime, datetime]
Spans = tuple[Span, ...]


@dataclass(frozen=True)
class SpecialDay:
    """A day that differs from its weekday: a holiday, or a Saturday or Sunday that is worked (调休)."""

    day: date
    is_working: bool
    name: str = ""


@dataclass(frozen=True)
class Season:
    """Office hours from `from_date` until the next season begins. Refused when the hours are not in order."""

    from_date: date
    morning_start: time = time(8, 30)
    morning_end: time = time(12, 0)
    afternoon_start: time = time(13, 30)
    afternoon_end: time = time(17, 30)

    def __post_init__(self) -> None:
        in_order = self.morning_start < self.morning_end <= self.afternoon_start < self.afternoon_end
        if not in_order:
            raise Refused("作息时间须依次为上午上班、上午下班、下午上班、下午下班，请检查。", "hours_not_in_order")

    def on(self, day: date) -> Spans:
        """Morning and afternoon of `day` in these hours."""
        return (
            (_moment(day, self.morning_start), _moment(day, self.morning_end)),
            (_moment(day, self.afternoon_start), _moment(day, self.afternoon_end)),
        )


DEFAULT_HOURS = Season(date.min)


def _moment(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, SHANGHAI)


def is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


@dataclass(frozen=True)
class WorkCalendar:
    """Days and hours as they stood at one version. Without rows: Monday to Friday, 08:30–12:00 and 13:30–17:30."""

    special_days: tuple[SpecialDay, ...] = ()
    seasons: tuple[Season, ...] = ()
    version: int = 0

    @cached_property
    def _special(self) -> dict[date, SpecialDay]:
        return {special.day: special for special in self.special_days}

    @cached_property
    def _seasons_in_order(self) -> list[Season]:
        return sorted(self.seasons, key=lambda season: season.from_date)

    @cached_property
    def _season_starts(self) -> list[date]:
        return [season.from_date for season in self._seasons_in_order]

    # The hours of a day as already computed: a clock asks for the same few days thousands of times in one sweep.
    @cached_property
    def _hours_of(self) -> dict[date, Spans]:
        return {}

    @cached_property
    def _worked_on(self) -> dict[date, Spans]:
        return {}

    def is_working(self, day: date) -> bool:
        """By the rows; a day without a row, and a whole year without rows, goes by its weekday."""
        special = self._special.get(day)
        return special.is_working if special else not is_weekend(day)

    def name_of(self, day: date) -> str:
        """The name of a special day; empty for any other."""
        special = self._special.get(day)
        return special.name if special else ""

    def office_hours(self, day: date) -> Spans:
        """Morning and afternoon in the season of `day`, whether the day is worked or not."""
        if day not in self._hours_of:
            position = bisect_right(self._season_starts, day)
            season = self._seasons_in_order[position - 1] if position else DEFAULT_HOURS
            self._hours_of[day] = season.on(day)
        return self._hours_of[day]

    def spans(self, day: date) -> Spans:
        """When `day` is worked, in order; empty on a day off."""
        worked = self._worked_on.get(day)
        if worked is None:
            worked = self._worked_on[day] = self.office_hours(day) if self.is_working(day) else ()
        return worked

    def closes_at(self, day: date) -> datetime:
        """The close of business in the season of `day`."""
        return self.office_hours(day)[-1][1]

    def nth_working_day(self, day: date, n: int) -> date:
        """The `n`th working day from `day` on, counting `day` when it is one."""
        for candidate in days_from(day):
            n -= self.is_working(candidate)
            if not n:
                return candidate
        raise out_of_range()

    def knows(self, year: int) -> bool:
        """False when `year` has no rows, so that its days go by the weekday alone."""
        return year in self._years

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(special.day.year for special in self.special_days)

    def missing_years(self, day: date) -> tuple[int, ...]:
        """The years whose days off an administrator should have entered by `day` and has not; usually empty.

        That is the year of `day` and, from December on, the next.
        """
        wanted = (day.year, day.year + 1) if day.month >= _NEXT_YEAR_IS_PUBLISHED else (day.year,)
        return tuple(year for year in wanted if not self.knows(year))


def days_from(day: date) -> Iterator[date]:
    """Every day from `day` to the end of the last year that is counted."""
    while day.year <= LAST_YEAR:
        yield day
        day += ONE_DAY


def out_of_range() -> Refused:
    return Refused(f"时间须在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间，请检查日期和时限。", "moment_out_of_range")


WITHOUT_ROWS = WorkCalendar()


def current_calendar() -> WorkCalendar:
    """The calendar as its rows stand now. One query when this process has read that version before, else three."""
    version = CalendarVersion.objects.order_by("pk").first()
    if version is None:
        return WITHOUT_ROWS
    return _read(version.token, version.number)


@lru_cache(maxsize=1)
def _read(token: UUID, number: int) -> WorkCalendar:
    """The rows behind `token`; its one use is to be the key of the cache, which a number alone could not be."""
    days = CalendarDay.objects.order_by("day")
    hours = OfficeHours.objects.order_by("from_date")
    return WorkCalendar(
        special_days=tuple(SpecialDay(row.day, row.is_working, row.name) for row in days),
        seasons=tuple(season_of(row) for row in hours),
        version=number,
    )


def season_of(row: OfficeHours) -> Season:
    return Season(row.from_date, row.morning_start, row.morning_end, row.afternoon_start, row.afternoon_end)
