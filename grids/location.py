"""In which grid a point lies.

Each process keeps one index per county (an STR tree of outlines, the centres of grids without one), built when first
asked and dropped when the tree's version changes. A warm call asks two queries: the version and the grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from django.utils import timezone
from shapely import STRtree
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from grids.choices import CoordSys, LocatedBy
from grids.coordinates import distance_m, is_on_earth, to_wgs84
from grids.models import Boundary, Grid, TreeVersion

__all__ = ["NEAREST_WITHIN_M", "OUTSIDE", "Located", "locate", "to_wgs84"]

NEAREST_WITHIN_M = 3000
OUTSIDE = "该位置不在本县网格范围内，请核对坐标或改选网格。"


@dataclass(frozen=True)
class Located:
    """The grid, how it was found, and for a nearest centre (推定) how many metres away that is."""

    grid: Grid
    how: LocatedBy
    distance_m: float = 0.0


def locate(lon: float, lat: float, coord_sys: str = CoordSys.WGS84, *, day: date | None = None) -> Located | None:
    """The deepest grid in use on `day` (today) whose outline holds the point; None outside the county.

    A point on a border belongs to the deepest level there, and among equals to the lowest code. Where the grids of a
    level have no outline, the nearest of their centres within 3 km answers, marked 推定.
    """
    if not is_on_earth(lon, lat):
        return None
    lon, lat = to_wgs84(lon, lat, coord_sys)
    day = day or timezone.localdate()
    found = (county.find(lon, lat, day) for county in _atlas().counties_around(lon, lat))
    best = min((answer for answer in found if answer), key=_Answer.order, default=None)
    if best is None:
        return None
    return Located(Grid.objects.get(pk=best.place.grid_id), best.how, best.distance_m)


@dataclass(frozen=True)
class _Place:
    """What the index keeps of a grid."""

    grid_id: int
    parent_id: int | None
    code: str
    rank: int
    active_from: date
    active_to: date | None
    centre: tuple[float, float] | None
    outline: BaseGeometry | None

    def is_active(self, day: date) -> bool:
        return self.active_from <= day and (self.active_to is None or day < self.active_to)


@dataclass(frozen=True)
class _Answer:
    place: _Place
    how: LocatedBy
    distance_m: float = 0.0

    def order(self) -> tuple[bool, float, int, str]:
        """Smallest first: inside before near, near before far, deep before shallow, then by code."""
        return self.how != LocatedBy.BOUNDARY, self.distance_m, -self.place.rank, self.place.code


class _County:
    """The index of one county."""

    def __init__(self, places: Mapping[int, _Place]) -> None:
        self._places = places
        self._outlined = [place for place in places.values() if place.outline is not None]
        self._bare = [place for place in places.values() if place.outline is None and place.centre is not None]
        self._tree = STRtree([place.outline for place in self._outlined if place.outline is not None])
        self._has_outline = any(place.parent_id is None for place in self._outlined)

    def find(self, lon: float, lat: float, day: date) -> _Answer | None:
        hits = self._tree.query(Point(lon, lat), predicate="intersects")
        holding = [place for place in (self._outlined[index] for index in hits) if place.is_active(day)]
        deepest = min(holding, key=lambda place: (-place.rank, place.code), default=None)
        if deepest is None and self._has_outline:
            return None
        inside = _Answer(deepest, LocatedBy.BOUNDARY) if deepest else None
        return self._nearest(lon, lat, day, deepest) or inside

    def _nearest(self, lon: float, lat: float, day: date, within: _Place | None) -> _Answer | None:
        """The nearest centre below `within` (None: anywhere) of a grid in use that has no outline, within 3 km."""
        candidates = (
            _Answer(place, LocatedBy.NEAREST, distance_m(lon, lat, *place.centre))
            for place in self._bare
            if place.centre and place.is_active(day) and (within is None or within in self._above(place))
        )
        near = (answer for answer in candidates if answer.distance_m <= NEAREST_WITHIN_M)
        return min(near, key=_Answer.order, default=None)

    def _above(self, place: _Place) -> Iterator[_Place]:
        while place.parent_id is not None:
            place = self._places[place.parent_id]
            yield place


@dataclass
class _Atlas:
    """The counties of one version of the tree; the index of each is built when a point first falls near it."""

    token: str
    roots: list[tuple[Grid, tuple[float, ...] | None]]
    built: dict[int, _County] = field(default_factory=dict)

    def counties_around(self, lon: float, lat: float) -> Iterator[_County]:
        for root, bounds in self.roots:
            if bounds is None or (bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3]):
                yield self.built.get(root.pk) or self.built.setdefault(root.pk, _read_county(root))


_kept: _Atlas | None = None
_building = Lock()


def _atlas() -> _Atlas:
    """The atlas of the tree as it is; a tree without a version (none was ever written by a service) is not kept."""
    global _kept
    token = TreeVersion.objects.values_list("token", flat=True).first() or ""
    with _building:
        if _kept is None or not token or _kept.token != token:
            _kept = _Atlas(token, _read_roots())
        return _kept


def _read_roots() -> list[tuple[Grid, tuple[float, ...] | None]]:
    """Every county with the rectangle around its outline, or None where it has no outline."""
    outlines = dict(Boundary.objects.filter(grid__parent__isnull=True).values_list("grid_id", "geometry"))
    return [
        (root, shape(outlines[root.pk]).bounds if root.pk in outlines else None)
        for root in Grid.objects.filter(parent__isnull=True).order_by("code")
    ]


def _read_county(root: Grid) -> _County:
    grids = Grid.objects.under(root)
    outlines = dict(Boundary.objects.filter(grid__in=grids).values_list("grid_id", "geometry"))
    return _County({grid.pk: _place(grid, outlines.get(grid.pk)) for grid in grids})


def _place(grid: Grid, geometry: dict | None) -> _Place:
    lon, lat = grid.centre_lon, grid.centre_lat
    return _Place(
        grid_id=grid.pk,
        parent_id=grid.parent_id,
        code=grid.code,
        rank=grid.rank_id,
        active_from=grid.active_from,
        active_to=grid.active_to,
        centre=None if lon is None or lat is None else (lon, lat),
        outline=shape(geometry) if geometry else None,
    )
