"""The calendars of the tests of clocks, without a database."""

from dataclasses import replace
from datetime import date, datetime, time

from kernel.calendar import SHANGHAI, Season, SpecialDay, WorkCalendar
from kernel.services.calendar import published_days

PUBLISHED = WorkCalendar(special_days=tuple(published_days()), version=7)
SUMMER = Season(date(2026, 6, 1), afternoon_start=time(14, 0), afternoon_end=time(18, 0))
WINTER = Season(date(2026, 10, 1))
BY_SEASON = replace(PUBLISHED, seasons=(SUMMER, WINTER))


def moment(text: str) -> datetime:
    """`2026-11-20 17:30` in Asia/Shanghai; 24:00 is the midnight that ends the day."""
    day, clock_time = text.split()
    if clock_time == "24:00":
        return datetime.combine(date.fromordinal(date.fromisoformat(day).toordinal() + 1), time.min, SHANGHAI)
    return datetime.fromisoformat(f"{day} {clock_time}").replace(tzinfo=SHANGHAI)


def with_holiday(calendar: WorkCalendar, day: date) -> WorkCalendar:
    """`calendar` with `day` off, whatever it was before."""
    return replace(without(calendar, day), special_days=(*without(calendar, day).special_days, SpecialDay(day, False)))


def without(calendar: WorkCalendar, day: date) -> WorkCalendar:
    """`calendar` with `day` going by its weekday."""
    return replace(calendar, special_days=tuple(special for special in calendar.special_days if special.day != day))
