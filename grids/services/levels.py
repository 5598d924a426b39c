"""The levels of the tree as rows: named, renamed and added without code."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.permissions import Permission
from grids.models import GridLevel
from grids.rules import DEEPEST, LEVEL_NAMES
from grids.scope import Scope
from kernel import audit
from kernel.refusal import Refused


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
    name = name.strip()
    if not by.sees_all(Permission.GRID_EDIT):
        raise Refused("只有系统管理员可以修改网格层级。", code="not_permitted")
    if not 1 <= len(name) <= 20:
        raise Refused("层级名称应为 1 到 20 字。")
    with transaction.atomic():
        ranks = set(GridLevel.objects.select_for_update().values_list("rank", flat=True)) | set(LEVEL_NAMES)
        if rank not in ranks and (rank != max(ranks) + 1 or rank > DEEPEST):
            raise Refused(f"只能在第 {max(ranks)} 级之下再加一级，最多 {DEEPEST} 级。")
        level, _ = GridLevel.objects.update_or_create(rank=rank, defaults={"name": name})
        audit.record(verb="grid.name_level", subject=f"level:{rank}", by=by, at=at, details={"name": name})
    return level
