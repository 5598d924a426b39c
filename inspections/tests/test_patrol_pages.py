"""Who sees which rounds: on the page and through the API."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from conftest import FAR_VILLAGE, NOW, OTHER_VILLAGE, TODAY, TOWN, VILLAGE
from grids.scope import scope_for
from inspections.models import Patrol

PAGE, API = "/patrols/", "/api/v1/patrols/"


@pytest.fixture
def rounds(walk):
    """Two of the member on two days, one in the second area, one in the next town."""
    return {
        "first": walk.patrol(at=NOW - timedelta(days=2), note="第一天"),
        "second": walk.patrol(note="第二天"),
        "area2": walk.patrol("area2", grid=FAR_VILLAGE),
        "stranger": walk.patrol("strangermember", grid=OTHER_VILLAGE),
    }


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("county", {"first", "second", "area2", "stranger"}),
        ("leader", {"first", "second", "area2", "stranger"}),
        ("assessor", {"first", "second", "area2", "stranger"}),
        ("town", {"first", "second", "area2"}),
        ("area", {"first", "second"}),
        ("member", {"first", "second"}),
        ("sponsor", {"first", "second"}),
        ("area2", {"area2"}),
        ("stranger", {"stranger"}),
        ("water", set()),
        ("admin", set()),
        ("audit", set()),
        ("clerk", set()),
    ],
)
def test_who_sees_which_rounds(cast, rounds, name, seen):
    visible = set(Patrol.objects.visible_to(cast.scope(name)))
    assert visible == {rounds[key] for key in seen}


def test_without_a_post_ones_own_rounds_are_not_seen_either(cast, rounds):
    assert list(Patrol.objects.visible_to(scope_for(cast.member, date(2019, 1, 1)))) == []


def notes(answer) -> list[str]:
    return [patrol.note for patrol in answer.context["page"]]


def test_the_page_counts_what_it_lists(cast, rounds):
    answer = cast.client("town").get(PAGE)
    assert answer.context["totals"] == {"patrols": 3, "members": 2, "grids": 2}
    assert answer.context["page"].paginator.count == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"first": "2026-11-22"}, ["第二天"]),
        ({"last": "2026-11-21"}, ["第一天"]),
        ({"first": "2026-11-21", "last": "2026-11-23"}, ["第二天", "第一天"]),
        ({"grid": "甲一村"}, ["第二天", "第一天"]),
        ({"grid": OTHER_VILLAGE}, []),
        ({"member": "甲一村"}, ["第二天", "第一天"]),
        ({"member": "没有此人"}, []),
        ({"first": "2026-11-23", "last": "2026-11-21"}, []),
        ({"first": "不是日期"}, []),
    ],
)
def test_the_filters_of_the_page(cast, rounds, query, expected):
    assert notes(cast.client("member").get(PAGE, query)) == expected


def test_an_empty_list_says_so(cast):
    answer = cast.client("member").get(PAGE)
    assert answer.status_code == 200
    assert "没有符合条件的巡查记录。" in answer.content.decode()


def test_the_stranger_learns_nothing_of_the_next_town(cast, rounds):
    text = cast.client("stranger").get(PAGE).content.decode()
    assert "仲村" not in text
    assert "共 1 次巡查，1 人，1 个网格。" in text
    assert cast.client("stranger").get(PAGE, {"grid": TOWN}).context["totals"]["patrols"] == 0


def test_who_reads_records_without_names_gets_none(cast, rounds):
    answer = cast.client("assessor").get(PAGE, {"member": "甲一村网格员"})
    assert answer.context["totals"]["patrols"] == 4
    assert "网格员</td>" not in answer.content.decode()
    assert [row["member"] for row in cast.client("assessor").get(API).json()["results"]] == [None] * 4


def test_a_round_at_midnight_belongs_to_its_local_day(cast, walk):
    walk.patrol(at=NOW.replace(hour=0, minute=50), note="零点三十开始", minutes=20)
    page = cast.client("member").get(PAGE, {"first": str(TODAY), "last": str(TODAY)})
    assert notes(page) == ["零点三十开始"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_many_queries_for_one_row_as_for_three(cast, walk, django_assert_max_num_queries, rows):
    for _ in range(rows):
        walk.patrol()
    client = cast.client("town")
    with django_assert_max_num_queries(14):
        client.get(PAGE)


# --- the API ------------------------------------------------------------------------------------------------------


def body(**values) -> dict:
    return {
        "client_id": str(uuid.uuid4()),
        "grid": VILLAGE,
        "task": None,
        "started_at": "2025-06-03T08:00:00+08:00",
        "ended_at": "2025-06-03T08:40:00+08:00",
        "location": {"lon": 117.61, "lat": 35.58, "coord_sys": "wgs84"},
        "note": "未见异常",
        **values,
    }


def matter(**values) -> dict:
    return {"client_id": str(uuid.uuid4()), "category": "A05", "no_photo_reason": "雨大", **values}


def send(cast, content: dict, name: str = "member"):
    return cast.client(name).post(API, content, content_type="application/json")


def test_the_api_stores_a_round_once(cast, category):
    content = body(matters=[matter()])
    first, again = send(cast, content), send(cast, content)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    stored = Patrol.objects.get()
    assert first.json() == {
        "client_id": content["client_id"],
        "grid": {"code": VILLAGE, "name": "仲村甲一村"},
        "source": None,
        "task": None,
        "line": "env",
        "member": "甲一村网格员",
        "started_at": "2025-06-03T08:00:00+08:00",
        "ended_at": "2025-06-03T08:40:00+08:00",
        "received_at": first.json()["received_at"],
        "location": {"lon": 117.61, "lat": 35.58, "coord_sys": "wgs84"},
        "note": "未见异常",
        "cases": [stored.cases.get().number],
    }
    assert stored.cases.get().origin == "patrol"


def test_the_api_refuses_other_content_under_the_same_number(cast):
    content = body()
    send(cast, content)
    answer = send(cast, {**content, "note": "改过"})
    assert (answer.status_code, answer.json()["code"]) == (409, "different_content")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"task": 7}, "task"),
        ({"photos": [{"client_id": str(uuid.uuid4())}]}, "photos"),
        ({"answers": {"1": "是"}}, "answers"),
        ({"started_at": "2025-06-03T08:00:00"}, "started_at"),
        ({"grid": OTHER_VILLAGE}, "grid"),
        ({"matters": [{"category": "没有", "no_photo_reason": "雨大"}]}, "matters.0.category"),
        ({"matters": [{}]}, "matters.0.category"),
    ],
)
def test_the_api_says_by_field_what_is_wrong(cast, category, values, field):
    answer = send(cast, body(**values))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert Patrol.objects.count() == 0


def test_the_api_lists_what_the_page_lists(cast, rounds):
    results = cast.client("town").get(API, {"grid": TOWN}).json()["results"]
    assert [row["note"] for row in results] == ["", "第二天", "第一天"]
    assert cast.client("stranger").get(API, {"grid": TOWN}).json()["results"] == []
    late = cast.client("member").get(API, {"started_from": "2026-11-22"}).json()["results"]
    assert [row["note"] for row in late] == ["第二天"]


def test_without_sign_in_nothing_is_listed(client, rounds):
    assert client.get(API).status_code in (401, 403)
    assert client.get(PAGE).status_code == 302
