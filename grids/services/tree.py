"""The verbs of the tree: create, import, move, rename, retire, restore. See docs/adr/0006-one-writer-of-the-tree.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q
from django.utils import timezone

from accounts.permissions import Permission
from grids import rules
from grids.choices import ChangeKind
from grids.models import Grid, Post, Source, Sponsorship
from grids.scope import Scope
from grids.services.levels import ensure_levels
from grids.services.numbering import numbered
from grids.services.writing import note_change, raise_version, writing
from kernel import audit
from kernel.refusal import Refused

NOT_PERMITTED = "您的岗位不能修改这里的网格，请联系县网格办。"


@dataclass(frozen=True)
class GridRow:
    """A grid to be imported; `parent_code` None: a county. `rank` None: as the kind says."""

    code: str
    name: str
    kind: str
    parent_code: str | None
    division_code: str | None = None
    rank: int | None = None
    centre: tuple[float, float] | None = None
    is_demo: bool = False
    source: str = ""


def create_grid(*, row: GridRow, active_from: date, by: Scope, at: datetime) -> Grid:
    """Put one grid into the tree, after its siblings in the order of codes. Returns it as stored.

    Refused: a code, division code or name that cannot be or is taken, a parent that is not there or not of a higher
    level, or without the right there. One audit entry; the tree's version rises.
    """
    with writing(by) as by:
        parent = _fresh(code=row.parent_code) if row.parent_code else None
        _require_edit(by, parent)
        _require_sound([row], {parent.code: parent} if parent else {})
        ensure_levels({rank_of(row)})
        grid = Grid(**_fields(row, parent, active_from))
        target, position = _place(parent, row.code)
        Grid.objects.insert_node(grid, target, position=position, save=True)
        raise_version()
        audit.record(verb="grid.create", subject=_subject(grid), by=by, at=at, details={"path": grid.path})
    return grid


def import_tree(*, rows: Sequence[GridRow], active_from: date, by: Scope, at: datetime) -> list[Grid]:
    """Put many grids of one county into the tree at once; returns the new ones, parents before children.

    The parent of a row is another row or a grid that exists. All or nothing: Refused names every faulty row.
    Numbers the whole county again in memory and writes level by level: 695 rows take well under a second, where
    inserting one by one took 9.9 s on PostgreSQL.
    """
    if not rows:
        return []
    with writing(by) as by:
        county = _county_of(rows)
        existing = {grid.code: grid for grid in Grid.objects.under(county)} if county else {}
        _require_edit(by, county)
        _require_sound(rows, existing)
        ensure_levels({rank_of(row) for row in rows})
        new = _planted(rows, existing, active_from)
        raise_version()
        details = {"count": len(new), "codes": [grid.code for grid in new][:50]}
        root = county or new[0]
        audit.record(verb="grid.import", subject=_subject(root), by=by, at=at, details=details)
    return new


def move_grid(*, grid: Grid, parent: Grid, day: date | None = None, basis: str = "", by: Scope, at: datetime) -> Grid:
    """Put `grid` with all below it under `parent`, from `day` (today). Returns it as stored.

    Refused: under itself or its own descendant, under a level that is not higher, under a retired grid, into another
    county, from a day to come, or without the right at both places. Paths below follow; a row of 网格调整, an entry.
    """
    day = day or timezone.localdate(at)
    _require_begun(day, at)
    with writing(by) as by:
        grid, parent = _fresh(pk=grid.pk), _fresh(pk=parent.pk)
        _require_move(grid, parent, day, by)
        old_parent_id, old_path = grid.parent_id, grid.path
        grid.move_to(*_place(parent, grid.code))
        grid = _fresh(pk=grid.pk)
        _write_paths(grid)
        raise_version()
        note_change(grid=grid, kind=ChangeKind.MOVED, day=day, basis=basis, by=by, at=at, old_parent_id=old_parent_id)
        details = {"from": old_path, "to": grid.path, "day": day, "basis": basis}
        audit.record(verb="grid.move", subject=_subject(grid), by=by, at=at, details=details)
    return grid


def rename_grid(
    *,
    grid: Grid,
    name: str,
    kind: str | None = None,
    day: date | None = None,
    basis: str = "",
    by: Scope,
    at: datetime,
) -> Grid:
    """Give `grid` another name from `day` (today), and `kind` where a village becomes a community; code and records
    stay. Returns it as stored.

    Refused: a name that cannot be, or without the right there. Paths below follow; a row of 网格调整, an audit entry.
    """
    day, name = day or timezone.localdate(at), name.strip()
    fault = rules.name_fault(name)
    if fault:
        raise Refused(f"{fault}。")
    _require_begun(day, at)
    with writing(by) as by:
        grid = _fresh(pk=grid.pk)
        _require_edit(by, grid)
        old_name = grid.name
        if old_name == name:
            return grid
        grid.name, grid.kind = name, kind or grid.kind
        grid.save(update_fields=["name", "kind"])
        _write_paths(grid)
        raise_version()
        note_change(grid=grid, kind=ChangeKind.RENAMED, day=day, basis=basis, by=by, at=at, old_name=old_name)
        details = {"from": old_name, "to": name, "day": day, "basis": basis}
        audit.record(verb="grid.rename", subject=_subject(grid), by=by, at=at, details=details)
    return grid


def retire_grid(
    *, grid: Grid, day: date, open_matters: Sequence[str] = (), basis: str = "", by: Scope, at: datetime
) -> Grid:
    """Take `grid` out of use from `day`; nothing is deleted. Posts and 包保 that would outlast it end on that day.

    `open_matters` are the numbers of what is still open there, asked by the caller of the floors above.
    Refused, with the list: open matters, grids below in use, sources in the ledger; or without the right there.
    """
    with writing(by) as by:
        grid = _fresh(pk=grid.pk)
        _require_edit(by, grid)
        _require_retirable(grid, day, open_matters)
        grid.active_to = day
        grid.save(update_fields=["active_to"])
        ended = _end_duties(grid, day)
        raise_version()
        note_change(grid=grid, kind=ChangeKind.RETIRED, day=day, basis=basis, by=by, at=at)
        details = {"day": day, "basis": basis, "ended_posts": ended}
        audit.record(verb="grid.retire", subject=_subject(grid), by=by, at=at, details=details)
    return grid


def restore_grid(*, grid: Grid, day: date | None = None, basis: str = "", by: Scope, at: datetime) -> Grid:
    """Take a retired grid into use again from `day` (today). Refused while its parent is retired."""
    day = day or timezone.localdate(at)
    _require_begun(day, at)
    with writing(by) as by:
        grid = _fresh(pk=grid.pk)
        _require_edit(by, grid)
        if grid.active_to is None:
            return grid
        if grid.parent is not None and grid.parent.active_to is not None:
            raise Refused(f"“{grid.name}”的上级“{grid.parent.name}”已停用，请先恢复上级。")
        grid.active_to = None
        grid.save(update_fields=["active_to"])
        raise_version()
        note_change(grid=grid, kind=ChangeKind.RESTORED, day=day, basis=basis, by=by, at=at)
        audit.record(verb="grid.restore", subject=_subject(grid), by=by, at=at, details={"day": day})
    return grid


# --- what must hold ---------------------------------------------------------------------------------------------------
def _require_edit(by: Scope, grid: Grid | None) -> None:
    if not by.covers(grid, Permission.GRID_EDIT):
        raise Refused(NOT_PERMITTED, code="not_permitted")


def _require_begun(day: date, at: datetime) -> None:
    """The tree changes at once, so a change that begins later cannot be entered yet; a retirement can."""
    if day > timezone.localdate(at):
        raise Refused("生效日期不能晚于今天，请到当天再办理。")


def _require_move(grid: Grid, parent: Grid, day: date, by: Scope) -> None:
    _require_edit(by, grid)
    _require_edit(by, parent)
    if grid.parent_id is None:
        raise Refused(f"“{grid.name}”是县，不能移动。")
    if grid.parent_id == parent.pk:
        raise Refused(f"“{grid.name}”已经在“{parent.name}”之下。")
    if grid.tree_id != parent.tree_id:
        raise Refused("不能把网格移到另一个县。")
    if grid.lft <= parent.lft <= grid.rght:
        raise Refused(f"不能把“{grid.name}”放到它自己的下级“{parent.name}”之下。")
    if parent.active_to is not None and parent.active_to <= day:
        raise Refused(f"“{parent.name}”已停用，请选择在用的网格。")
    fault = rules.placement_fault(
        name=grid.name, kind=grid.kind, rank=grid.rank_id, parent_name=parent.name, parent_rank=parent.rank_id
    )
    if fault:
        raise Refused(f"{fault}。")


def _require_retirable(grid: Grid, day: date, open_matters: Sequence[str]) -> None:
    if grid.active_to is not None:
        raise Refused(f"“{grid.name}”已于 {grid.active_to:%Y-%m-%d} 停用。")
    if day <= grid.active_from:
        raise Refused(f"“{grid.name}”的停用日期须晚于启用日期 {grid.active_from:%Y-%m-%d}。")
    if open_matters:
        raise Refused(f"“{grid.name}”还有 {len(open_matters)} 件未办结：{_listed(open_matters)}。请先办结或转出。")
    below = Grid.objects.filter(parent=grid).active_on(day).values_list("name", flat=True)
    if below:
        raise Refused(f"“{grid.name}”之下还有在用的网格：{_listed(list(below))}。请先调整或停用它们。")
    sources = Source.objects.filter(grid=grid).in_use().values_list("name", flat=True)
    if sources:
        raise Refused(f"“{grid.name}”还有 {len(sources)} 个在管的污染源：{_listed(list(sources))}。请先划归其他网格。")


def _require_sound(rows: Sequence[GridRow], existing: dict[str, Grid]) -> None:
    faults = [*_faults_of_rows(rows, existing), *_taken(rows)]
    if faults:
        more = f"；另有 {len(faults) - 20} 处" if len(faults) > 20 else ""
        raise Refused(f"{'；'.join(faults[:20])}{more}。")


def _faults_of_rows(rows: Sequence[GridRow], existing: dict[str, Grid]) -> Iterable[str]:
    """The faults that the rows and the grids they hang on show by themselves."""
    ranks = {code: (grid.name, grid.rank_id) for code, grid in existing.items()}
    ranks |= {row.code: (row.name, rank_of(row)) for row in rows}
    for row in rows:
        yield from filter(None, (rules.code_fault(row.code), rules.name_fault(row.name)))
        if row.division_code:
            yield from filter(None, [rules.division_fault(row.division_code)])
        if row.parent_code is not None and row.parent_code not in ranks:
            yield f"“{row.name}”的上级网格“{row.parent_code}”不存在"
            continue
        if row.parent_code in existing and existing[row.parent_code].active_to is not None:
            yield f"“{row.name}”的上级网格“{existing[row.parent_code].name}”已停用"
        above, rank_above = ranks[row.parent_code] if row.parent_code is not None else ("", None)
        fault = rules.placement_fault(
            name=row.name, kind=row.kind, rank=rank_of(row), parent_name=above, parent_rank=rank_above
        )
        if fault:
            yield fault


def _taken(rows: Sequence[GridRow]) -> Iterable[str]:
    codes = Counter(row.code for row in rows)
    divisions = Counter(row.division_code for row in rows if row.division_code)
    stored = Grid.objects.filter(Q(code__in=codes) | Q(division_code__in=divisions))
    for code, division in stored.values_list("code", "division_code"):
        codes[code] += 1
        divisions[division] += 1
    yield from (f"网格编码“{code}”重复或已被使用" for code in sorted(row for row in codes if codes[row] > 1))
    yield from (
        f"区划代码“{code}”重复或已被使用" for code in sorted(row for row in divisions if row and divisions[row] > 1)
    )


# --- the work itself --------------------------------------------------------------------------------------------------
def _planted(rows: Sequence[GridRow], existing: dict[str, Grid], active_from: date) -> list[Grid]:
    """Write `rows` among the `existing` grids of their county, level by level so that each finds its parent's key."""
    parents = {grid.pk: grid.code for grid in existing.values()}
    above = {code: parents.get(grid.parent_id) for code, grid in existing.items()}
    above |= {row.code: row.parent_code for row in rows}
    numbers = numbered(above)
    root = next(iter(existing.values()), None)
    tree_id = root.tree_id if root else (Grid.objects.aggregate(last=Max("tree_id"))["last"] or 0) + 1
    placed = dict(existing)
    for rank_rows in _by_depth(rows, numbers):
        made = []
        for row in rank_rows:
            grid = Grid(**_fields(row, placed.get(row.parent_code or ""), active_from))
            grid.lft, grid.rght, grid.level = numbers[row.code]
            grid.tree_id = tree_id
            made.append(grid)
        placed |= {grid.code: grid for grid in Grid.objects.bulk_create(made)}
    shifted = [grid for code, grid in existing.items() if (grid.lft, grid.rght, grid.level) != numbers[code]]
    for grid in shifted:
        grid.lft, grid.rght, grid.level = numbers[grid.code]
    Grid.objects.bulk_update(shifted, ["lft", "rght", "level"], batch_size=500)
    return sorted((placed[row.code] for row in rows), key=lambda grid: grid.lft)


