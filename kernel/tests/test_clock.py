from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from kernel.calendar import SHANGHAI
from kernel.choices import Unit
from kernel.clock import (
    Term,
    due_at,
    explain,
    moment_used,
    remaining,
    resume,
    share_used,
    time_left,
    working_days_after,
)
from kernel.refusal import Refused
from kernel.tests.calendars import BY_SEASON, PUBLISHED, moment

WORKING_DAY, WORKING_HOUR, CALENDAR_DAY = Unit.WORKING_DAY, Unit.WORKING_HOUR, Unit.CALENDAR_DAY


# The vectors of the case workflow, row by row.
@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-02-13 10:00", 2, WORKING_DAY, "2026-02-24 17:30"),
        ("2026-02-13 10:00", 5, WORKING_DAY, "2026-02-27 17:30"),
        ("2026-09-30 10:00", 5, WORKING_DAY, "2026-10-13 17:30"),
        ("2026-11-20 10:00", 5, WORKING_DAY, "2026-11-27 17:30"),
        ("2026-09-18 10:00", 15, CALENDAR_DAY, "2026-10-08 17:30"),
        ("2026-07-31 10:00", 60, CALENDAR_DAY, "2026-09-29 17:30"),
        ("2026-07-31 10:00", 90, CALENDAR_DAY, "2026-10-29 17:30"),
        ("2026-09-30 17:00", 4, WORKING_HOUR, "2026-10-08 12:00"),
        ("2026-11-21 10:00", 1, WORKING_DAY, "2026-11-23 17:30"),
    ],
)
def test_vectors_of_the_case_workflow(start, amount, unit, due):
    assert due_at(moment(start), Term(amount, unit), PUBLISHED) == moment(due)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        # Opened at 17:00 with summer hours until 18:00: one hour today, three tomorrow.
        ("2026-08-03 17:00", "2026-08-04 11:30"),
        ("2026-08-03 16:00", "2026-08-04 10:30"),
        ("2026-08-03 13:00", "2026-08-03 18:00"),
        # The same at 17:00 in winter: half an hour today.
        ("2026-11-23 17:00", "2026-11-24 12:00"),
    ],
)
def test_four_working_hours_follow_the_season(start, due):
    assert due_at(moment(start), Term(4, WORKING_HOUR), BY_SEASON) == moment(due)


def test_a_working_day_ends_at_the_close_of_its_own_season():
    last_of_spring = moment("2026-05-29 10:00")
    assert due_at(last_of_spring, Term(1, WORKING_DAY), BY_SEASON) == moment("2026-06-01 18:00")
    assert due_at(moment("2026-09-30 10:00"), Term(1, WORKING_DAY), BY_SEASON) == moment("2026-10-08 17:30")


@pytest.mark.parametrize("hour", ["00:00", "08:29", "12:30", "17:30", "23:59"])
def test_the_day_of_the_event_never_counts_whatever_the_hour(hour):
    assert due_at(moment(f"2026-11-23 {hour}"), Term(1, WORKING_DAY), PUBLISHED) == moment("2026-11-24 17:30")
    assert due_at(moment(f"2026-11-23 {hour}"), Term(1, CALENDAR_DAY), PUBLISHED) == moment("2026-11-24 17:30")


def test_natural_time_runs_through_nights_and_holidays():
    assert due_at(moment("2026-10-01 23:50"), Term(30, Unit.MINUTE), PUBLISHED) == moment("2026-10-02 00:20")
    assert due_at(moment("2026-10-01 23:00"), Term(48, Unit.HOUR), PUBLISHED) == moment("2026-10-03 23:00")


@pytest.mark.parametrize("unit", Unit)
def test_nothing_of_a_unit_is_at_once(unit):
    sunday = moment("2026-11-22 03:00")
    assert due_at(sunday, Term(0, unit), PUBLISHED) == sunday
    assert explain(sunday, Term(0, unit), PUBLISHED).intervals == ()


