"""The working calendar under /admin/: every change through its services, with a new version and a trace."""

from datetime import date, time

import pytest

from kernel.models import AuditEntry, CalendarDay, CalendarVersion, OfficeHours

DAYS, HOURS = "/admin/kernel/calendarday/", "/admin/kernel/officehours/"
HOLIDAY = {"day": "2027-10-01", "name": "国庆节", "source": "国办发明电〔2026〕1号"}
SUMMER = {
    "from_date": "2027-05-01",
    "morning_start": "08:00",
    "morning_end": "12:00",
    "afternoon_start": "14:30",
    "afternoon_end": "18:00",
    "source": "县政府办通知",
}


@pytest.fixture
def admin(cast):
    return cast.client("admin")


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("sequence").values_list("verb", flat=True))


def test_a_holiday_is_entered_changed_and_removed_with_a_trace_and_a_version_each(admin):
    before = CalendarVersion.objects.get().number if CalendarVersion.objects.exists() else 0
    assert admin.post(f"{DAYS}add/", HOLIDAY).url == DAYS
    row = CalendarDay.objects.get(day=date(2027, 10, 1))
    assert (row.is_working, row.name) == (False, "国庆节")
    admin.post(f"{DAYS}{row.pk}/change/", HOLIDAY | {"name": "国庆节、中秋节"})
    assert CalendarDay.objects.get(day=date(2027, 10, 1)).name == "国庆节、中秋节"
    admin.post(f"{DAYS}{row.pk}/delete/", {"post": "yes"})
    assert not CalendarDay.objects.filter(day=date(2027, 10, 1)).exists()
    assert verbs()[-3:] == ["calendar.set_day", "calendar.set_day", "calendar.remove_day"]
    assert CalendarVersion.objects.get().number == before + 3


def test_the_date_of_a_day_that_is_there_stays(admin):
    admin.post(f"{DAYS}add/", HOLIDAY)
    row = CalendarDay.objects.get(day=date(2027, 10, 1))
    admin.post(f"{DAYS}{row.pk}/change/", HOLIDAY | {"day": "2027-10-04"})
    assert list(CalendarDay.objects.filter(day__year=2027).values_list("day", flat=True)) == [date(2027, 10, 1)]


def test_a_day_that_is_so_by_its_weekday_is_refused_with_the_sentence(admin):
    answer = admin.post(f"{DAYS}add/", HOLIDAY | {"day": "2027-10-02"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["2027-10-02 按星期本来就休息，无需设置。"]
    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_several_days_are_removed_by_the_service_too(admin):
    for day in ("2027-10-01", "2027-10-04"):
        admin.post(f"{DAYS}add/", HOLIDAY | {"day": day})
    chosen = list(CalendarDay.objects.filter(day__year=2027).values_list("pk", flat=True))
    admin.post(DAYS, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert not CalendarDay.objects.filter(day__year=2027).exists()
    assert verbs()[-2:] == ["calendar.remove_day"] * 2


def test_office_hours_of_a_season_are_entered_changed_and_removed(admin):
    admin.post(f"{HOURS}add/", SUMMER)
    row = OfficeHours.objects.get(from_date=date(2027, 5, 1))
    admin.post(f"{HOURS}{row.pk}/change/", SUMMER | {"afternoon_end": "18:30"})
    assert OfficeHours.objects.get(from_date=date(2027, 5, 1)).afternoon_end == time(18, 30)
    admin.post(f"{HOURS}{row.pk}/delete/", {"post": "yes"})
    assert verbs()[-3:] == ["calendar.set_office_hours", "calendar.set_office_hours", "calendar.remove_office_hours"]


def test_office_hours_out_of_order_are_refused_on_the_form(admin):
    answer = admin.post(f"{HOURS}add/", SUMMER | {"morning_end": "07:00"})
    assert "作息时间须依次为上午上班、上午下班、下午上班、下午下班" in answer.content.decode()
    assert not OfficeHours.objects.filter(from_date=date(2027, 5, 1)).exists()


@pytest.mark.parametrize("address", [DAYS, f"{DAYS}add/", HOURS, f"{HOURS}add/"])
def test_the_pages_open_for_those_who_keep_the_calendar_and_for_nobody_else(cast, address):
    opened = [name for name in cast.users if cast.client(name).get(address).status_code == 200]
    assert opened == ["admin", "county", "county2"]
