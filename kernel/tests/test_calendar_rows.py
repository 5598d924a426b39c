"""The calendar as rows: reading them once per version, and changing them with a trace."""

import time as wall
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import pytest
from django.core.management import call_command
from django.db import transaction

from kernel.calendar import WITHOUT_ROWS, Season, current_calendar, is_weekend
from kernel.models import AuditEntry, CalendarDay, CalendarVersion, OfficeHours
from kernel.refusal import Refused
from kernel.services.calendar import remove_day, remove_office_hours, seed_holidays, set_day, set_office_hours
from kernel.tests.calendars import PUBLISHED, SUMMER
from tests.processes import BACKENDS, scratch_database

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
THURSDAY, SATURDAY = date(2027, 10, 7), date(2027, 10, 9)


@dataclass(frozen=True)
class Clerk:
    user_id: int | None = None
    name: str = "系统管理员"
    address: str = "10.0.0.8"


BY = {"by": Clerk(), "at": AT}


def make_holiday(day: date = THURSDAY, name: str = "国庆节") -> CalendarDay:
    return set_day(day=day, is_working=False, name=name, source="国办发明电〔2026〕7号", **BY)


def acts() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("sequence").values_list("verb", "subject"))


# --- reading ------------------------------------------------------------------------------------------------------


def test_an_empty_database_has_the_calendar_without_rows(db):
    assert current_calendar() is WITHOUT_ROWS


def test_rows_become_a_calendar(db):
    make_holiday()
    set_office_hours(season=SUMMER, source="县政府办通知", **BY)
    calendar = current_calendar()
    assert (calendar.is_working(THURSDAY), calendar.name_of(THURSDAY)) == (False, "国庆节")
    assert (calendar.seasons, calendar.version) == ((SUMMER,), 2)


def test_a_calendar_that_was_read_costs_one_query(db, django_assert_num_queries):
    make_holiday()
    calendar = current_calendar()
    with django_assert_num_queries(1):
        assert current_calendar() is calendar


def test_a_change_is_seen_at_once(db):
    make_holiday()
    assert not current_calendar().is_working(THURSDAY)
    remove_day(day=THURSDAY, **BY)
    assert current_calendar().is_working(THURSDAY)


def test_a_change_that_was_rolled_back_is_forgotten_though_its_number_comes_again(db):
    seed_holidays(**BY)
    with suppress(ZeroDivisionError), transaction.atomic():
        make_holiday(THURSDAY)
        assert (current_calendar().version, current_calendar().is_working(THURSDAY)) == (2, False)
        raise ZeroDivisionError
    assert (current_calendar().version, current_calendar().is_working(THURSDAY)) == (1, True)
    set_day(day=SATURDAY, is_working=True, name="国庆节", source="通知", **BY)
    calendar = current_calendar()
    assert (calendar.version, calendar.is_working(THURSDAY), calendar.is_working(SATURDAY)) == (2, True, True)


def change_or_watch(index: int) -> list[int]:
    """Processes 0 and 1 set ten days each; 2 has read the calendar before and looks until it sees all twenty."""
    if index < 2:
        for number in range(1, 11):
            day = date(2027, 3 + index, number)
            set_day(day=day, is_working=is_weekend(day), name="调休", source="通知", **BY)
    until = wall.monotonic() + 20
    while current_calendar().version < 20 and wall.monotonic() < until:
        wall.sleep(0.02)
    calendar = current_calendar()
    return [calendar.version, len(calendar.special_days), AuditEntry.objects.count()]


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_each_change_raises_the_version_and_every_process_sees_it(backend):
    with scratch_database(backend) as database:
        assert database.run_together(change_or_watch, count=3) == [[20, 20, 20]] * 3


# --- seeding ------------------------------------------------------------------------------------------------------


def test_seeding_enters_the_published_days_once(db):
    entered = seed_holidays(**BY)
    assert entered == CalendarDay.objects.count() == len(PUBLISHED.special_days)
    assert current_calendar().special_days == PUBLISHED.special_days
    assert seed_holidays(**BY) == 0
    assert (current_calendar().version, acts()) == (1, [("calendar.seed", "calendar")])


def test_seeding_names_national_day_2026_and_its_saturday_in_chinese(db):
    seed_holidays(**BY)
    rows = CalendarDay.objects.filter(day__gte=date(2026, 9, 19), day__lte=date(2026, 10, 31))
    assert [str(row) for row in rows.order_by("day")] == [
        "2026-09-20 上班 国庆节",
        "2026-09-25 放假 中秋",
        "2026-10-01 放假 国庆节",
        "2026-10-02 放假 国庆节",
        "2026-10-05 放假 国庆节",
        "2026-10-06 放假 国庆节",
        "2026-10-07 放假 国庆节",
        "2026-10-10 上班 国庆节",
    ]