def test_any_time_zone_may_go_in_and_shanghai_comes_out():
    in_utc = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # already Saturday in Shanghai
    due = due_at(in_utc, Term(1, WORKING_DAY), PUBLISHED)
    assert (due, due.tzinfo) == (moment("2026-11-23 17:30"), SHANGHAI)
    assert due_at(in_utc, Term(0, WORKING_DAY), PUBLISHED).tzinfo is SHANGHAI


def test_working_days_after_a_due_time_end_at_the_close_of_business():
    assert working_days_after(moment("2026-11-27 12:00"), 1, PUBLISHED) == moment("2026-11-30 17:30")
    assert working_days_after(moment("2026-11-27 12:00"), 3, PUBLISHED) == moment("2026-12-02 17:30")
    assert working_days_after(moment("2026-11-27 12:00"), 0, PUBLISHED) == moment("2026-11-27 12:00")


# --- absurd input -------------------------------------------------------------------------------------------------


def test_a_naive_moment_is_a_bug():
    with pytest.raises(ValueError, match="no time zone"):
        due_at(datetime(2026, 11, 23, 9, 0), Term(1, WORKING_DAY), PUBLISHED)  # noqa: DTZ001 - the bug itself


@pytest.mark.parametrize("amount", [-1, 3651, 10**12])
def test_an_absurd_amount_is_refused(amount):
    with pytest.raises(Refused) as refusal:
        Term(amount, WORKING_DAY)
    assert refusal.value.sentence == "时限须为 0 到 3650 的整数。"


def test_an_unknown_unit_is_refused():
    with pytest.raises(Refused) as refusal:
        Term(1, "fortnight")
    assert refusal.value.code == "unknown_unit"


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize(
    "start",
    [
        datetime(1999, 12, 31, tzinfo=UTC),
        datetime(4438, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime(2100, 12, 31, 20, tzinfo=UTC),
    ],
)
def test_a_moment_out_of_range_is_refused(start, unit):
    with pytest.raises(Refused) as refusal:
        due_at(start, Term(1, unit), PUBLISHED)
    assert refusal.value.sentence == "时间须在 2000 年到 2100 年之间，请检查日期和时限。"


@pytest.mark.parametrize("unit", Unit)
def test_a_term_that_ends_out_of_range_is_refused(unit):
    with pytest.raises(Refused):
        due_at(moment("2100-12-31 17:00"), Term(3650, unit), PUBLISHED)


def test_a_remainder_that_ends_out_of_range_is_refused():
    for days in (9999, -99999):
        with pytest.raises(Refused):
            resume(moment("2099-12-31 17:00"), timedelta(days=days), WORKING_HOUR, PUBLISHED)


def test_the_longest_term_is_counted():
    assert due_at(moment("2026-11-23 09:00"), Term(3650, CALENDAR_DAY), PUBLISHED) == moment("2036-11-20 17:30")
    assert due_at(moment("2026-11-23 09:00"), Term(3650, WORKING_DAY), PUBLISHED) == moment("2040-11-19 17:30")


# --- shares -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "due", "unit", "share", "used_at"),
    [
        # 黄牌: of five working days one is left.
        ("2026-11-20 10:00", "2026-11-27 17:30", WORKING_DAY, 0.8, "2026-11-26 17:30"),
        ("2026-11-20 10:00", "2026-11-27 17:30", WORKING_DAY, Fraction(4, 5), "2026-11-26 17:30"),
        ("2026-11-20 10:00", "2026-11-27 17:30", WORKING_DAY, 0.6, "2026-11-25 17:30"),
        # 提醒: half of five days is in the middle of the third, 3 h 45 min after it opened, lunch left out.
        ("2026-11-20 10:00", "2026-11-27 17:30", WORKING_DAY, 0.5, "2026-11-25 13:45"),
        # Over National Day, with its Saturday that is worked.
        ("2026-09-30 10:00", "2026-10-13 17:30", WORKING_DAY, 0.8, "2026-10-12 17:30"),
        ("2026-09-30 10:00", "2026-10-13 17:30", WORKING_DAY, 0.6, "2026-10-10 17:30"),
        # Extended by hand to ten days: the share is of the new length.
        ("2026-11-20 10:00", "2026-12-04 17:30", WORKING_DAY, 0.8, "2026-12-02 17:30"),
        ("2026-11-23 09:00", "2026-11-23 14:30", WORKING_HOUR, 0.75, "2026-11-23 12:00"),
        # Fifteen calendar days: ten of them are used at the close of the tenth, a Sunday like any other day.
        ("2026-11-05 10:00", "2026-11-20 17:30", CALENDAR_DAY, Fraction(2, 3), "2026-11-15 17:30"),
        ("2026-11-23 09:00", "2026-11-23 09:30", Unit.MINUTE, 0.8, "2026-11-23 09:24"),
        ("2026-11-21 20:00", "2026-11-22 06:00", Unit.HOUR, 0.5, "2026-11-22 01:00"),
        # All of it is used at the due time, even one set by hand for an evening.
        ("2026-11-20 10:00", "2026-11-27 20:00", WORKING_DAY, 1, "2026-11-27 20:00"),
    ],
)
def test_moment_at_which_a_share_is_used(start, due, unit, share, used_at):
    assert moment_used(moment(start), moment(due), unit, share, PUBLISHED) == moment(used_at)