def _by_depth(rows: Sequence[GridRow], numbers: dict[str, tuple[int, int, int]]) -> Iterable[list[GridRow]]:
    for depth in sorted({numbers[row.code][2] for row in rows}):
        yield [row for row in rows if numbers[row.code][2] == depth]


def _fields(row: GridRow, parent: Grid | None, active_from: date) -> dict[str, object]:
    return {
        "code": row.code,
        "division_code": row.division_code or None,
        "name": row.name,
        "kind": row.kind,
        "rank_id": rank_of(row),
        "parent": parent,
        "path": _path(row.name, parent),
        "centre_lon": row.centre[0] if row.centre else None,
        "centre_lat": row.centre[1] if row.centre else None,
        "is_demo": row.is_demo,
        "active_from": active_from,
        "source": row.source,
    }


def rank_of(row: GridRow) -> int:
    """The level where `row` stands: its own, or as its kind says."""
    return rules.RANK_OF_KIND[row.kind] if row.rank is None else row.rank


def _path(name: str, parent: Grid | None) -> str:
    return rules.path_under(name, parent.path if parent else None, parent is not None and parent.parent_id is None)


def _place(parent: Grid | None, code: str) -> tuple[Grid | None, str]:
    """Where among the children of `parent` a grid of `code` stands: they are kept in the order of codes."""
    if parent is None:
        return None, "last-child"
    siblings = sorted(Grid.objects.filter(parent=parent).exclude(code=code), key=lambda grid: grid.code)
    after = next((grid for grid in siblings if grid.code > code), None)
    return (after, "left") if after else (parent, "last-child")


