"""Coordinates of Chinese maps as WGS-84, and distances on the ground. Pure.

GCJ-02 shifts every point by a secret formula of which a public approximation is good to about a metre; it has no closed
inverse, so the inverse is iterated. BD-09 shifts GCJ-02 once more. CGCS2000 differs from WGS-84 by centimetres.
Tested against points that the projects eviltransform and coordtransform publish. The shift in Pingyi is about 520 m.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, cos, pi, radians, sin, sqrt

from grids.choices import CoordSys

# Krasovsky 1940, on which the approximation is built, not the ellipsoid of WGS-84.
_AXIS, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
_EARTH_RADIUS_M = 6371008.8
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
_CLOSE_ENOUGH_DEGREES = 1e-9


@dataclass(frozen=True)
class GivenPoint:
    """A point as somebody gave it, with its coordinate system; kept beside the WGS-84 that is stored."""

    lon: float
    lat: float
    coord_sys: str = CoordSys.WGS84

    def as_wgs84(self) -> tuple[float, float]:
        return to_wgs84(self.lon, self.lat, self.coord_sys)

    def as_given(self) -> dict[str, float | str]:
        return {"lon": self.lon, "lat": self.lat, "coord_sys": str(self.coord_sys)}


def to_wgs84(lon: float, lat: float, coord_sys: str) -> tuple[float, float]:
    """(lon, lat) of a point given in `coord_sys`, as WGS-84 degrees."""
    system = CoordSys(coord_sys)
    if system == CoordSys.BD09:
        lon, lat = _bd09_to_gcj02(lon, lat)
    if system in (CoordSys.GCJ02, CoordSys.BD09):
        return _gcj02_to_wgs84(lon, lat)
    return lon, lat


def is_on_earth(lon: float, lat: float) -> bool:
    """False for what is no coordinate at all, not-a-number included."""
    return -180 <= lon <= 180 and -90 <= lat <= 90


def distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres between two points along the ground (haversine; error below 0.5 %)."""
    north = sin(radians(other_lat - lat) / 2) ** 2
    east = sin(radians(other_lon - lon) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * asin(sqrt(north + cos(radians(lat)) * cos(radians(other_lat)) * east))


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """(lon, lat) as GCJ-02; outside the rectangle around China nothing is shifted."""
    west, south, east, north = _CHINA
    if not (west <= lon <= east and south <= lat <= north):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    shift_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    shift_lat += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    shift_lat += (160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi)) * 2 / 3
    shift_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    shift_lon += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    shift_lon += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    curve = 1 - _ECCENTRICITY * sin(radians(lat)) ** 2
    metres_per_lat = _AXIS * (1 - _ECCENTRICITY) / (curve * sqrt(curve)) * pi / 180
    metres_per_lon = _AXIS / sqrt(curve) * cos(radians(lat)) * pi / 180
    return lon + shift_lon / metres_per_lon, lat + shift_lat / metres_per_lat


def _gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The point that is shifted onto (lon, lat): the shift changes slowly, so the error shrinks with every round."""
    guess_lon, guess_lat = lon, lat
    for _ in range(20):
        shifted_lon, shifted_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        off_lon, off_lat = shifted_lon - lon, shifted_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if max(abs(off_lon), abs(off_lat)) < _CLOSE_ENOUGH_DEGREES:
            break
    return guess_lon, guess_lat


def _bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 0.0065, lat - 0.006
    turn = pi * 3000 / 180
    radius = sqrt(x * x + y * y) - 0.00002 * sin(y * turn)
    angle = atan2(y, x) - 0.000003 * cos(x * turn)
    return radius * cos(angle), radius * sin(angle)
