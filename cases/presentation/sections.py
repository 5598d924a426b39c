"""The desk of one person: each list with its count, its first lines and the way to the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.boxes import ALL, CLIMBED, CO, REQUESTS, SENT, TODO, Box
from cases.presentation.rows import CaseRow, rows_of
from cases.querysets import CaseQuerySet
from grids.scope import Scope
from kernel.display import Tile, Tone

ROWS_A_SECTION = 8
_BOXES = (TODO, CO, REQUESTS, CLIMBED, SENT)


@dataclass(frozen=True)
class Section:
    """One list: how many cases it holds, and the first of them by due time."""

    box: Box
    count: int
    rows: list[CaseRow]

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)


def sections_of(cases: CaseQuerySet, by: Scope, at: datetime) -> list[Section]:
    """The lists that are for the posts of `by`, in the order of a desk; empty ones included."""
    return [_section(box, box.pick(cases, by), at) for box in _BOXES if box.is_for(by)]


def _section(box: Box, cases: CaseQuerySet, at: datetime) -> Section:
    first = cases.soonest_first().for_rows()[:ROWS_A_SECTION]
    return Section(box, cases.count(), rows_of(first, at))


def worth_showing(sections: list[Section]) -> list[Section]:
    """The to-do list always; of the others those that hold something: their zero stands on the tile."""
    return [section for section in sections if section.count or section.box is TODO]


def tiles_of(sections: list[Section], cases: CaseQuerySet, by: Scope) -> list[Tile]:
    """The count of every list, of what is late in the to-do list, and of all that is late within one's reach."""
    tiles = [_tile(section) for section in sections]
    if TODO.is_for(by):
        late = TODO.pick(cases, by).overdue().count()
        tiles.insert(1, Tile("待办已超期", late, f"{TODO.url}&overdue=1", _alarm(late), "overdue"))
    all_late = cases.overdue().count()
    return [*tiles, Tile("范围内超期", all_late, f"{ALL.url}&overdue=1", _alarm(all_late), "flag")]


def _tile(section: Section) -> Tile:
    tone = Tone.ACTIVE if section.count else Tone.MUTED
    return Tile(section.box.label, section.count, section.box.url, tone, section.box.icon)


def _alarm(count: int) -> Tone:
    return Tone.BAD if count else Tone.MUTED
