"""In which grid a point lies, against looking into every outline one by one."""

import random
from datetime import timedelta

import pytest
from shapely.geometry import Point, shape

from conftest import AREA, COUNTY, LONG_AGO, NOW, TODAY, TOWN, VILLAGE
from grids.choices import LocatedBy
from grids.coordinates import distance_m, wgs84_to_gcj02
from grids.location import locate
from grids.models import Boundary, Grid
from grids.scope import system_scope
from grids.services import retire_grid, set_boundary, set_centre
from grids.services.county import load_pingyi
from kernel.refusal import Refused

BY = system_scope(TODAY)


def square(west: float, south: float, size: float) -> dict:
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def outline(code: str, geometry: dict):
    grid = Grid.objects.get(code=code)
    return set_boundary(grid=grid, geometry=geometry, is_schematic=True, by=BY, at=NOW)


def found(lon: float, lat: float, **more) -> tuple[str, str] | None:
    located = locate(lon, lat, **more)
    return (located.grid.code, located.how) if located else None


@pytest.fixture
def pingyi(db):
    load_pingyi(by=BY, at=NOW)


@pytest.fixture
def squares(cast):
    """County 117–118, town in its south-western quarter, area in the south-western quarter of that, and two villages
    side by side in the area.
    """
    outline(COUNTY, square(117, 35, 1))
    outline(TOWN, square(117, 35, 0.5))
    outline(AREA, square(117, 35, 0.2))
    outline(VILLAGE, square(117, 35, 0.1))
    outline("371326101002", square(117.1, 35, 0.1))
    return cast


def test_a_hundred_points_lie_where_looking_at_every_outline_says(pingyi):
    rows = [(row.grid.code, row.grid.rank_id, shape(row.geometry)) for row in Boundary.objects.select_related("grid")]
    west, south, east, north = next(outline for code, _, outline in rows if code == COUNTY).bounds
    rnd = random.Random(1)
    for _ in range(100):
        lon, lat = rnd.uniform(west, east), rnd.uniform(south, north)
        holding = [(-rank, code) for code, rank, area in rows if area.intersects(Point(lon, lat))]
        expected = (min(holding)[1], LocatedBy.BOUNDARY) if holding else None
        assert found(lon, lat) == expected


def test_a_point_on_the_phone_of_another_map_lies_in_the_same_grid(pingyi):
    village = Grid.objects.get(code="371326101211")
    lon, lat = village.centre_lon, village.centre_lat
    assert found(lon, lat) == ("371326101211", LocatedBy.BOUNDARY)
    assert found(*wgs84_to_gcj02(lon, lat), coord_sys="gcj02") == ("371326101211", LocatedBy.BOUNDARY)


def test_a_warm_call_asks_for_the_version_and_the_grid(pingyi, django_assert_num_queries):
    locate(117.61, 35.578)
    with django_assert_num_queries(2):
        locate(117.55, 35.30)


def test_the_deepest_outline_wins(squares):
    assert found(117.05, 35.05) == (VILLAGE, LocatedBy.BOUNDARY)
    assert found(117.15, 35.15) == (AREA, LocatedBy.BOUNDARY)
    assert found(117.4, 35.4) == (TOWN, LocatedBy.BOUNDARY)
    assert found(117.9, 35.9) == (COUNTY, LocatedBy.BOUNDARY)


def test_a_point_on_a_border_belongs_to_the_lower_code_every_time(squares):
    assert {found(117.1, 35.05) for _ in range(3)} == {(VILLAGE, LocatedBy.BOUNDARY)}
    assert found(117.0, 35.0) == (VILLAGE, LocatedBy.BOUNDARY)


def test_outside_the_county_is_nowhere(squares):
    assert found(116.99, 35.05) is None
    assert found(float("nan"), 35) is None
    assert found(999, 35) is None


def test_where_a_level_has_no_outline_the_nearest_centre_answers_and_says_so(squares):
    Boundary.objects.filter(grid__code=VILLAGE).delete()
    set_centre(grid=Grid.objects.get(code=VILLAGE), lon=117.05, lat=35.05, coord_sys="wgs84", by=BY, at=NOW)
    located = locate(117.06, 35.05)
    assert (located.grid.code, located.how.label) == (VILLAGE, "最近中心（推定）")
    assert located.distance_m == pytest.approx(distance_m(117.06, 35.05, 117.05, 35.05))
    assert found(117.09, 35.05) == (AREA, LocatedBy.BOUNDARY)


