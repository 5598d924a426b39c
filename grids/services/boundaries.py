"""Outlines and centre points of grids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from accounts.permissions import Permission
from grids.coordinates import is_on_earth, to_wgs84
from grids.models import Boundary, Grid
from grids.scope import Scope
from grids.services.writing import raise_version, writing
from kernel import audit
from kernel.refusal import Refused

MOST_POINTS = 20_000
OVERLAP_SHARE = 0.01
NOT_PERMITTED = "您的岗位不能修改这里的边界，请联系县网格办。"


@dataclass(frozen=True)
class Overlap:
    """A sibling whose outline shares more than 1 % of the smaller of the two."""

    grid: Grid
    share: float


def set_boundary(
    *, grid: Grid, geometry: Mapping[str, Any], is_schematic: bool, by: Scope, at: datetime
) -> list[Overlap]:
    """Store the outline of `grid` (GeoJSON Polygon or MultiPolygon, WGS-84). Returns the siblings that it overlaps,
    largest share first: a warning, not a refusal. Refused: no such geometry, crossing lines, or without the right.
    """
    outline = checked_outline(geometry)
    with writing(by) as by:
        grid = _editable(grid, by)
        Boundary.objects.update_or_create(
            grid=grid, defaults={"geometry": _plain(geometry), "is_schematic": is_schematic}
        )
        overlaps = _overlaps(grid, outline)
        raise_version()
        details = {"schematic": is_schematic, "overlaps": [row.grid.code for row in overlaps]}
        audit.record(verb="grid.set_boundary", subject=f"grid:{grid.code}", by=by, at=at, details=details)
    return overlaps


def import_boundaries(
    *, geometries: Mapping[str, Mapping[str, Any]], is_schematic: bool, by: Scope, at: datetime
) -> int:
    """Store many outlines at once, by the codes of their grids; returns how many were new or different.

    All or nothing: Refused for a code without a grid, for what is no outline, or without the right at one of them.
    """
    for geometry in geometries.values():
        checked_outline(geometry)
    with writing(by) as by:
        grids = {grid.code: grid for grid in Grid.objects.filter(code__in=geometries)}
        unknown = sorted(set(geometries) - set(grids))
        if unknown:
            raise Refused(f"没有编码为“{'、'.join(unknown[:10])}”的网格，边界未导入。")
        if not all(by.covers(grid, Permission.GRID_EDIT) for grid in grids.values()):
            raise Refused(NOT_PERMITTED, code="not_permitted")
        stored = dict(Boundary.objects.filter(grid__in=grids.values()).values_list("grid__code", "geometry"))
        rows = [
            Boundary(grid=grids[code], geometry=_plain(geometry), is_schematic=is_schematic)
            for code, geometry in geometries.items()
            if stored.get(code) != _plain(geometry)
        ]
        if rows:
            Boundary.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["grid"], update_fields=["geometry", "is_schematic"]
            )
            raise_version()
            details = {"count": len(rows), "schematic": is_schematic}
            audit.record(verb="grid.import_boundaries", subject="grid:boundaries", by=by, at=at, details=details)
    return len(rows)


def set_centre(*, grid: Grid, lon: float, lat: float, coord_sys: str, by: Scope, at: datetime) -> Grid:
    """Store the centre point of `grid`. Refused: no coordinates of this earth, or without the right."""
    if not is_on_earth(lon, lat):
        raise Refused("中心点的经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间。")
    with writing(by) as by:
        grid = _editable(grid, by)
        grid.centre_lon, grid.centre_lat = to_wgs84(lon, lat, coord_sys)
        grid.save(update_fields=["centre_lon", "centre_lat"])
        raise_version()
        details = {"lon": lon, "lat": lat, "coord_sys": coord_sys}
        audit.record(verb="grid.set_centre", subject=f"grid:{grid.code}", by=by, at=at, details=details)
    return grid


def checked_outline(geometry: Mapping[str, Any]) -> BaseGeometry:
    """The outline as a shape. Refused, in words, for what is none."""
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise Refused("边界应为 GeoJSON 的 Polygon 或 MultiPolygon。")
    try:
        outline = shape(dict(geometry))
        points = sum(len(part.exterior.coords) for part in getattr(outline, "geoms", [outline]))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, GEOSException) as error:
        raise Refused("边界的坐标不完整或格式不对，请重新导出后再试。") from error
    if outline.is_empty or outline.area == 0:
        raise Refused("边界没有围成面，请检查坐标。")
    if points > MOST_POINTS:
        raise Refused(f"边界有 {points} 个点，最多 {MOST_POINTS} 个，请先简化。")
    west, south, east, north = outline.bounds
    if not (is_on_earth(west, south) and is_on_earth(east, north)):
        raise Refused("边界的坐标超出经纬度范围，请确认坐标系为 WGS-84 且先经度后纬度。")
    if not outline.is_valid:
        raise Refused("边界的线相互交叉，请修正后再试。")
    return outline


def _plain(geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}


def _overlaps(grid: Grid, outline: BaseGeometry) -> list[Overlap]:
    siblings = Boundary.objects.filter(grid__parent=grid.parent_id, grid__active_to__isnull=True)
    found = []
    for row in siblings.exclude(grid=grid).select_related("grid"):
        other = shape(row.geometry)
        share = outline.intersection(other).area / min(outline.area, other.area)
        if share > OVERLAP_SHARE:
            found.append(Overlap(row.grid, share))
    return sorted(found, key=lambda row: (-row.share, row.grid.code))


def _editable(grid: Grid, by: Scope) -> Grid:
    """The grid as it is now, under the lock."""
    grid = Grid.objects.get(pk=grid.pk)
    if not by.covers(grid, Permission.GRID_EDIT):
        raise Refused(NOT_PERMITTED, code="not_permitted")
    return grid
