"""Is the tree what it says it is: the nested set against who stands under whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from accounts.permissions import Permission
from grids import rules
from grids.models import Grid
from grids.scope import Scope
from grids.services.numbering import numbered
from grids.services.writing import raise_version, writing
from kernel import audit
from kernel.refusal import Refused


@dataclass(frozen=True)
class TreeFault:
    """A grid whose place, level or full name contradicts its parent."""

    code: str
    name: str
    sentence: str


def tree_faults() -> list[TreeFault]:
    """What is wrong with the tree, in its stored order; empty when it is sound. One query.

    Compared from the parents: who encloses whom, left and right without doubles or crossings, depth, number of the
    tree, the order of levels and the full names.
    """
    grids = list(Grid.objects.in_order())
    by_key = {grid.pk: grid for grid in grids}
    lost = _unreachable(grids)
    faults: list[TreeFault] = []
    used = Counter((grid.tree_id, number) for grid in grids for number in (grid.lft, grid.rght))
    open_above: list[Grid] = []
    for grid in grids:
        while open_above and not _encloses(open_above[-1], grid):
            open_above.pop()
        sentences = _sentences(grid, by_key, open_above, used) if grid.pk not in lost else ["上级关系成环，到不了县"]
        faults += [TreeFault(grid.code, grid.name, sentence) for sentence in sentences]
        open_above.append(grid)
    return faults


def _sentences(grid: Grid, by_key: dict[int, Grid], open_above: list[Grid], used: Counter) -> list[str]:
    parent = by_key.get(grid.parent_id or 0)
    enclosing = open_above[-1] if open_above else None
    checks = {
        "左右值颠倒": grid.lft >= grid.rght,
        "左右值与其他网格重复": max(used[grid.tree_id, grid.lft], used[grid.tree_id, grid.rght]) > 1,
        f"按上级应在“{_named(parent)}”之下，按左右值却在“{_named(enclosing)}”之下": parent is not enclosing,
        "右值越出所在的上级": enclosing is not None and grid.rght > enclosing.rght,
        "树号与上级不同": parent is not None and grid.tree_id != parent.tree_id,
        "层深与上级不符": grid.level != (parent.level + 1 if parent else 0),
        "级别不低于上级": parent is not None and grid.rank_id <= parent.rank_id,
        f"全称“{grid.path}”与上级不符": grid.path != _path(grid, parent),
    }
    return [sentence for sentence, is_wrong in checks.items() if is_wrong]


def rebuild_tree(*, by: Scope, at: datetime) -> list[TreeFault]:
    """Number the whole tree again from the parents and write what differs, in one transaction; returns what was wrong.

    Nobody sees a state in between, so no permission widens meanwhile. Refused: parents in a circle (a person has to
    say who stands under whom), grids above the wrong level, or without the right to the whole tree.
    """
    if not by.sees_all(Permission.GRID_EDIT):
        raise Refused("只有系统管理员可以修复网格树。", code="not_permitted")
    with writing(by):
        faults = tree_faults()
        grids = list(Grid.objects.all())
        lost = _unreachable(grids)
        if lost:
            names = "、".join(sorted(grid.code for grid in grids if grid.pk in lost)[:10])
            raise Refused(f"这些网格的上级关系成环，请先改正上级再修复：{names}。")
        changed = _renumbered(grids)
        Grid.objects.bulk_update(changed, ["lft", "rght", "level", "tree_id", "path"], batch_size=500)
        raise_version()
        details = {"repaired": [grid.code for grid in changed][:100], "count": len(changed)}
        audit.record(verb="grid.rebuild", subject="grid:tree", by=by, at=at, details=details)
    return faults


def _renumbered(grids: list[Grid]) -> list[Grid]:
    """Those of `grids` whose numbers or full names were wrong, put right in memory."""
    by_key = {grid.pk: grid for grid in grids}
    roots = {grid.pk: _root(grid, by_key) for grid in grids}
    tree_ids = _tree_ids([grid for grid in grids if grid.parent_id is None])
    changed = []
    for root_key, tree_id in tree_ids.items():
        members = {grid.code: grid for grid in grids if roots[grid.pk].pk == root_key}
        above = {code: by_key[grid.parent_id].code if grid.parent_id else None for code, grid in members.items()}
        numbers = numbered(above)
        for code in sorted(numbers, key=lambda code: numbers[code]):
            grid = members[code]
            path = _path(grid, by_key.get(grid.parent_id or 0))
            right = (*numbers[code], tree_id, path)
            if (grid.lft, grid.rght, grid.level, grid.tree_id, grid.path) != right:
                grid.lft, grid.rght, grid.level, grid.tree_id, grid.path = right
                changed.append(grid)
    return changed


def _tree_ids(roots: list[Grid]) -> dict[int, int]:
    """The number of each county's tree: its own where no other county has it, else a new one."""
    taken: set[int] = set()
    answer: dict[int, int] = {}
    for root in sorted(roots, key=lambda root: root.code):
        tree_id = root.tree_id if root.tree_id not in taken else max(taken | {row.tree_id for row in roots}) + 1
        taken.add(tree_id)
        answer[root.pk] = tree_id
    return answer


def _unreachable(grids: list[Grid]) -> set[int]:
    """The keys of the grids that hang on no county because their parents run in a circle."""
    reached = numbered({grid.pk: grid.parent_id for grid in grids})
    return {grid.pk for grid in grids} - set(reached)


def _root(grid: Grid, by_key: dict[int, Grid]) -> Grid:
    while grid.parent_id is not None:
        grid = by_key[grid.parent_id]
    return grid


def _encloses(outer: Grid, inner: Grid) -> bool:
    return outer.tree_id == inner.tree_id and outer.lft < inner.lft < outer.rght


def _path(grid: Grid, parent: Grid | None) -> str:
    return rules.path_under(grid.name, parent.path if parent else None, parent is not None and parent.parent_id is None)


def _named(grid: Grid | None) -> str:
    return grid.name if grid else "（顶层）"
