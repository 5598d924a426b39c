"""两分钟: what a leader looks at first."""

from __future__ import annotations

import calendar
from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from cases.querysets import CaseQuerySet


@dataclass(frozen=True)
class TownLine:
    """Cases of a town that got a red card in a month; `share` is per cent of the town with most."""

    name: str
    count: int
    share: int
    url: str


@dataclass(frozen=True)
class Briefing:
    month: str
    total: int
    url: str
    towns: list[TownLine]


def briefing_of(cases: CaseQuerySet, towns: dict[str, str], day: date) -> Briefing:
    """Red cards of the month of `day` by town, most first. `towns` maps names to codes. One query."""
    first, last = day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    month, found = f"{day:%Y-%m}", cases.with_red_card_in(first, last)
    counts: Counter[str] = Counter()
    for path, count in found.order_by().values_list("grid__path").annotate(count=Count("pk")):
        counts[path.partition("/")[0]] += count
    most = max(counts.values(), default=0)
    lines = [
        TownLine(name, count, count * 100 // most, _address(towns.get(name, ""), month))
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Briefing(month, counts.total(), f"/cases/?red_in={month}", lines)


def _address(code: str, month: str) -> str:
    """The cases of a town; those of the county itself have no town to narrow them by."""
    return f"/cases/?red_in={month}&grid={code}" if code else ""