def test_a_due_time_set_by_hand_for_the_same_day_or_a_sunday_is_shared_by_natural_time():
    start, due = moment("2026-11-23 09:00"), moment("2026-11-23 19:00")
    assert moment_used(start, due, WORKING_DAY, 0.5, PUBLISHED) == moment("2026-11-23 14:00")
    assert share_used(start, due, WORKING_DAY, moment("2026-11-23 14:00"), PUBLISHED) == 0.5
    start, due = moment("2026-11-22 08:00"), moment("2026-11-22 18:00")
    assert moment_used(start, due, WORKING_HOUR, 0.8, PUBLISHED) == moment("2026-11-22 16:00")


def test_a_due_time_before_the_start_is_used_up_when_it_comes():
    start, due = moment("2026-11-23 09:00"), moment("2026-11-20 17:30")
    assert moment_used(start, due, WORKING_DAY, 0.5, PUBLISHED) == due
    assert share_used(start, due, WORKING_DAY, due, PUBLISHED) == 1.0


def test_share_used_counts_nothing_on_the_day_of_the_event_and_nothing_over_the_weekend():
    start, due = moment("2026-11-20 10:00"), moment("2026-11-27 17:30")
    at = ["2026-11-20 09:00", "2026-11-20 17:30", "2026-11-22 12:00", "2026-11-23 17:30", "2026-11-27 17:30"]
    assert [share_used(start, due, WORKING_DAY, moment(text), PUBLISHED) for text in at] == [0, 0, 0, 0.2, 1]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_a_bug(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        moment_used(moment("2026-11-20 10:00"), moment("2026-11-27 17:30"), WORKING_DAY, share, PUBLISHED)


# --- what is left -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "due", "unit", "text"),
    [
        ("2026-11-25 14:30", "2026-11-26 17:30", WORKING_DAY, "剩 1 个工作日 3 小时"),
        ("2026-11-20 18:00", "2026-11-27 17:30", WORKING_DAY, "剩 5 个工作日"),
        ("2026-11-20 17:10", "2026-11-27 17:30", WORKING_DAY, "剩 5 个工作日"),
        ("2026-11-27 15:10", "2026-11-27 17:30", WORKING_DAY, "剩 2 小时 20 分钟"),
        ("2026-11-27 17:05", "2026-11-27 17:30", WORKING_DAY, "剩 25 分钟"),
        ("2026-11-27 17:30", "2026-11-27 17:30", WORKING_DAY, "剩不足 1 分钟"),
        ("2026-11-28 10:00", "2026-11-27 17:30", WORKING_DAY, "已超期"),
        ("2026-12-01 17:30", "2026-11-27 17:30", WORKING_DAY, "超期 2 个工作日"),
        ("2026-11-30 09:15", "2026-11-27 17:30", WORKING_DAY, "超期 45 分钟"),
        ("2026-11-23 09:00", "2026-11-24 12:00", WORKING_HOUR, "剩 10 个工作时 30 分钟"),
        ("2026-11-25 09:00", "2026-11-24 12:00", WORKING_HOUR, "超期 4 个工作时 30 分钟"),
        ("2026-09-20 19:00", "2026-10-08 17:30", CALENDAR_DAY, "剩 18 天"),
        ("2026-10-07 10:00", "2026-10-08 17:30", CALENDAR_DAY, "剩 1 天 6 小时"),
        ("2026-10-10 17:30", "2026-10-08 17:30", CALENDAR_DAY, "超期 2 天"),
        ("2026-11-22 23:00", "2026-11-24 01:30", Unit.HOUR, "剩 1 天 2 小时"),
        ("2026-11-22 23:00", "2026-11-22 23:25", Unit.MINUTE, "剩 25 分钟"),
        ("2026-11-22 23:10", "2026-11-22 23:00", Unit.MINUTE, "超期 10 分钟"),
    ],
)
def test_what_is_left_in_words_of_the_clock(at, due, unit, text):
    assert time_left(moment(at), moment(due), unit, PUBLISHED).text == text