def test_seeding_leaves_a_year_alone_that_has_a_row(db):
    make_holiday(date(2026, 11, 25), "县庆")
    seed_holidays(**BY)
    assert [row.name for row in CalendarDay.objects.filter(day__year=2026)] == ["县庆"]
    assert {day.year for day in CalendarDay.objects.values_list("day", flat=True)} == set(range(2016, 2027))


def test_seeding_does_not_bring_back_what_was_removed(db):
    seed_holidays(**BY)
    remove_day(day=date(2026, 10, 10), **BY)
    seed_holidays(**BY)
    assert not current_calendar().is_working(date(2026, 10, 10))


def test_the_command_says_how_many_days_it_entered(db, capsys):
    call_command("seed_calendar", "--json")
    call_command("seed_calendar")
    assert capsys.readouterr().out.splitlines() == [
        f'{{"entered": {len(PUBLISHED.special_days)}}}',
        "新增 0 天。",
    ]


# --- days ---------------------------------------------------------------------------------------------------------


def test_a_day_set_again_takes_the_place_of_the_first(db):
    make_holiday(name="国庆")
    row = make_holiday(name="国庆节")
    assert [(row.pk, row.name)] == list(CalendarDay.objects.values_list("pk", "name"))
    assert (CalendarVersion.objects.get().number, AuditEntry.objects.first().details["name_before"]) == (2, "国庆")


def test_a_day_set_just_so_before_changes_nothing(db):
    make_holiday()
    make_holiday()
    assert (CalendarVersion.objects.get().number, acts()) == (1, [("calendar.set_day", "calendar:2027-10-07")])


def test_an_entry_tells_what_was_set_by_whom(db):
    make_holiday()
    entry = AuditEntry.objects.get()
    assert (entry.actor_name, entry.address, entry.at) == ("系统管理员", "10.0.0.8", AT)
    assert entry.details == {
        "is_working": False,
        "name": "国庆节",
        "source": "国办发明电〔2026〕7号",
        "name_before": "",
        "version": 1,
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"is_working": True}, "2027-10-07 按星期本来就上班，无需设置。"),
        ({"day": SATURDAY}, "2027-10-09 按星期本来就休息，无需设置。"),
        ({"name": "  "}, "请填写名称。"),
        ({"name": "节" * 41}, "名称不能超过 40 个字。"),
        ({"source": ""}, "请填写依据。"),
        ({"source": "通" * 100_000}, "依据不能超过 120 个字。"),
        ({"day": date(1999, 12, 31)}, "日期须在 2000 年到 2100 年之间。"),
        ({"day": date(4438, 1, 1)}, "日期须在 2000 年到 2100 年之间。"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(db, given, sentence):
    wanted = {"day": THURSDAY, "is_working": False, "name": "国庆节", "source": "通知"} | given
    with pytest.raises(Refused) as refusal:
        set_day(**wanted, **BY)
    assert refusal.value.sentence == sentence
    assert (CalendarDay.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_a_removed_day_goes_by_its_weekday(db):
    make_holiday()
    remove_day(day=THURSDAY, **BY)
    assert (current_calendar().special_days, current_calendar().version) == ((), 2)
    assert acts()[-1] == ("calendar.remove_day", "calendar:2027-10-07")


def test_removing_a_day_that_was_not_set_is_refused(db):
    with pytest.raises(Refused) as refusal:
        remove_day(day=THURSDAY, **BY)
    assert refusal.value.sentence == "2027-10-07 没有设置过放假或调休，已按星期计算。"


# --- hours --------------------------------------------------------------------------------------------------------


def test_office_hours_of_a_season_can_be_set_and_set_again(db):
    set_office_hours(season=SUMMER, source="县政府办通知", **BY)
    later = Season(SUMMER.from_date, afternoon_start=time(14, 30), afternoon_end=time(18, 30))
    set_office_hours(season=later, source="县政府办通知", **BY)
    set_office_hours(season=later, source="县政府办通知", **BY)
    assert (current_calendar().seasons, current_calendar().version) == ((later,), 2)
    assert acts() == [("calendar.set_office_hours", "office_hours:2026-06-01")] * 2
    assert AuditEntry.objects.first().details["before"] == "自 2026-06-01 08:30–18:00"


def test_removed_office_hours_let_the_season_before_go_on(db):
    set_office_hours(season=SUMMER, source="县政府办通知", **BY)
    remove_office_hours(from_date=SUMMER.from_date, **BY)
    assert current_calendar().seasons == ()
    with pytest.raises(Refused) as refusal:
        remove_office_hours(from_date=SUMMER.from_date, **BY)
    assert refusal.value.sentence == "没有自 2026-06-01 起的作息时间。"


def test_office_hours_without_a_source_are_refused(db):
    with pytest.raises(Refused) as refusal:
        set_office_hours(season=SUMMER, source=" ", **BY)
    assert (refusal.value.sentence, OfficeHours.objects.count()) == ("请填写依据。", 0)
