"""A list of cases as one person narrowed it: tabs with counts, one page of rows, and what it means that it is empty."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import QueryDict

from cases.boxes import ALL, BOXES, Box
from cases.choices import State
from cases.presentation.rows import CaseRow, rows_of
from cases.querysets import CaseQuerySet
from grids.scope import Scope
from kernel.display import Tab

ROWS_A_PAGE = 50
# A filter that is the same as a field or needs nothing but its value.
_PLAIN = {"severity": "severity", "category": "category__code", "origin": "origin", "line": "line", "card": "card"}


@dataclass(frozen=True)
class Listing:
    """What the page of a list shows."""

    box: Box
    tabs: list[Tab]
    page: Page
    rows: list[CaseRow]
    is_narrowed: bool

    @property
    def lead(self) -> str:
        """Which list it is; the register as a whole needs no name."""
        return "" if self.box is ALL else self.box.label

    @property
    def empty_sentence(self) -> str:
        return "没有符合条件的办件。" if self.is_narrowed else self.box.empty

    @property
    def empty_hint(self) -> str:
        return "放宽条件，或清除条件后再看。" if self.is_narrowed else ""


class CountedPaginator(Paginator):
    """Pages of rows that were counted already."""

    def __init__(self, rows: CaseQuerySet, count: int, per_page: int = ROWS_A_PAGE) -> None:
        super().__init__(rows, per_page)
        self.count = count


def listing_of(cases: CaseQuerySet, wanted: Mapping[str, Any], sent: QueryDict, by: Scope, at: datetime) -> Listing:
    """The list of `cases` narrowed by `wanted` (of a FilterForm). One query counts it, whatever the state chosen."""
    box = BOXES.get(wanted.get("box", ""), ALL)
    found = narrowed(box.pick(cases, by), wanted)
    counts = _counts_by_state(found)
    state = wanted.get("state")
    if state:
        found = found.filter(state=state)
    count = counts.get(state, 0) if state else sum(counts.values())
    page = CountedPaginator(_ordered(found, wanted.get("order"), box), count).get_page(sent.get("page"))
    rows = rows_of(page.object_list.page_for_rows(), at)
    is_narrowed = any(name not in ("box", "order") for name in wanted)
    return Listing(box, _tabs(counts, state, sent), page, rows, is_narrowed)


def narrowed(cases: CaseQuerySet, wanted: Mapping[str, Any]) -> CaseQuerySet:
    """`cases` by every filter but the list and the state."""
    cases = cases.filter(**{field: wanted[name] for name, field in _PLAIN.items() if name in wanted})
    if "q" in wanted:
        cases = cases.matching(wanted["q"])
    if "grid" in wanted:
        cases = cases.in_grid(wanted["grid"])
    if "overdue" in wanted:
        cases = cases.overdue()
    if "red_in" in wanted:
        cases = cases.with_red_card_in(*_month(wanted["red_in"]))
    if "reported_from" in wanted or "reported_to" in wanted:
        cases = cases.reported_between(wanted.get("reported_from"), wanted.get("reported_to"))
    return cases


def _month(text: str) -> tuple[date, date]:
    year, month = (int(part) for part in text.split("-"))
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _counts_by_state(cases: CaseQuerySet) -> dict[str, int]:
    return dict(cases.order_by().values_list("state").annotate(count=Count("pk")))


def _ordered(cases: CaseQuerySet, order: str | None, box: Box) -> CaseQuerySet:
    """What waits for somebody is read by its due time, a register by its newest line; unless asked otherwise."""
    by_due = order == "due" or (order is None and box is not ALL)
    return cases.soonest_first() if by_due else cases.newest_first()


def _tabs(counts: Mapping[str, int], current: str | None, sent: QueryDict) -> list[Tab]:
    """All, then each state that holds something or is looked at, in the order of the lifecycle."""
    every = Tab("全部", _address(sent, ""), sum(counts.values()), not current)
    shown = [state for state in State if counts.get(state) or state == current]
    return [
        every,
        *(Tab(str(state.label), _address(sent, state), counts.get(state, 0), state == current) for state in shown),
    ]


def _address(sent: QueryDict, state: str) -> str:
    """The same list in another state, from its first page; filters that are empty are left out."""
    query = sent.copy()
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    query.pop("page", None)
    query.pop("state", None)
    if state:
        query["state"] = state
    return f"?{query.urlencode()}"
