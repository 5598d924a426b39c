"""The calendar without a database: days, hours and seasons."""

from dataclasses import FrozenInstanceError
from datetime import date, time, timedelta

import chinese_calendar
import pytest

from kernel.calendar import LAST_YEAR, WITHOUT_ROWS, Season, WorkCalendar
from kernel.refusal import Refused
from kernel.tests.calendars import BY_SEASON, PUBLISHED, moment


def test_every_day_since_2016_is_worked_as_the_library_has_it():
    every_day = [date(2016, 1, 1) + timedelta(days=n) for n in range((date(2027, 1, 1) - date(2016, 1, 1)).days)]
    wrong = [day for day in every_day if PUBLISHED.is_working(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


def test_without_rows_monday_to_friday_are_worked_in_the_default_hours():
    week = [date(2027, 10, 4) + timedelta(days=n) for n in range(7)]
    assert [WITHOUT_ROWS.is_working(day) for day in week] == [True] * 5 + [False] * 2
    assert WITHOUT_ROWS.spans(date(2027, 10, 4)) == (
        (moment("2027-10-04 08:30"), moment("2027-10-04 12:00")),
        (moment("2027-10-04 13:30"), moment("2027-10-04 17:30")),
    )
    assert WITHOUT_ROWS.spans(date(2027, 10, 9)) == ()


def test_a_day_off_has_office_hours_that_are_not_worked():
    national_day = date(2026, 10, 1)
    assert PUBLISHED.spans(national_day) == ()
    assert PUBLISHED.closes_at(national_day) == moment("2026-10-01 17:30")
    assert [PUBLISHED.name_of(day) for day in (national_day, date(2026, 10, 8))] == ["国庆节", ""]


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (date(2026, 5, 31), "17:30"),
        (date(2026, 6, 1), "18:00"),
        (date(2026, 9, 30), "18:00"),
        (date(2026, 10, 1), "17:30"),
        (date(2027, 7, 1), "17:30"),
    ],
)
def test_hours_hold_from_the_first_day_of_a_season_until_the_next(day, closes):
    assert f"{BY_SEASON.closes_at(day):%H:%M}" == closes


def test_seasons_may_be_given_in_any_order():
    calendar = WorkCalendar(seasons=tuple(reversed(BY_SEASON.seasons)))
    assert [f"{calendar.closes_at(date(2026, month, 15)):%H:%M}" for month in (5, 7, 11)] == ["17:30", "18:00", "17:30"]


@pytest.mark.parametrize(
    "hours",
    [
        {"morning_start": time(12, 0)},
        {"morning_end": time(14, 0)},
        {"afternoon_start": time(17, 30)},
        {"afternoon_end": time(0, 0)},
    ],
)
def test_hours_out_of_order_are_refused(hours):
    with pytest.raises(Refused) as refusal:
        Season(date(2026, 6, 1), **hours)
    assert refusal.value.sentence == "作息时间须依次为上午上班、上午下班、下午上班、下午下班，请检查。"


def test_the_nth_working_day_counts_the_first_day_when_it_is_one():
    assert PUBLISHED.nth_working_day(date(2026, 9, 30), 1) == date(2026, 9, 30)
    assert PUBLISHED.nth_working_day(date(2026, 10, 1), 1) == date(2026, 10, 8)
    assert PUBLISHED.nth_working_day(date(2026, 10, 1), 3) == date(2026, 10, 10)


def test_no_working_day_is_looked_for_past_the_last_year():
    with pytest.raises(Refused):
        PUBLISHED.nth_working_day(date(LAST_YEAR, 12, 31), 2)


@pytest.mark.parametrize(
    ("day", "missing"),
    [
        (date(2026, 11, 30), ()),
        (date(2026, 12, 1), (2027,)),
        (date(2027, 1, 1), (2027,)),
        (date(2027, 12, 1), (2027, 2028)),
    ],
)
def test_years_without_rows_are_missed_from_december_on(day, missing):
    assert PUBLISHED.missing_years(day) == missing


def test_a_year_is_known_when_it_has_a_row():
    assert [PUBLISHED.knows(year) for year in (2015, 2016, 2026, 2027)] == [False, True, True, False]
    assert not WITHOUT_ROWS.knows(2026)


def test_a_calendar_does_not_change():
    with pytest.raises(FrozenInstanceError):
        PUBLISHED.version = 8
