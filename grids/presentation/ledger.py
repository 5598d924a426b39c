"""The ledger as one narrowed it, and where a site lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.permissions import Permission
from grids.choices import SourceClass
from grids.models import Boundary, Source
from grids.presentation.maps import GridMap
from grids.querysets import SourceQuerySet
from grids.scope import Scope
from kernel.display import Badge, Tone
from kernel.svg_map import Area, Point, draw


def ledger_of(sources: SourceQuerySet, wanted: Mapping[str, Any]) -> SourceQuerySet:
    """`sources` narrowed by every filter; those out of use only when asked for."""
    use = wanted.get("use")
    found = sources if use == "all" else sources.filter(is_active=use != "past")
    found = found.filter(**{name: wanted[name] for name in ("category", "supervision_class") if name in wanted})
    if "grid" in wanted:
        found = found.in_grid(wanted["grid"])
    if "q" in wanted:
        found = found.found_by(wanted["q"])
    return found.select_related("grid").order_by("code", "id")


@dataclass(frozen=True)
class SourceSheet:
    """The page of one site."""

    source: Source
    badges: list[Badge]
    facts: list[tuple[str, object]]
    map: GridMap | None
    may_edit: bool


def source_sheet_of(source: Source, scope: Scope) -> SourceSheet:
    return SourceSheet(
        source=source,
        badges=_badges(source),
        facts=_facts(source),
        map=_map(source, scope),
        may_edit=scope.covers(source.grid, Permission.SOURCE_EDIT),
    )


def _badges(source: Source) -> list[Badge]:
    is_key = source.supervision_class != SourceClass.ORDINARY
    badges = [Badge(source.get_supervision_class_display(), Tone.WARN if is_key else Tone.CALM, "flag")]
    if not source.is_active:
        badges.append(Badge("已停管", Tone.MUTED, "void"))
    if source.is_demo:
        badges.append(Badge("演示数据", Tone.MUTED, "info"))
    return badges


def _facts(source: Source) -> list[tuple[str, object]]:
    place = f"{source.lon:.5f}, {source.lat:.5f}（WGS-84）" if source.lon is not None else ""
    return [
        ("编号", source.code),
        ("类别", source.get_category_display()),
        ("监管级别", source.get_supervision_class_display()),
        ("所在网格", source.grid.path),
        ("地址", source.address),
        ("信用代码", source.uscc),
        ("坐标", place),
    ]


def _map(source: Source, scope: Scope) -> GridMap | None:
    """The site inside the outline of its grid; None when neither is known."""
    outline = Boundary.objects.visible_to(scope).filter(grid=source.grid_id).first()
    areas = [Area(source.grid.code, source.grid.name, outline.geometry, "map-here")] if outline else []
    points = [Point(source.name, source.lon, source.lat or 0.0)] if source.lon is not None else []
    drawing = draw(areas, points)
    return GridMap(drawing, f"{source.name}的位置", bool(outline and outline.is_schematic)) if drawing else None
