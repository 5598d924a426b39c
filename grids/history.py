"""The tree as it was on a day gone by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from grids.models import Grid
from grids.rules import path_under


def paths_as_of(grids: Iterable[Grid], day: date) -> dict[int, str]:
    """The full names on `day`, by key, of grids that carry `name_then` and `parent_then_id`. One query per level."""
    known = {grid.pk: grid for grid in grids}
    asked = set(known)
    while missing := {grid.parent_then_id for grid in known.values()} - set(known) - {None}:
        known |= {grid.pk: grid for grid in Grid.objects.filter(pk__in=missing).named_as_of(day)}
    return {key: _path(known[key], known) for key in asked}


def _path(grid: Grid, known: dict[int, Grid]) -> str:
    parent = known.get(grid.parent_then_id)
    if parent is None:
        return path_under(grid.name_then, None, parent_is_root=False)
    return path_under(grid.name_then, _path(parent, known), parent_is_root=parent.parent_then_id is None)