def _write_paths(grid: Grid) -> None:
    """The paths of `grid` and of all below it, from the names as they are now."""
    branch = list(Grid.objects.under(grid).in_order())
    known: dict[int, Grid] = {grid.parent.pk: grid.parent} if grid.parent else {}
    for node in branch:
        node.path = _path(node.name, known.get(node.parent_id or 0))
        known[node.pk] = node
    Grid.objects.bulk_update(branch, ["path"], batch_size=500)
    grid.path = branch[0].path


def _end_duties(grid: Grid, day: date) -> int:
    """End the posts and 包保 that would outlast the grid; returns how many."""
    posts = Post.objects.filter(grid=grid, starts_on__lt=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    sponsorships = Sponsorship.objects.filter(grid=grid, starts_on__lt=day)
    sponsorships = sponsorships.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return posts.update(ends_on=day) + sponsorships.update(ends_on=day)


def _county_of(rows: Sequence[GridRow]) -> Grid | None:
    """The county that exists and to which the rows belong; None when they bring their own. Refused for two."""
    brought = [row for row in rows if row.parent_code is None]
    outside = {row.parent_code for row in rows if row.parent_code} - {row.code for row in rows}
    trees = set(Grid.objects.filter(code__in=outside).values_list("tree_id", flat=True))
    if len(brought) + len(trees) > 1:
        raise Refused("一次只能导入一个县的网格，请分开导入。")
    return Grid.objects.filter(tree_id=trees.pop(), parent__isnull=True).get() if trees else None


def _fresh(**key: object) -> Grid:
    """The grid as it is now, under the lock. Refused when it is not there."""
    grid = Grid.objects.select_related("parent").filter(**key).first()
    if grid is None:
        raise Refused("该网格不存在，请刷新后重新选择。", code="not_found")
    return grid


def _subject(grid: Grid) -> str:
    return f"grid:{grid.code}"


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:10]) + ("等" if len(names) > 10 else "")