def test_a_centre_outside_the_outline_that_holds_the_point_does_not_answer(squares):
    Boundary.objects.filter(grid__code="371326101003").delete()
    set_centre(grid=Grid.objects.get(code="371326101003"), lon=117.05, lat=35.05, coord_sys="wgs84", by=BY, at=NOW)
    assert found(117.05, 35.05) == (VILLAGE, LocatedBy.BOUNDARY)


def test_a_county_without_any_outline_answers_by_centres_within_three_kilometres(cast):
    set_centre(grid=cast.grid(VILLAGE), lon=117.5, lat=35.5, coord_sys="wgs84", by=BY, at=NOW)
    assert found(117.52, 35.5) == (VILLAGE, LocatedBy.NEAREST)
    assert found(117.54, 35.5) is None


def test_a_retired_grid_answers_for_the_days_when_it_was_in_use(squares):
    day = TODAY + timedelta(days=1)
    retire_grid(grid=Grid.objects.get(code=VILLAGE), day=TODAY, by=BY, at=NOW)
    assert found(117.05, 35.05, day=day) == (AREA, LocatedBy.BOUNDARY)
    assert found(117.05, 35.05, day=TODAY - timedelta(days=1)) == (VILLAGE, LocatedBy.BOUNDARY)
    assert found(117.05, 35.05, day=LONG_AGO - timedelta(days=1)) is None


def test_a_new_outline_is_seen_at_once(squares):
    assert found(117.4, 35.4) == (TOWN, LocatedBy.BOUNDARY)
    outline("371326101W02", square(117.3, 35.3, 0.2))
    assert found(117.4, 35.4) == ("371326101W02", LocatedBy.BOUNDARY)


def test_overlaps_of_more_than_one_per_cent_between_siblings_are_reported(squares):
    assert [(row.grid.code, round(row.share, 2)) for row in outline("371326101002", square(117.09, 35, 0.1))] == [
        (VILLAGE, 0.1)
    ]
    assert outline("371326101002", square(117.0995, 35, 0.1)) == []


@pytest.mark.parametrize(
    ("geometry", "sentence"),
    [
        ({"type": "Point", "coordinates": [117, 35]}, "边界应为 GeoJSON 的 Polygon 或 MultiPolygon。"),
        ({}, "边界应为 GeoJSON 的 Polygon 或 MultiPolygon。"),
        ({"type": "Polygon"}, "边界的坐标不完整或格式不对，请重新导出后再试。"),
        ({"type": "Polygon", "coordinates": []}, "边界没有围成面，请检查坐标。"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "边界的坐标不完整或格式不对，请重新导出后再试。"),
        (square(4_000_000, 500_000, 1), "边界的坐标超出经纬度范围，请确认坐标系为 WGS-84 且先经度后纬度。"),
        (
            {"type": "Polygon", "coordinates": [[[117, 35], [118, 36], [118, 35], [117, 36.5], [117, 35]]]},
            "边界的线相互交叉，请修正后再试。",
        ),
        (square(float("nan"), 35, 1), "边界的坐标不完整或格式不对，请重新导出后再试。"),
    ],
)
def test_what_is_no_outline_is_refused(cast, geometry, sentence):
    with pytest.raises(Refused) as refused:
        outline(VILLAGE, geometry)
    assert refused.value.sentence == sentence
    assert not Boundary.objects.exists()


def test_an_outline_with_too_many_points_is_refused(cast):
    ring = [[117 + index * 1e-5, 35.0] for index in range(20_000)] + [[117, 36], [117, 35]]
    with pytest.raises(Refused, match="边界有 20002 个点，最多 20000 个"):
        outline(VILLAGE, {"type": "Polygon", "coordinates": [ring]})


def test_outlines_and_centres_are_drawn_by_the_county_office_alone(cast):
    for who in ("town", "member", "stranger", "leader"):
        by = cast.scope(who)
        with pytest.raises(Refused, match="您的岗位不能修改这里的边界"):
            set_boundary(grid=cast.grid(VILLAGE), geometry=square(117, 35, 1), is_schematic=False, by=by, at=NOW)
        with pytest.raises(Refused, match="您的岗位不能修改这里的边界"):
            set_centre(grid=cast.grid(VILLAGE), lon=117, lat=35, coord_sys="wgs84", by=by, at=NOW)
    office = cast.scope("county")
    set_centre(grid=cast.grid(VILLAGE), lon=117.64, lat=35.5, coord_sys="gcj02", by=office, at=NOW)
    assert distance_m(cast.grid(VILLAGE).centre_lon, cast.grid(VILLAGE).centre_lat, 117.64, 35.5) > 400
    with pytest.raises(Refused, match="中心点的经度应在"):
        set_centre(grid=cast.grid(VILLAGE), lon=500, lat=35.5, coord_sys="wgs84", by=office, at=NOW)
