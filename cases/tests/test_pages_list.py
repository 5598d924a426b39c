"""The register: who sees which rows and counts, how it is narrowed, and what it costs."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Card, Case, StageClock
from conftest import COUNTY, FAR_VILLAGE, NEXT_VILLAGE, NOW, OTHER_VILLAGE, TOWN, VILLAGE, later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def numbers(page) -> list[str]:
    """The numbers of the rows, in their order."""
    return [row.number for row in page.context["list"].rows]


def tabs(page) -> dict[str, int]:
    return {tab.label: tab.count for tab in page.context["list"].tabs}


def queries_of(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_list_shows_the_newest_first_with_counts_by_state(cast, desk):
    first, second = desk.file(), desk.file(at=later(minutes=1))
    third = desk.self_handling(at=later(minutes=2))
    page = cast.client("area").get("/cases/")
    assert numbers(page) == [third.number, second.number, first.number]
    assert tabs(page) == {"全部": 3, "待研判": 2, "自处置中": 1}


def test_a_stranger_gets_no_row_and_no_count_of_another_town(cast, desk):
    case = desk.file()
    own = desk.file("strangermember", grid=OTHER_VILLAGE, title="武台的事")
    for query in ("", "?box=todo", f"?grid={TOWN}", "?q=村东", f"?q={case.number}", "?state=triage", "?red_in=2026-11"):
        page = cast.client("stranger").get(f"/cases/{query}")
        assert case.number not in page.content.decode().replace(query[3:], "")
        assert set(numbers(page)) <= {own.number}
        assert tabs(page)["全部"] == len(numbers(page))


def test_a_place_outside_ones_village_is_not_listed(cast, desk):
    desk.register(grid=FAR_VILLAGE, origin="supervision")
    assert numbers(cast.client("member").get("/cases/")) == []


def test_a_stranger_cannot_narrow_by_a_grid_that_is_not_theirs(cast, desk):
    page = cast.client("stranger").get(f"/cases/?grid={TOWN}")
    assert "没有这样的网格，已忽略此项" in page.content.decode()
    assert "仲村镇" not in page.content.decode()


FILTERS = [
    ("?state=triage", 2),
    ("?state=self_handling", 1),
    ("?severity=serious", 1),
    ("?category=W01", 1),
    (f"?grid={COUNTY}", 3),
    (f"?grid={NEXT_VILLAGE}", 1),
    ("?origin=report", 3),
    ("?origin=alarm", 0),
    ("?line=env", 3),
    ("?line=safety", 0),
    ("?overdue=1", 0),
    ("?card=red", 0),
    ("?q=粪污", 1),
    ("?q=河坝", 1),
    ("?q=wt-20261123-0002", 1),
    ("?q=没有这样的", 0),
    ("?reported_from=2026-11-23&reported_to=2026-11-23", 3),
    ("?reported_from=2026-11-24", 0),
    ("?reported_to=2026-11-22", 0),
    ("?severity=serious&category=A05", 0),
]


@pytest.mark.parametrize(("query", "count"), FILTERS)
def test_filters_narrow_rows_and_counts_alike(cast, desk, query, count):
    desk.file(title="沟渠有粪污", category="W01", severity="serious")
    desk.file("member2", grid=NEXT_VILLAGE, place="河坝东")
    desk.self_handling()
    page = cast.client("county").get(f"/cases/{query}")
    assert len(numbers(page)) == count
    assert page.context["list"].page.paginator.count == count


BAD_VALUES = [
    "state=nonsense", "severity=-1", "grid=999", "origin=x", "line=x", "overdue=maybe", "card=green",
    "box=everything", "order=sideways", "page=0", "page=x", "page=99999999999999999999", "reported_from=yesterday",
    "reported_from=0001-01-01", "reported_to=9999-12-31", "red_in=2026-13", "red_in=x", "q=" + "长" * 500,
    "q=%25_%5C'%22", "state=triage&state=closed", "unknown=1",
]  # fmt: skip


@pytest.mark.parametrize("query", BAD_VALUES)
def test_values_that_make_no_sense_are_left_out(cast, desk, query):
    case = desk.file()
    page = cast.client("county").get(f"/cases/?{query}")
    assert page.status_code == 200
    assert set(numbers(page)) <= {case.number}


def test_a_value_that_was_left_out_is_told(cast, desk):
    desk.file()
    page = cast.client("county").get("/cases/?severity=terrible&reported_from=soon")
    words = page.content.decode()
    assert "没有这样的严重程度，已忽略此项" in words
    assert "日期应如 2026-11-23，已忽略此项" in words
    assert len(numbers(page)) == 1


@pytest.mark.parametrize("query", ["reported_from=0001-01-01", "reported_to=9999-12-31"])
def test_the_api_refuses_days_that_no_database_computes_with(cast, desk, query):
    answer = cast.client("county").get(f"/api/v1/cases/?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [query.partition("=")[0]])


def test_each_box_holds_what_its_name_says(cast, desk):
    mine, climbed = desk.file(), desk.up(desk.file(), "member")
    co = desk.dispatched()
    asked = desk.act(desk.file(), "ask_void", "member", void_reason="test", reason="误报")
    assert numbers(cast.client("member").get("/cases/?box=todo")) == [mine.number, asked.number]
    assert numbers(cast.client("area").get("/cases/?box=climbed")) == [climbed.number]
    assert numbers(cast.client("town").get("/cases/?box=requests")) == [asked.number]
    assert numbers(cast.client("env").get("/cases/?box=co")) == [co.number]
    assert numbers(cast.client("member").get("/cases/?box=sent")) == [climbed.number, co.number]
    assert numbers(cast.client("water").get("/cases/?box=todo")) == [co.number]


def test_what_waits_is_read_by_its_due_time(cast, desk):
    ordinary = desk.up(desk.file(), "member")
    urgent_by_time = desk.up(desk.file(severity="serious"), "member")
    client = cast.client("area")
    assert numbers(client.get("/cases/?box=todo")) == [urgent_by_time.number, ordinary.number]
    assert numbers(client.get("/cases/?box=todo&order=newest")) == [urgent_by_time.number, ordinary.number]
    assert numbers(client.get("/cases/?order=due")) == [urgent_by_time.number, ordinary.number]


def test_red_cards_of_a_month_are_found_by_the_day_of_issue(cast, desk):
    case = desk.file()
    clock = StageClock.objects.get(case=case)
    Card.objects.create(
        case=case, clock=clock, colour="red", stage="S1", grid=cast.grids[VILLAGE], due_at=NOW, issued_at=NOW
    )
    client = cast.client("county")
    assert numbers(client.get("/cases/?red_in=2026-11")) == [case.number]
    assert numbers(client.get("/cases/?red_in=2026-10")) == []
    Card.objects.update(withdrawn_at=NOW)
    assert numbers(client.get("/cases/?red_in=2026-11")) == []


def test_pages_of_fifty_keep_the_filters_in_their_address(cast, desk):
    case = desk.file()
    _copies(case, 60)
    client = cast.client("county")
    first = client.get("/cases/?severity=ordinary")
    assert len(numbers(first)) == 50
    assert "?severity=ordinary&amp;page=2" in first.content.decode()
    second = client.get("/cases/?severity=ordinary&page=2")
    assert len(numbers(second)) == 11
    assert set(numbers(first)).isdisjoint(numbers(second))
    assert numbers(client.get("/cases/?page=7")) == numbers(client.get("/cases/?page=2"))


def test_tabs_lead_to_the_same_list_in_another_state(cast, desk):
    desk.file()
    page = cast.client("county").get("/cases/?severity=ordinary&q=&page=3&state=closed")
    addresses = {tab.label: tab.url for tab in page.context["list"].tabs}
    assert addresses == {
        "全部": "?severity=ordinary",
        "待研判": "?severity=ordinary&state=triage",
        "已办结": "?severity=ordinary&state=closed",
    }


def test_an_empty_list_says_what_that_means(cast, reference):
    client = cast.client("county")
    assert "还没有办件。" in client.get("/cases/").content.decode()
    assert "没有等您办理的办件。" in client.get("/cases/?box=todo").content.decode()
    assert "没有符合条件的办件。" in client.get("/cases/?severity=major").content.decode()


def test_a_row_tells_the_limit_and_what_is_left(cast, desk):
    desk.file(severity="serious")
    words = cast.client("member").get("/cases/").content.decode()
    assert "研判 剩 4 个工作时" in words
    assert "2026-11-23 14:30</time> 前" in words


def test_a_late_row_says_so_in_a_word(cast, desk):
    desk.file(severity="serious")
    with time_machine.travel(later(days=1), tick=False):
        words = cast.client("member").get("/cases/").content.decode()
    assert re.search(r'<span class="clock clock-overdue">.*研判 超期 \d', words)


@pytest.mark.parametrize("name", ["admin", "audit", "clerk"])
def test_posts_that_see_no_cases_have_no_list(cast, name):
    assert cast.client(name).get("/cases/").status_code == 403


def test_a_visitor_is_sent_to_sign_in(cast, client):
    answer = client.get("/cases/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/cases/")


@pytest.mark.parametrize("query", ["", "?box=todo", f"?grid={TOWN}&state=triage&q=村"])
def test_queries_do_not_grow_with_rows(cast, desk, query):
    case = desk.up(desk.file(), "member", "area")
    client = cast.client("town")
    _copies(case, 2)
    few = queries_of(client, f"/cases/{query}")
    _copies(case, 27)
    assert len(numbers(client.get(f"/cases/{query}"))) == 30
    assert queries_of(client, f"/cases/{query}") == few
    assert few <= 13


def _copies(case: Case, count: int) -> None:
    """More rows like `case`, each with its running clock: a list cares only for what it shows."""
    clock = StageClock.objects.running().get(case=case)
    last = Case.objects.count()
    for number in range(last, last + count):
        copy = Case.objects.get(pk=case.pk)
        copy.pk, copy.number = None, f"WT-20261123-{number + 1000}"
        copy.save(force_insert=True)
        clock.pk, clock.case = None, copy
        clock.save(force_insert=True)