def test_what_is_left_in_seconds_that_count():
    due = moment("2026-11-27 17:30")
    left = time_left(moment("2026-11-26 17:00"), due, WORKING_DAY, PUBLISHED)
    assert (left.seconds, left.overdue) == (8 * 3600, False)
    over = time_left(moment("2026-11-30 09:30"), due, WORKING_DAY, PUBLISHED)
    assert (over.seconds, over.overdue) == (-3600, True)


def test_the_due_moment_itself_is_still_in_time():
    due = moment("2026-11-27 17:30")
    assert not time_left(due, due, WORKING_DAY, PUBLISHED).overdue
    assert time_left(due + timedelta(microseconds=1), due, WORKING_DAY, PUBLISHED).overdue


# --- pauses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "unit", "paused", "resumed", "new_due"),
    [
        # Over a weekend nothing was lost: the clock would not have run.
        ("2026-11-27 17:30", WORKING_DAY, "2026-11-20 17:30", "2026-11-23 08:30", "2026-11-27 17:30"),
        # A day's pause adds a day.
        ("2026-11-27 17:30", WORKING_DAY, "2026-11-24 10:00", "2026-11-25 10:00", "2026-11-30 17:30"),
        # Two hours from half an hour before lunch to its end add that half hour, and lunch is stepped over.
        ("2026-11-27 12:00", WORKING_HOUR, "2026-11-26 11:30", "2026-11-26 13:30", "2026-11-27 14:00"),
        # What was due at noon is due at noon, not when the afternoon opens.
        ("2026-11-26 12:00", WORKING_HOUR, "2026-11-25 09:00", "2026-11-26 09:00", "2026-11-27 12:00"),
        ("2026-11-26 12:00", WORKING_HOUR, "2026-11-25 19:00", "2026-11-27 06:00", "2026-11-27 12:00"),
        # Paused when two working days late, resumed two working days late.
        ("2026-11-20 17:30", WORKING_DAY, "2026-11-24 17:30", "2026-12-01 17:30", "2026-11-27 17:30"),
        # Calendar days roll on: a pause of one day leads to a Saturday, a pause of three to the Monday itself.
        ("2026-11-20 17:30", CALENDAR_DAY, "2026-11-10 10:00", "2026-11-11 10:00", "2026-11-23 17:30"),
        ("2026-11-20 17:30", CALENDAR_DAY, "2026-11-10 10:00", "2026-11-13 10:00", "2026-11-23 17:30"),
        ("2026-11-22 01:00", Unit.HOUR, "2026-11-21 23:00", "2026-11-22 02:30", "2026-11-22 04:30"),
    ],
)
def test_a_pause_adds_only_time_that_counts(due, unit, paused, resumed, new_due):
    left = remaining(moment(paused), moment(due), unit, PUBLISHED)
    assert resume(moment(resumed), left, unit, PUBLISHED) == moment(new_due)


