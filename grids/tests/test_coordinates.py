"""Coordinates of Chinese maps against points that others published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.coordinates import GivenPoint, distance_m, is_on_earth, to_wgs84, wgs84_to_gcj02

# Published with the project eviltransform: WGS-84 latitude and longitude, then GCJ-02.
PUBLISHED = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
]
# Published with the project coordtransform and repeated in hutool: BD-09 and the same point in GCJ-02.
BD09, ITS_GCJ02 = (116.404, 39.915), (116.39762729119315, 39.90865673957631)


@pytest.mark.parametrize(("lat", "lon", "gcj_lat", "gcj_lon"), PUBLISHED)
def test_gcj02_and_back_at_published_points(lat, lon, gcj_lat, gcj_lon):
    assert wgs84_to_gcj02(lon, lat) == pytest.approx((gcj_lon, gcj_lat), abs=1e-9)
    back = to_wgs84(gcj_lon, gcj_lat, "gcj02")
    assert distance_m(*back, lon, lat) < 0.001


def test_bd09_at_a_published_point():
    assert to_wgs84(*BD09, "bd09") == pytest.approx(to_wgs84(*ITS_GCJ02, "gcj02"), abs=1e-12)


@given(lon=st.floats(73.5, 135), lat=st.floats(18, 53.5))
def test_the_inverse_finds_the_point_that_was_shifted(lon, lat):
    back = to_wgs84(*wgs84_to_gcj02(lon, lat), "gcj02")
    assert distance_m(*back, lon, lat) < 0.01


def test_the_shift_in_the_county_is_about_half_a_kilometre():
    assert 450 < distance_m(117.63083, 35.50056, *wgs84_to_gcj02(117.63083, 35.50056)) < 600


@pytest.mark.parametrize("coord_sys", ["wgs84", "cgcs2000"])
def test_world_systems_stay_as_they_are(coord_sys):
    assert to_wgs84(117.63, 35.5, coord_sys) == (117.63, 35.5)


def test_outside_china_nothing_is_shifted():
    assert wgs84_to_gcj02(-0.1276, 51.5072) == (-0.1276, 51.5072)


def test_an_unknown_system_is_an_error():
    with pytest.raises(ValueError, match="utm"):
        to_wgs84(117.63, 35.5, "utm")


def test_what_is_no_place_on_earth():
    assert [is_on_earth(*point) for point in [(181, 0), (0, 91), (float("nan"), 35), (117, 35)]] == [
        False,
        False,
        False,
        True,
    ]


def test_a_given_point_remembers_how_it_was_given():
    point = GivenPoint(117.64, 35.5, "gcj02")
    assert point.as_given() == {"lon": 117.64, "lat": 35.5, "coord_sys": "gcj02"}
    assert point.as_wgs84() == to_wgs84(117.64, 35.5, "gcj02")


def test_a_degree_of_latitude_is_111_kilometres():
    assert distance_m(117, 35, 117, 36) == pytest.approx(111_195, abs=10)
