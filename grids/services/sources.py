"""The ledger of regulated sites (污染源台账)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.permissions import Permission
from grids.choices import SourceClass
from grids.coordinates import GivenPoint
from grids.location import OUTSIDE, locate
from grids.models import Grid, Source
from grids.rules import uscc_fault
from grids.scope import Scope
from kernel import audit
from kernel.lifecycle import InvalidForm
from kernel.numbering import next_number
from kernel.refusal import Refused

NOT_PERMITTED = "所选的网格或位置不在您的责任范围内，不能在此登记或修改污染源。"


@dataclass(frozen=True)
class SourceDraft:
    """What a person fills in. Without `grid`, the place decides in which grid the site lies."""

    name: str
    category: str
    supervision_class: str = SourceClass.ORDINARY
    grid: Grid | None = None
    address: str = ""
    uscc: str = ""
    location: GivenPoint | None = None
    is_active: bool = True


def register_source(*, draft: SourceDraft, is_demo: bool = False, by: Scope, at: datetime) -> Source:
    """Enter a site into the ledger under the next number of its county. Returns it as stored.

    Refused, by field: neither grid nor place, a place outside the county, a code that is none, a site entered already,
    a grid outside the person's reach. One audit entry.
    """
    grid = _grid_of(draft)
    with transaction.atomic():
        _require_editable(by, grid)
        _require_new(draft, grid, None)
        number = next_number("source", _county_code(grid))
        source = Source(code=f"{_county_code(grid)}-{number:05d}", is_demo=is_demo)
        _fill(source, draft, grid)
        source.save(force_insert=True)
        audit.record(verb="source.register", subject=_subject(source), by=by, at=at, details=_details(source))
    return source


def update_source(*, source: Source, draft: SourceDraft, by: Scope, at: datetime) -> Source:
    """Change a site to what `draft` says; its number stays. Refused as when entering, and without the right at the
    grid where it is or where it goes. One audit entry that tells what was.
    """
    grid = _grid_of(draft)
    with transaction.atomic():
        source = Source.objects.select_for_update(of=("self",)).select_related("grid").get(pk=source.pk)
        _require_editable(by, source.grid)
        _require_editable(by, grid)
        _require_new(draft, grid, source)
        before = _details(source)
        _fill(source, draft, grid)
        source.save()
        details = {"from": before, "to": _details(source)}
        audit.record(verb="source.update", subject=_subject(source), by=by, at=at, details=details)
    return source


def _grid_of(draft: SourceDraft) -> Grid:
    if draft.grid is not None:
        return draft.grid
    if draft.location is None:
        raise InvalidForm({"grid": "请选择所在网格，或填写位置"})
    located = locate(draft.location.lon, draft.location.lat, draft.location.coord_sys)
    if located is None:
        raise InvalidForm({"location": OUTSIDE})
    return located.grid


def _require_editable(by: Scope, grid: Grid) -> None:
    if not by.covers(grid, Permission.SOURCE_EDIT):
        raise Refused(NOT_PERMITTED, code="not_permitted")


def _require_new(draft: SourceDraft, grid: Grid, source: Source | None) -> None:
    """The code is unique in the whole ledger, the name among the sites of a grid. What others own is not named."""
    if grid.active_to is not None and (source is None or source.grid_id != grid.pk):
        raise InvalidForm({"grid": f"“{grid.name}”已停用，请选择在用的网格"})
    if not draft.name.strip():
        raise InvalidForm({"name": "请填写名称"})
    others = Source.objects.exclude(pk=source.pk) if source else Source.objects.all()
    if draft.uscc:
        fault = uscc_fault(draft.uscc)
        if fault:
            raise InvalidForm({"uscc": fault})
        if others.filter(uscc=draft.uscc).exists():
            raise InvalidForm({"uscc": "这个统一社会信用代码已登记过，请先在台账中查找"})
    if others.filter(grid=grid, name=draft.name.strip()).exists():
        raise InvalidForm({"name": f"“{grid.name}”已有同名的污染源，请核对是否重复"})


def _fill(source: Source, draft: SourceDraft, grid: Grid) -> None:
    source.name, source.address = draft.name.strip(), draft.address.strip()
    source.category, source.supervision_class = draft.category, draft.supervision_class
    source.uscc = draft.uscc or None
    source.grid, source.is_active = grid, draft.is_active
    source.lon, source.lat = draft.location.as_wgs84() if draft.location else (None, None)
    source.location_given = draft.location.as_given() if draft.location else None


def _county_code(grid: Grid) -> str:
    county = Grid.objects.above(grid).first()
    return county.code if county else grid.code


def _subject(source: Source) -> str:
    return f"source:{source.code}"


def _details(source: Source) -> dict[str, object]:
    return {
        "name": source.name,
        "category": source.category,
        "class": source.supervision_class,
        "grid": source.grid.code,
        "uscc": source.uscc,
        "active": source.is_active,
    }
