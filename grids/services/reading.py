"""What the doors show of the tree: assembled in a fixed number of queries, through `visible_to`."""

from __future__ import annotations

from datetime import date
from typing import Any

from grids.models import Grid
from grids.scope import Scope


def branch(code: str, *, scope: Scope, day: date) -> dict[str, Any] | None:
    """The grid of `code` with all below it as they stood on `day`, nested; None when it was not there or not seen."""
    visible = Grid.objects.visible_to(scope)
    grids = list(visible.in_county_of(code).as_of(day).order_by("code"))
    nodes = {
        grid.pk: {
            "code": grid.code,
            "name": grid.name_then,
            "kind": grid.kind,
            "level": grid.rank_id,
            "children": [],
        }
        for grid in grids
    }
    for grid in grids:
        if grid.parent_then_id in nodes:
            nodes[grid.parent_then_id]["children"].append(nodes[grid.pk])
    return next((nodes[grid.pk] for grid in grids if grid.code == code), None)
