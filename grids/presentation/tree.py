"""The tree as a page shows it: one flat list of lines, ready to be written out in a single loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe

from grids.choices import GridKind
from grids.models import Grid, GridLevel
from grids.presentation.people import names_at
from grids.rules import COUNTY_RANK, DEEPEST, TOWN_RANK
from grids.scope import Scope
from kernel.display import Tab, Tile, Tone

_KINDS = dict(GridKind.choices)
# With few towns a person sees the work areas at once; a county of fourteen opens to its towns.
_FEW_TOWNS = 3


# Stands where a name would: a word and a colour of its own.
VACANT = mark_safe('<i class="vacancy">空缺</i>')
_NO_LEAF = SafeString("")


@dataclass(frozen=True, slots=True)
class Line:
    """A grid with what stands beside its name. `leaf` is the whole markup of one without grids below, with the ends of
    the branches that it ends: six of seven lines are leaves, and five variables each took a third of the page's time.
    """

    code: str
    name: str
    kind: str
    rank: int
    path: str
    people: str
    is_open: bool
    below: str
    leaf: SafeString

    def __getitem__(self, name: str) -> Any:
        """A template asks by key before it asks for an attribute; 700 lines spare it 2,000 exceptions."""
        return getattr(self, name)

    @property
    def is_vacant(self) -> bool:
        return self.people is VACANT


LINES_A_PAGE = 100
_DEPTHS = {"1": "展开到镇街", "2": "展开到工作区", "9": "全部展开"}
_COLUMNS = ("pk", "parent_id", "rank_id", "code", "name", "kind", "path")


def lines_of(scope: Scope, day: date, open_to: int | None = None) -> list[Line]:
    """The visible grids in use on `day`, each followed by those below it. Branches above the level `open_to` are open.

    Two queries however many grids.
    """
    rows = list(Grid.objects.visible_to(scope).active_on(day).in_order().values_list(*_COLUMNS))
    people = names_at(None, scope, day)
    below = _words_below(rows)
    depths = [*_depths(rows), 0]
    open_to = open_to or _open_at_first(rows)
    return [
        Line(
            code=code,
            name=name,
            kind=_KINDS[kind],
            rank=rank,
            path=path,
            people=people.get(key, VACANT),
            is_open=rank < open_to,
            below=below.get(key, ""),
            leaf=_NO_LEAF if following > depth else _leaf(code, name, people.get(key, VACANT), depth - following),
        )
        for (key, _, rank, code, name, kind, path), depth, following in zip(rows, depths, depths[1:], strict=False)
    ]


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
        and (line.is_vacant or not vacant)
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
    vacant = sum(line.is_vacant for line in lines)
    tone = Tone.WARN if vacant else Tone.DONE
    return [*levels, Tile("责任人空缺", vacant, "?vacant=1", tone, "people", "无人任职的网格，办件自动上送一级")]


def _open_at_first(rows: Sequence[tuple]) -> int:
    towns = sum(rank == TOWN_RANK for _, _, rank, *_ in rows)
    return TOWN_RANK + 1 if towns <= _FEW_TOWNS else TOWN_RANK


def _depths(rows: Sequence[tuple]) -> list[int]:
    depths: dict[int, int] = {}
    for key, parent, *_ in rows:
        depths[key] = depths.get(parent, -1) + 1
    return list(depths.values())


def _words_below(rows: Sequence[tuple]) -> dict[int, str]:
    """What stands below each branch in words, as “9 工作区、40 村居”: counted from the last line upwards."""
    counts: dict[int, dict[int, int]] = {}
    for key, parent, rank, *_ in reversed(rows):
        above = counts.setdefault(parent, {})
        above[rank] = above.get(rank, 0) + 1
        for deeper, number in counts.get(key, {}).items():
            above[deeper] = above.get(deeper, 0) + number
    return {key: "、".join(_counted(rank, count[rank]) for rank in sorted(count)) for key, count in counts.items()}


def _counted(rank: int, number: int) -> str:
    return f"{number} {_UNITS.get(rank, '网格')}"


_ORDINALS = "〇一二三四五六七八九"
_UNITS = {1: "镇街", 2: "工作区", 3: "村居", 4: "微网格"}


def _leaf(code: str, name: str, people: str, ended: int) -> SafeString:
    """Half the time of `format_html`, which 575 villages would spend again on every page."""
    who = people if people is VACANT else escape(people)
    return mark_safe(
        f'<a class="leaf" href="/grids/{escape(code)}/">{escape(name)}<small>{who}</small></a>{_CLOSINGS[ended]}'
    )


# One grid ends at most as many branches as there are levels above it.
_CLOSINGS = [mark_safe("</div></details>" * ended) for ended in range(DEEPEST + 1)]
