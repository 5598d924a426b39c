"""The home page: each person's own lists, counts that equal what they open, and nothing of others."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cases.models import Card, Case, StageClock
from cases.services.sweeping import sweep_cases
from conftest import NOW, OTHER_VILLAGE, later
from kernel.models import CalendarDay, CalendarVersion

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def county_at_work(desk) -> None:
    """Something in every list: waiting, climbed, referred, asked for, and the same in the stranger's town."""
    desk.file()
    desk.up(desk.file(), "member")
    desk.up(desk.file(severity="serious"), "member", "area")
    desk.at_county()
    desk.dispatched()
    desk.act(desk.handling(), "ask_return", "water", reason="不属本局", basis="清单")
    desk.act(desk.file(), "ask_void", "member", void_reason="test", reason="误报")
    desk.closing(severity="serious")
    desk.up(desk.file("strangermember", grid=OTHER_VILLAGE), "strangermember")


def sections(page) -> dict[str, int]:
    return {section.box.label: section.count for section in page.context["sections"]}


PEOPLE = ["member", "area", "town", "townhead", "county", "leader", "water", "env", "stranger", "sponsor", "assessor"]


@pytest.mark.parametrize("name", PEOPLE)
def test_every_count_equals_the_list_that_it_opens(cast, county_at_work, name):
    with time_machine.travel(later(days=3), tick=False):
        sweep_cases(later(days=3))
        client = cast.client(name)
        page = client.get("/")
        for tile in page.context["tiles"]:
            assert (tile.label, tile.value) == (tile.label, client.get(tile.url).context["list"].page.paginator.count)


def test_each_person_has_their_own_lists(cast, county_at_work):
    found = {name: sections(cast.client(name).get("/")) for name in ("member", "area", "county", "water", "env")}
    assert found == {
        "member": {"我的待办": 2, "我转出去的": 6},
        "area": {"我的待办": 1, "上来的": 1, "我转出去的": 5},
        "county": {"我的待办": 1, "待我审批的申请": 1, "上来的": 1, "我转出去的": 3},
        "water": {"我的待办": 2},
        "env": {"我的待办": 0, "协办待反馈": 2},
    }


def test_a_stranger_gets_no_row_and_no_number_of_another_town(cast, desk):
    desk.file()
    desk.at_county()
    page = cast.client("stranger").get("/")
    assert sections(page) == {"我的待办": 0}
    assert [tile.value for tile in page.context["tiles"]] == [0] * len(page.context["tiles"])
    assert "WT-" not in page.content.decode()


def test_a_section_shows_eight_rows_and_the_way_to_all(cast, desk):
    for _ in range(9):
        desk.file()
    page = cast.client("member").get("/")
    assert len(page.context["sections"][0].rows) == 8
    assert '<a href="/cases/?box=todo">全部 9 件</a>' in page.content.decode()


def test_what_was_sent_on_and_came_back_is_a_to_do_again(cast, desk):
    case = desk.act(desk.dispatched(), "ask_return", "water", reason="不属本局", basis="清单")
    assert sections(cast.client("county").get("/"))["我转出去的"] == 1
    desk.act(case, "approve_return", "county")
    assert sections(cast.client("county").get("/")) == {"我的待办": 1}


# --- two minutes --------------------------------------------------------------------------------------------------


def red_card(case: Case, at=NOW) -> None:
    clock = StageClock.objects.filter(case=case).first()
    Card.objects.create(
        case=case, clock=clock, colour="red", stage="S1", grid=case.grid, due_at=clock.due_at, issued_at=at
    )


def test_a_leader_sees_the_red_cards_of_the_month_by_town(cast, desk):
    for case in (desk.file(), desk.file(), desk.file("strangermember", grid=OTHER_VILLAGE)):
        red_card(case)
    red_card(desk.file(), at=NOW.replace(month=10))
    client = cast.client("leader")
    briefing = client.get("/").context["briefing"]
    assert [(town.name, town.count, town.share) for town in briefing.towns] == [("仲村镇", 2, 100), ("武台镇", 1, 50)]
    assert briefing.total == client.get(briefing.url).context["list"].page.paginator.count == 3
    for town in briefing.towns:
        assert client.get(town.url).context["list"].page.paginator.count == town.count


@pytest.mark.parametrize("name", ["town", "townhead", "stranger", "member", "water", "assessor"])
def test_a_briefing_is_for_those_who_answer_for_the_county(cast, desk, name):
    red_card(desk.file())
    assert cast.client(name).get("/").context["briefing"] is None


# --- people without cases -----------------------------------------------------------------------------------------

ERRANDS = [
    ("admin", ["/people/", "/posts/", "/grids/", "/admin/"]),
    ("audit", ["/audit/"]),
    ("clerk", ["/grids/"]),
]


@pytest.mark.parametrize(("name", "addresses"), ERRANDS)
def test_people_who_see_no_cases_are_told_what_they_do_here(cast, desk, name, addresses):
    desk.file()
    page = cast.client(name).get("/")
    assert [errand.url for errand in page.context["errands"]] == addresses
    assert "WT-" not in page.content.decode()


def test_somebody_without_a_post_is_told_so(cast, client):
    client.force_login(User.objects.create(username="new", name="新来的"), backend="accounts.backends.PersonBackend")
    assert "您现在没有任职，看不到业务数据。" in client.get("/").content.decode()


def test_an_assessor_is_led_to_the_register(cast):
    assert "您的岗位查看办件，不办理办件。" in cast.client("assessor").get("/").content.decode()


def test_a_visitor_is_sent_to_sign_in(client):
    assert client.get("/")["Location"] == "/login/?next=/"


# --- the calendar -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["admin", "county"])
def test_whoever_keeps_the_calendar_is_told_of_years_without_holidays(cast, name):
    assert "日历里还没有 2026 年的节假日" in cast.client(name).get("/").content.decode()
    CalendarDay.objects.create(day=date(2026, 10, 1), is_working=False, name="国庆节", source="通知")
    CalendarVersion.objects.all().delete()
    CalendarVersion.objects.create()
    assert "日历里还没有" not in cast.client(name).get("/").content.decode()


def test_nobody_else_is_bothered_with_the_calendar(cast):
    assert "日历里还没有" not in cast.client("town").get("/").content.decode()


# --- cost ---------------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_rows(cast, desk):
    client = cast.client("area")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/").status_code == 200
        return len(seen)

    for _ in range(3):
        desk.up(desk.file(), "member")
    client.get("/")
    few = queries()
    for _ in range(27):
        desk.up(desk.file(), "member")
    assert queries() == few
    assert few <= 30
