"""The levels of the tree as rows: named, renamed and added without code."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.permissions import Permission
from grids.models import GridLevel
from grids.rules import LEVEL_NAMES, level_fault
from grids.scope import Scope
from kernel import audit
from kernel.refusal import Refused


def known_ranks() -> set[int]:
    """The levels that have a row, and the four usual ones, which get theirs when first needed."""
    return set(GridLevel.objects.values_list("rank", flat=True)) | set(LEVEL_NAMES)


def ensure_levels(ranks: set[int]) -> None:
    """Make those of the four usual levels that are not there. Refused for a deeper one that nobody has named yet."""
    missing = ranks - set(GridLevel.objects.filter(rank__in=ranks).values_list("rank", flat=True))
    unnamed = sorted(missing - set(LEVEL_NAMES))
    if unnamed:
        raise Refused(f"还没有第 {unnamed[0]} 级网格，请先在“网格层级”中添加。")
    levels = [GridLevel(rank=rank, name=LEVEL_NAMES[rank]) for rank in sorted(missing)]
    GridLevel.objects.bulk_create(levels, ignore_conflicts=True)


def name_level(*, rank: int, name: str, by: Scope, at: datetime) -> GridLevel:
    """Rename the level of `rank`, or add it below the deepest. Refused: a gap, an empty name, without the right."""
    if not by.has(Permission.GRID_EDIT):
        raise Refused("您的岗位不能修改网格层级。", code="not_permitted")
    with transaction.atomic():
        fault = level_fault(rank, name, known_ranks())
        if fault:
            raise Refused(fault)
        level, _ = GridLevel.objects.update_or_create(rank=rank, defaults={"name": name.strip()})
        audit.record(verb="grid.name_level", subject=f"level:{rank}", by=by, at=at, details={"name": level.name})
    return level