def test_a_remainder_keeps_its_length_when_the_season_changes_during_the_pause():
    left = remaining(moment("2026-05-29 14:30"), moment("2026-05-29 17:30"), WORKING_HOUR, BY_SEASON)
    assert left == timedelta(hours=3)
    assert resume(moment("2026-06-01 14:30"), left, WORKING_HOUR, BY_SEASON) == moment("2026-06-01 17:30")


# --- explanations -------------------------------------------------------------------------------------------------


_COUNTED = {True: "计", False: "不计"}


def _told(start: str, amount: int, unit: Unit) -> list[str]:
    told = explain(moment(start), Term(amount, unit), PUBLISHED)
    return [
        f"{interval.start:%m-%d %H:%M}–{interval.end:%m-%d %H:%M} {_COUNTED[interval.counted]} {interval.reason}"
        for interval in told.intervals
    ]


def test_explanation_of_working_hours_over_national_day():
    assert _told("2026-09-30 17:00", 4, WORKING_HOUR) == [
        "09-30 17:00–09-30 17:30 计 工作时间",
        "09-30 17:30–10-01 00:00 不计 下班",
        "10-01 00:00–10-03 00:00 不计 国庆节",
        "10-03 00:00–10-05 00:00 不计 周末",
        "10-05 00:00–10-08 00:00 不计 国庆节",
        "10-08 00:00–10-08 08:30 不计 下班",
        "10-08 08:30–10-08 12:00 计 工作时间",
    ]


def test_explanation_of_working_days_with_a_saturday_that_is_worked():
    assert _told("2026-10-09 15:00", 2, WORKING_DAY) == [
        "10-09 15:00–10-10 00:00 不计 当日不计",
        "10-10 00:00–10-10 08:30 不计 下班",
        "10-10 08:30–10-10 12:00 计 调休上班",
        "10-10 12:00–10-10 13:30 不计 午休",
        "10-10 13:30–10-10 17:30 计 调休上班",
        "10-10 17:30–10-11 00:00 不计 下班",
        "10-11 00:00–10-12 00:00 不计 周末",
        "10-12 00:00–10-12 08:30 不计 下班",
        "10-12 08:30–10-12 12:00 计 工作时间",
        "10-12 12:00–10-12 13:30 不计 午休",
        "10-12 13:30–10-12 17:30 计 工作时间",
    ]


def test_explanation_joins_the_evening_and_the_early_morning():
    assert _told("2026-11-23 17:00", 1, WORKING_HOUR) == [
        "11-23 17:00–11-23 17:30 计 工作时间",
        "11-23 17:30–11-24 08:30 不计 下班",
        "11-24 08:30–11-24 09:00 计 工作时间",
    ]


def test_explanation_of_calendar_days_that_roll_on():
    assert _told("2026-09-18 10:00", 15, CALENDAR_DAY) == [
        "09-18 10:00–09-19 00:00 不计 当日不计",
        "09-19 00:00–10-04 00:00 计 自然日",
        "10-04 00:00–10-08 17:30 不计 末日逢休息日顺延",
    ]


def test_explanation_of_natural_time():
    assert _told("2026-11-22 23:50", 30, Unit.MINUTE) == ["11-22 23:50–11-23 00:20 计 自然时"]


def test_explanation_names_the_calendar_and_the_years_that_were_guessed():
    told = explain(moment("2026-12-30 10:00"), Term(5, WORKING_DAY), PUBLISHED)
    assert (told.calendar_version, told.guessed_years) == (7, (2027,))
    told = explain(moment("2026-11-20 10:00"), Term(5, WORKING_DAY), PUBLISHED)
    assert (told.start, told.term, told.due_at) == (moment("2026-11-20 10:00"), Term(5, WORKING_DAY), told.due_at)
    assert told.guessed_years == ()


def test_a_term_reads_as_the_office_says_it():
    assert [str(Term(n, unit)) for n, unit in [(5, WORKING_DAY), (60, CALENDAR_DAY), (30, Unit.MINUTE)]] == [
        "5 个工作日",
        "60 日",
        "30 分钟",
    ]
