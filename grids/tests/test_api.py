"""The REST door to grids, posts and the ledger."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import AREA, COUNTY, NEXT_VILLAGE, NOW, OTHER_TOWN, OTHER_VILLAGE, SECOND_AREA, TODAY, TOWN, VILLAGE
from grids.models import Grid, Source
from grids.scope import system_scope
from grids.services import (
    GridRow,
    SourceDraft,
    import_tree,
    move_grid,
    register_source,
    rename_grid,
    retire_grid,
    set_boundary,
)

SQUARE = {"type": "Polygon", "coordinates": [[[117, 35], [118, 35], [118, 36], [117, 36], [117, 35]]]}
BY = system_scope(TODAY)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def api(cast):
    def ask(who: str, path: str, body: dict | None = None, **headers):
        client = cast.client(who)
        if body is None:
            return client.get(f"/api/v1/{path}")
        return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    return ask


def codes(answer) -> list[str]:
    return [row["code"] for row in answer.json()["results"]]


def test_a_list_of_grids_says_where_each_stands(api):
    rows = api("town", "grids/?level=3").json()["results"]
    assert rows[0] == {
        "code": VILLAGE,
        "division_code": None,
        "name": "仲村甲一村",
        "kind": "village",
        "kind_label": "村",
        "level": 3,
        "parent": AREA,
        "path": "仲村镇/仲村甲工作区/仲村甲一村",
        "centre": None,
        "is_demo": False,
        "active_from": "2020-01-01",
        "active_to": None,
    }
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("level=1", [TOWN]),
        (f"parent={TOWN}", [AREA, SECOND_AREA]),
        ("kind=town&kind=county", [COUNTY, TOWN]),
        ("level=1&at=2019-12-31", []),
        ("parent=nowhere", []),
        (f"parent={OTHER_TOWN}", []),
    ],
)
def test_grids_are_narrowed_by_level_parent_kind_and_day(api, query, found):
    assert codes(api("town", f"grids/?{query}")) == found


@pytest.mark.parametrize("query", ["level=x", "kind=castle", "at=yesterday", "at=1066-10-14", "page_size=999"])
def test_a_question_that_makes_no_sense_is_answered_422(api, query):
    answer = api("town", f"grids/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_the_tree_of_a_day_gone_by(api, cast):
    rename_grid(grid=cast.grid(AREA), name="改名工作区", day=date(2026, 6, 1), by=BY, at=NOW)
    move_grid(grid=cast.grid(AREA), parent=cast.grid(OTHER_TOWN), day=date(2026, 9, 1), by=BY, at=NOW)

    def then(day: str) -> tuple[str, str, str]:
        row = api("county", f"grids/{AREA}/?at={day}").json()
        return row["name"], row["parent"], row["path"]

    assert then("2026-05-31") == ("仲村甲工作区", TOWN, "仲村镇/仲村甲工作区")
    assert then("2026-08-31") == ("改名工作区", TOWN, "仲村镇/改名工作区")
    assert then("2026-09-01") == ("改名工作区", OTHER_TOWN, "武台镇/改名工作区")
    assert VILLAGE in str(api("county", f"grids/{TOWN}/tree/?at=2026-08-31").json())
    assert VILLAGE not in str(api("county", f"grids/{TOWN}/tree/").json())
    assert codes(api("county", f"grids/?parent={TOWN}&at=2026-08-31")) == [AREA, SECOND_AREA]
    assert codes(api("county", f"grids/?parent={TOWN}")) == [SECOND_AREA]


def test_a_retired_grid_leaves_the_list_and_can_still_be_read(api, cast):
    retire_grid(grid=cast.grid(VILLAGE), day=TODAY, by=BY, at=NOW)
    assert VILLAGE not in codes(api("town", "grids/"))
    assert VILLAGE in codes(api("town", f"grids/?at={TODAY - timedelta(days=1)}"))
    assert api("town", f"grids/{VILLAGE}/").json()["active_to"] == "2026-11-23"


def test_one_grid_with_its_outline(api, cast):
    set_boundary(grid=cast.grid(VILLAGE), geometry=SQUARE, is_schematic=True, by=BY, at=NOW)
    row = api("member", f"grids/{VILLAGE}/").json()
    assert (row["boundary"], row["boundary_is_schematic"]) == (SQUARE, True)


def test_the_tree_below_a_grid(api):
    assert api("member", f"grids/{COUNTY}/tree/").json() == {
        "code": COUNTY,
        "name": "平邑县",
        "kind": "county",
        "level": 0,
        "children": [
            {
                "code": TOWN,
                "name": "仲村镇",
                "kind": "town",
                "level": 1,
                "children": [
                    {
                        "code": AREA,
                        "name": "仲村甲工作区",
                        "kind": "work_area",
                        "level": 2,
                        "children": [
                            {"code": VILLAGE, "name": "仲村甲一村", "kind": "village", "level": 3, "children": []}
                        ],
                    }
                ],
            }
        ],
    }


def test_where_a_point_lies(api, cast):
    set_boundary(grid=cast.grid(VILLAGE), geometry=SQUARE, is_schematic=True, by=BY, at=NOW)
    answer = api("member", "grids/locate/?lon=117.5&lat=35.5")
    assert answer.json() == {
        "grid": {"code": VILLAGE, "name": "仲村甲一村", "path": "仲村镇/仲村甲工作区/仲村甲一村", "level": 3},
        "how": "boundary",
        "how_label": "边界内",
        "distance_m": 0,
    }
    assert api("member", "grids/locate/?lon=118.5&lat=35.5").status_code == 404
    assert api("member", "grids/locate/?lon=117.5&lat=35.5&coord_sys=gcj02").json()["grid"]["code"] == VILLAGE


@pytest.mark.parametrize(
    "query", ["", "lon=117.5", "lon=a&lat=35", "lon=35.5&lat=117.5", "lon=117&lat=35&coord_sys=utm"]
)
def test_what_is_no_point_is_answered_422(api, query):
    assert api("member", f"grids/locate/?{query}").status_code == 422


def test_a_point_in_another_town_is_answered_like_one_outside_the_county(api, cast):
    set_boundary(grid=cast.grid(VILLAGE), geometry=SQUARE, is_schematic=True, by=BY, at=NOW)
    beyond, inside = (api("stranger", f"grids/locate/?lon={lon}&lat=35.5") for lon in (118.5, 117.5))
    assert (inside.status_code, inside.json()) == (beyond.status_code, beyond.json())


def test_posts_of_a_day(api):
    rows = api("town", f"posts/?grid={VILLAGE}").json()["results"]
    assert [(row["name"], row["role"], row["role_label"], row["grid"], row["phone"]) for row in rows] == [
        ("甲一村网格员", "member", "网格员", VILLAGE, "13900000000"),
        ("甲一村支书", "village_head", "村网格长", VILLAGE, "13900000000"),
    ]
    assert api("town", f"posts/?grid={VILLAGE}&at=2019-12-31").json()["results"] == []
    assert [row["name"] for row in api("town", "posts/?role=town_head").json()["results"]] == ["仲村镇长"]
    assert {row["grid"] for row in api("town", f"posts/?below={AREA}").json()["results"]} == {
        AREA,
        VILLAGE,
        NEXT_VILLAGE,
    }


def test_an_assessor_sees_no_phone(api):
    assert {row["phone"] for row in api("assessor", "posts/").json()["results"]} == {"139****0000"}


def test_a_site_is_entered_once_and_read_again(api):
    body = {"name": "鲁兴石材厂", "category": "industry", "grid": VILLAGE, "address": "村东"}
    answer = api("member", "sources/", body, **{"Idempotency-Key": "k1"})
    assert answer.status_code == 201
    assert api("member", "sources/", body, **{"Idempotency-Key": "k1"}).json() == answer.json()
    assert Source.objects.count() == 1
    assert api("member", f"sources/{answer.json()['code']}/").json() == answer.json()
    assert answer.json() == {
        "code": "371326-00001",
        "name": "鲁兴石材厂",
        "category": "industry",
        "supervision_class": "ordinary",
        "grid": VILLAGE,
        "grid_path": "仲村镇/仲村甲工作区/仲村甲一村",
        "address": "村东",
        "uscc": None,
        "location": None,
        "is_active": True,
        "is_demo": False,
    }


def test_a_site_is_changed(api, cast):
    source = register_source(
        draft=SourceDraft(name="某厂", category="industry", grid=cast.grid(VILLAGE)), by=BY, at=NOW
    )
    body = {"name": "某新厂", "category": "fuel", "supervision_class": "key", "grid": VILLAGE}
    answer = cast.client("member").put(f"/api/v1/sources/{source.code}/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["name"], answer.json()["category"]) == (200, "某新厂", "fuel")


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({}, 422, ["category", "name"]),
        ({"name": "厂", "category": "castle", "grid": VILLAGE}, 422, ["category"]),
        ({"name": "厂", "category": "industry"}, 422, ["grid"]),
        ({"name": "厂", "category": "industry", "grid": "nowhere"}, 422, ["grid"]),
        ({"name": "厂", "category": "industry", "grid": OTHER_VILLAGE}, 422, ["grid"]),
        ({"name": "厂" * 100_000, "category": "industry", "grid": VILLAGE}, 422, ["name"]),
        ({"name": "厂\x00", "category": "industry", "grid": VILLAGE}, 422, ["name"]),
        ({"name": "厂", "category": "industry", "location": {"lon": 1, "lat": 1, "coord_sys": "wgs84"}}, 422, None),
        ({"name": "厂", "category": "industry", "grid": COUNTY}, 409, None),
    ],
)
def test_what_cannot_be_entered_says_why(api, body, status, fields):
    answer = api("member", "sources/", body)
    assert answer.status_code == status
    if fields is not None:
        assert sorted(answer.json()["errors"]) == fields
    assert not Source.objects.exists()


def test_without_a_session_nothing_is_answered(client, cast):
    for path in (
        "grids/",
        f"grids/{TOWN}/",
        f"grids/{TOWN}/tree/",
        "grids/locate/?lon=117&lat=35",
        "posts/",
        "sources/",
    ):
        assert client.get(f"/api/v1/{path}").status_code == 401


def test_no_column_of_the_tree_leaves_the_program(api):
    text = "".join(
        api("county", path).content.decode() for path in ("grids/", f"grids/{TOWN}/", f"grids/{TOWN}/tree/", "posts/")
    )
    assert not any(f'"{column}"' in text for column in ("lft", "rght", "tree_id", "id_tree"))


@pytest.mark.parametrize(
    "path", ["grids/?page_size=200", f"grids/{TOWN}/tree/", "posts/?page_size=200", "sources/?page_size=200"]
)
def test_a_list_asks_as_many_queries_with_many_rows_as_with_few(api, cast, path):
    _fill(cast, 3)
    with CaptureQueriesContext(connection) as few:
        assert api("town", path).status_code == 200
    _fill(cast, 100)
    with CaptureQueriesContext(connection) as many:
        assert api("town", path).status_code == 200
    assert len(many) == len(few)


def _fill(cast, count: int) -> None:
    """More villages in the second work area, each with a site."""
    start = Grid.objects.count()
    rows = [GridRow(f"V{number}", f"村{number}", "village", SECOND_AREA) for number in range(start, start + count)]
    villages = import_tree(rows=rows, active_from=date(2020, 1, 1), by=BY, at=NOW)
    Source.objects.bulk_create(
        Source(code=f"S-{village.code}", name="厂", category="industry", grid=village) for village in villages
    )
