"""A drawn map without a map server: GeoJSON in, SVG path data out. Pure, and knows no domain word.

Longitude shrinks by the cosine of the middle latitude, so that a square on the ground is a square on the page. Good for
a county; a continent would need a real projection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

Position = Sequence[float]
Ring = Sequence[Position]

# The longer side of every drawing, in its own units; one decimal of them is finer than a pixel.
_SIDE = 1000
_MARGIN = 0.03
# About fifty metres: a single point still needs a neighbourhood to stand in.
_LEAST_DEGREES = 0.0005
_SPOT_SHARE = 0.012


@dataclass(frozen=True)
class Area:
    """A polygon to draw: GeoJSON `Polygon` or `MultiPolygon` in degrees; `css_class` says how it looks."""

    key: str
    label: str
    geometry: Mapping[str, Any]
    css_class: str = ""


@dataclass(frozen=True)
class Point:
    """A place to mark, in degrees."""

    label: str
    lon: float
    lat: float
    css_class: str = ""


@dataclass(frozen=True)
class Shape:
    """An area as a path of the drawing."""

    key: str
    label: str
    path: str
    css_class: str


@dataclass(frozen=True)
class Spot:
    """A point as a place of the drawing."""

    label: str
    x: float
    y: float
    css_class: str


@dataclass(frozen=True)
class Drawing:
    """What the map component takes: areas first, points on top, all in units of the view box."""

    view_box: str
    shapes: tuple[Shape, ...]
    spots: tuple[Spot, ...]
    spot_radius: float


@dataclass(frozen=True)
class _Frame:
    """The window on the ground and how it becomes the page: x to the right, y downwards."""

    west: float
    north: float
    shrink: float
    scale: float
    margin: float

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        x = (lon - self.west) * self.shrink * self.scale + self.margin
        y = (self.north - lat) * self.scale + self.margin
        return round(x, 1), round(y, 1)


def draw(areas: Iterable[Area], points: Iterable[Point] = ()) -> Drawing | None:
    """The drawing that holds all `areas` and `points`, in their order; None when there is nothing to draw.

    ValueError for a geometry that is neither `Polygon` nor `MultiPolygon`.
    """
    outlines = [(area, _rings(area.geometry)) for area in areas]
    marks = list(points)
    positions = [position for _, rings in outlines for ring in rings for position in ring]
    positions += [(mark.lon, mark.lat) for mark in marks]
    if not positions:
        return None
    frame, width, height = _frame(positions)
    return Drawing(
        view_box=f"0 0 {width:g} {height:g}",
        shapes=tuple(Shape(area.key, area.label, _path(rings, frame), area.css_class) for area, rings in outlines),
        spots=tuple(Spot(mark.label, *frame.place(mark.lon, mark.lat), mark.css_class) for mark in marks),
        spot_radius=_SIDE * _SPOT_SHARE,
    )


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    """The rings of a geometry, holes among them: an even-odd fill leaves those empty."""
    match geometry:
        case {"type": "Polygon", "coordinates": rings}:
            return list(rings)
        case {"type": "MultiPolygon", "coordinates": polygons}:
            return [ring for polygon in polygons for ring in polygon]
    raise ValueError(f"not a polygon: {geometry.get('type')}")


def _frame(positions: Sequence[Position]) -> tuple[_Frame, float, float]:
    """The frame around `positions`, and the width and height of the page."""
    lons = [position[0] for position in positions]
    lats = [position[1] for position in positions]
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    shrink = cos(radians((south + north) / 2))
    across, down = (east - west) * shrink, north - south
    if max(across, down) < _LEAST_DEGREES:
        half = _LEAST_DEGREES / 2
        west, north = (west + east) / 2 - half / shrink, (south + north) / 2 + half
        across = down = _LEAST_DEGREES
    scale = _SIDE / max(across, down)
    margin = _SIDE * _MARGIN
    frame = _Frame(west, north, shrink, scale, margin)
    return frame, round(across * scale + 2 * margin, 1), round(down * scale + 2 * margin, 1)


def _path(rings: Iterable[Ring], frame: _Frame) -> str:
    return "".join(_ring_path(ring, frame) for ring in rings)


def _ring_path(ring: Ring, frame: _Frame) -> str:
    """`M x,y L x,y … Z`; the last position repeats the first in GeoJSON and is left to `Z`."""
    corners = [frame.place(position[0], position[1]) for position in ring]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in corners) + "Z"
