"""A grid drawn: the grids below it inside its outline, or a leaf among its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grids.models import Boundary, Grid
from grids.scope import Scope
from kernel.svg_map import Area, Drawing, Point, draw

# More names than these would lie on top of each other.
_NAMES_SHOWN = 30


@dataclass(frozen=True)
class GridMap:
    """`drawing` holds areas whose key is the code of their grid, and their names as points."""

    drawing: Drawing
    label: str
    is_schematic: bool


def map_of(grid: Grid, children: Sequence[Grid], scope: Scope) -> GridMap | None:
    """The map on the page of `grid`; None where nothing has an outline. Two queries at most."""
    shown = list(children) or _neighbours(grid, scope)
    outlines = {row.grid_id: row for row in Boundary.objects.visible_to(scope).filter(grid__in=[grid, *shown])}
    drawn = [
        row for row in [*shown, grid] if row.pk in outlines and not (row == grid and children and len(outlines) > 1)
    ]
    drawing = draw([_area(row, outlines[row.pk], grid) for row in drawn], _names(drawn))
    if drawing is None:
        return None
    label = f"{grid.name}的下级网格" if children else f"{grid.name}及相邻网格"
    return GridMap(drawing, label, any(outlines[row.pk].is_schematic for row in drawn))


def _neighbours(grid: Grid, scope: Scope) -> list[Grid]:
    beside = Grid.objects.visible_to(scope).filter(parent=grid.parent_id, active_to__isnull=True)
    return list(beside.exclude(pk=grid.pk)) if grid.parent_id else []


def _area(row: Grid, outline: Boundary, here: Grid) -> Area:
    return Area(row.code, row.name, outline.geometry, "map-here" if row == here else "")


def _names(drawn: Sequence[Grid]) -> list[Point]:
    if len(drawn) > _NAMES_SHOWN:
        return []
    placed = [row for row in drawn if row.centre_lon is not None and row.centre_lat is not None]
    return [Point(_short(row.name), row.centre_lon or 0.0, row.centre_lat or 0.0) for row in placed]


def _short(name: str) -> str:
    """A name as it stands on a map: without the kind of committee, which the legend need not repeat."""
    for ending in ("工作区（演示）", "村民委员会", "居民委员会", "村委会", "居委会"):
        name = name.removesuffix(ending)
    return name
