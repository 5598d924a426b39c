"""The tree as a page shows it: one flat list of lines, ready to be written out in a single loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe

from grids.choices import GridKind
from grids.models import Grid, GridLevel
from grids.presentation.people import names_at
from grids.rules import COUNTY_RANK, TOWN_RANK
from grids.scope import Scope
from kernel.display import Tab, Tile, Tone

_KINDS = dict(GridKind.choices)
# With few towns a person sees the work areas at once; a county of fourteen opens to its towns.
_FEW_TOWNS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A grid with what stands beside its name. `closing` ends the branches that end with it."""

    code: str
    name: str
    kind: str
    rank: int
    path: str
    people: str
    is_demo: bool
    is_leaf: bool
    is_open: bool
    below: str
    closing: SafeString


@dataclass(frozen=True)
class _Row:
    key: int
    code: str
    name: str
    kind: str
    rank: int
    parent: int | None
    path: str
    is_demo: bool


LINES_A_PAGE = 100
_DEPTHS = {"1": "展开到镇街", "2": "展开到工作区", "9": "全部展开"}
_COLUMNS = ("pk", "code", "name", "kind", "rank_id", "parent_id", "path", "is_demo")


def lines_of(scope: Scope, day: date, open_to: int | None = None) -> list[Line]:
    """The visible grids in use on `day`, each followed by those below it. Branches above the level `open_to` are open.

    Two queries however many grids.
    """
    rows = [_Row(*values) for values in Grid.objects.visible_to(scope).active_on(day).in_order().values_list(*_COLUMNS)]
    people = names_at(None, scope, day)
    open_to = open_to or _open_at_first(rows)
    depths = _depths(rows)
    counts = _counts_below(rows)
    lines = []
    for position, row in enumerate(rows):
        depth, following = depths[position], depths[position + 1] if position + 1 < len(rows) else 0
        is_leaf = following <= depth
        lines.append(
            Line(
                code=row.code,
                name=row.name,
                kind=_KINDS[row.kind],
                rank=row.rank,
                path=row.path,
                people=people.get(row.key, ""),
                is_demo=row.is_demo,
                is_leaf=is_leaf,
                is_open=row.rank < open_to,
                below=counts.get(row.key, ""),
                closing=_closing(depth - following),
            )
        )
    return lines


@dataclass(frozen=True)
class TreePage:
    """The tree, or the lines that were searched for as one page of a list."""

    tiles: list[Tile]
    lines: Sequence[Line]
    found: Page | None
    depths: list[Tab]

    @property
    def is_search(self) -> bool:
        return self.found is not None


def tree_of(wanted: Mapping[str, Any], sent: QueryDict, scope: Scope) -> TreePage:
    """The page of the tree for what a TreeFilter understood. Four queries."""
    asked = sent.get("open", "")
    open_to = int(asked) if asked in _DEPTHS else None
    lines = lines_of(scope, scope.day, open_to)
    tabs = [Tab(label, f"?open={depth}", is_current=depth == asked) for depth, label in _DEPTHS.items()]
    if not wanted:
        return TreePage(tiles_of(lines), lines, None, tabs)
    level = int(wanted["level"]) if "level" in wanted else None
    found = found_lines(lines, words=wanted.get("q", ""), rank=level, vacant="vacant" in wanted)
    return TreePage(tiles_of(lines), (), Paginator(found, LINES_A_PAGE).get_page(sent.get("page")), tabs)


def found_lines(lines: Sequence[Line], *, words: str = "", rank: int | None = None, vacant: bool = False) -> list[Line]:
    """Those of `lines` that match everything that was asked."""
    return [
        line
        for line in lines
        if (not words or words in line.name or line.code.startswith(words))
        and (rank is None or line.rank == rank)
        and not (vacant and line.people)
    ]


def tiles_of(lines: Sequence[Line]) -> list[Tile]:
    """How many grids of each level below the county, and how many have nobody; each leads to its list. One query."""
    counts = Counter(line.rank for line in lines)
    names = dict(GridLevel.objects.values_list("rank", "name"))
    levels = [
        Tile(names[rank], counts[rank], f"?level={rank}", Tone.CALM, "grid", f"{_ORDINALS[rank]}级网格")
        for rank in sorted(counts)
        if rank > COUNTY_RANK
    ]
    vacant = sum(not line.people for line in lines)
    tone = Tone.WARN if vacant else Tone.DONE
    return [*levels, Tile("责任人空缺", vacant, "?vacant=1", tone, "people", "无人任职的网格，办件自动上送一级")]


def _open_at_first(rows: Sequence[_Row]) -> int:
    towns = sum(row.rank == TOWN_RANK for row in rows)
    return TOWN_RANK + 1 if towns <= _FEW_TOWNS else TOWN_RANK


def _depths(rows: Sequence[_Row]) -> list[int]:
    depths: dict[int | None, int] = {}
    for row in rows:
        depths[row.key] = depths.get(row.parent, -1) + 1
    return [depths[row.key] for row in rows]


def _counts_below(rows: Sequence[_Row]) -> dict[int, str]:
    """What stands below each grid in words, as “9 个工作区、40 个村（社区）”: counted from the last line upwards."""
    counts: dict[int, Counter[int]] = {row.key: Counter() for row in rows}
    for row in reversed(rows):
        if row.parent in counts:
            counts[row.parent] += counts[row.key] + Counter({row.rank: 1})
    return {key: "、".join(_counted(rank, count[rank]) for rank in sorted(count)) for key, count in counts.items()}


def _counted(rank: int, number: int) -> str:
    return f"{number} {_UNITS.get(rank, '网格')}"


_ORDINALS = "〇一二三四五六七八九"
_UNITS = {1: "镇街", 2: "工作区", 3: "村居", 4: "微网格"}


def _closing(branches: int) -> SafeString:
    return mark_safe("</div></details>" * max(branches, 0))
