"""What is to happen in the demo: a year of matters drawn by lot, and one for each desk, left where it waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, TypeVar

from cases.choices import Origin, Severity
from grids.models import Source
from kernel.calendar import ONE_DAY, SHANGHAI, WorkCalendar
from kernel.counting import advance
from pingyi_grid.demo.actors import Actors
from pingyi_grid.demo.matters import MATTERS
from pingyi_grid.demo.people import AREA, NEXT_TOWN, TOWN, VILLAGE

Drawn = TypeVar("Drawn")
COUNTY_WIDE = "county"
WITHIN_TOWN = "town"
WITHIN_AREA = "area"
# Whoever prepares a desk works so much faster that what waits there came in the last hours.
_BRISK = 0.06
_YEAR_DAYS, _RECENT_DAYS, _RECENT_SHARE = 362, 24, 0.3


@dataclass(frozen=True)
class Plan:
    """One case to come: when, where and what; the road it takes; whose office refers it.

    `lead` names the unit (`grid:…`) that the town asks.
    """

    at: datetime
    village: str
    category: str
    goal: str
    office: str = COUNTY_WIDE
    severity: Severity = Severity.ORDINARY
    origin: Origin = Origin.REPORT
    pace: float = 1.0
    lead: str = ""
    is_sampled: bool = False


# --- the year -----------------------------------------------------------------------------------------------------

_ROADS: tuple[tuple[tuple[str, str], int], ...] = (
    (("closed", COUNTY_WIDE), 36),
    (("closed", WITHIN_TOWN), 30),
    (("reworked_and_closed", COUNTY_WIDE), 5),
    (("reworked_and_closed", WITHIN_TOWN), 3),
    (("returned_and_closed", COUNTY_WIDE), 4),
    (("refused_and_closed", COUNTY_WIDE), 3),
    (("sent_down_and_closed", WITHIN_TOWN), 4),
    (("merged", WITHIN_TOWN), 3),
    (("voided", WITHIN_TOWN), 3),
    (("voided", COUNTY_WIDE), 2),
)
_ON_THE_SPOT: tuple[tuple[tuple[str, str], int], ...] = (
    (("reviewed", WITHIN_TOWN), 66),
    (("review_failed_and_closed", WITHIN_TOWN), 4),
)
_SEVERITIES = ((Severity.ORDINARY, 80), (Severity.SERIOUS, 14), (Severity.MAJOR, 5), (Severity.URGENT, 1))
# What can be 重大 or 紧急; a noise in the night is not.
_GRAVE = frozenset(
    {"A01", "W01", "W03", "W04", "W06", "S01", "S02", "S03", "E01", "E02", "E03", "P01", "Q01", "Q02", "Q03"}
)
_ORIGINS = (
    (Origin.REPORT, 52), (Origin.PATROL, 28), (Origin.COMPLAINT, 9), (Origin.VIDEO, 4), (Origin.SUPERVISION, 4),
    (Origin.ALARM, 2), (Origin.LEADER, 1),
)  # fmt: skip
_ALARMING = ("A01", "W01", "M01")
_SAMPLED_SHARE = 0.12
# How often a matter lies in the places of the sign-ins.
_PLACES = ((VILLAGE, 8), (AREA[:9], 27), (NEXT_TOWN, 15), ("", 50))


def year_of_plans(
    draw: Random,
    number: int,
    *,
    actors: Actors,
    sources: Sequence[Source],
    until: datetime,
    on_the_spot: frozenset[str],
) -> Iterator[Plan]:
    """`number` matters of the year before `until`, a third of them of the last weeks. `on_the_spot`: the categories
    that a grid may handle itself.
    """
    for _ in range(number):
        origin = drawn(draw, _ORIGINS)
        codes = _ALARMING if origin == Origin.ALARM else tuple(MATTERS)
        category = draw.choices(codes, [MATTERS[code].weight for code in codes])[0]
        at_once = category in on_the_spot and origin in (Origin.REPORT, Origin.PATROL) and draw.random() < 0.75
        goal, office = drawn(draw, _ON_THE_SPOT if at_once else _ROADS)
        severity = Severity.ORDINARY if at_once else drawn(draw, _SEVERITIES if category in _GRAVE else _SEVERITIES[:2])
        if origin == Origin.COMPLAINT and draw.random() < 0.15:
            goal = "untrue"
        elif severity == Severity.URGENT:
            goal, office = "closed", COUNTY_WIDE
        yield Plan(
            at=_moment(draw, until),
            village=_village(draw, category, actors, sources),
            category=category,
            goal=goal,
            office=office,
            severity=severity,
            origin=origin,
            is_sampled=draw.random() < _SAMPLED_SHARE,
        )


def drawn(draw: Random, weighted: Sequence[tuple[Drawn, int]]) -> Drawn:
    """One of the values, by their weights."""
    return draw.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def _moment(draw: Random, until: datetime) -> datetime:
    """Any day of the year, more often of the last weeks, between seven and seven; before `until`."""
    days = draw.uniform(0, _RECENT_DAYS if draw.random() < _RECENT_SHARE else _YEAR_DAYS)
    day = (until - timedelta(days=days)).astimezone(SHANGHAI).date()
    at = datetime.combine(day, time(draw.randrange(7, 19), draw.randrange(60)), SHANGHAI)
    return at if at < until else at - ONE_DAY


def _village(draw: Random, category: str, actors: Actors, sources: Sequence[Source]) -> str:
    """Mostly where there is a site of the kind."""
    start = drawn(draw, _PLACES)
    sites = [row.grid.code for row in sources if row.category == MATTERS[category].site]
    near = [code for code in sites if code.startswith(start)] or sites
    if near and draw.random() < 0.7:
        return draw.choice(near)
    return draw.choice([grid.code for grid in actors.villages if grid.code.startswith(start)])


# --- the desks ----------------------------------------------------------------------------------------------------

_SECOND_VILLAGE, _THIRD_VILLAGE = "371326101212", "371326101213"
_AREA_LEADS, _VILLAGE_LEADS = f"grid:{AREA}", f"grid:{VILLAGE}"
_S, _M, _U = Severity.SERIOUS, Severity.MAJOR, Severity.URGENT

# (office hours before the present, where it is left, category, what else). The hours are those that the brisk road to
# that place takes at most, so that it arrives, and waits there with its limit still before it.
_DESKS: tuple[tuple[float, str, str, dict[str, Any]], ...] = (
    # 村网格员
    (0.4, "stay", "A05", {}),
    (1.2, "stay", "S04", {"origin": Origin.VIDEO}),
    (2.0, "stay", "A01", {"origin": Origin.ALARM}),
    (1.0, "self_handling", "S04", {}),
    (2.4, "signed", "S05", {"office": WITHIN_TOWN, "lead": _VILLAGE_LEADS, "village": _SECOND_VILLAGE}),
    (7.0, "submitted", "W05", {}),
    # 工作区网格长
    (0.8, "raised", "A06", {"office": WITHIN_AREA}),
    (1.6, "raised", "S06", {"office": WITHIN_AREA, "village": _SECOND_VILLAGE}),
    (2.2, "self_review", "A05", {"is_sampled": True}),
    (3.0, "self_review", "S04", {"village": _SECOND_VILLAGE}),
    (2.0, "dispatched", "A07", {"office": WITHIN_TOWN, "lead": _AREA_LEADS}),
    # 镇网格办
    (1.4, "raised", "A09", {"office": WITHIN_TOWN}),
    (1.2, "raised", "A01", {"office": WITHIN_TOWN, "severity": _S}),
    (4.2, "submitted", "S05", {"office": WITHIN_TOWN, "lead": _VILLAGE_LEADS}),
    (5.4, "checked", "A08", {"office": WITHIN_TOWN, "lead": _AREA_LEADS}),
    (5.0, "checked", "S04", {"office": WITHIN_TOWN, "lead": _VILLAGE_LEADS}),
    (2.6, "return_asked", "N04", {"office": WITHIN_TOWN, "lead": _AREA_LEADS}),
    (1.0, "void_asked", "S04", {"office": WITHIN_TOWN}),
    (2.4, "dispatched", "A05", {"severity": _S}),
    # 镇网格长
    (5.2, "checked", "A09", {"office": WITHIN_TOWN, "lead": _AREA_LEADS, "severity": _S}),
    (4.9, "checked", "W03", {"office": WITHIN_TOWN, "lead": _AREA_LEADS, "severity": _M}),
    # 县网格办
    (1.8, "raised", "W01", {"village": _THIRD_VILLAGE}),
    (2.2, "raised", "A13", {}),
    (3.0, "return_asked", "W05", {}),
    (3.4, "return_asked", "A01", {"village": _THIRD_VILLAGE}),
    (2.0, "void_asked", "A03", {}),
    (7.8, "checked", "W05", {}),
    (7.6, "checked", "A01", {"village": _SECOND_VILLAGE}),
    # 县领导
    (8.0, "checked", "W05", {"severity": _S}),
    (7.7, "checked", "W01", {"severity": _M}),
    # 水利局经办
    (2.2, "dispatched", "W05", {}),
    (2.0, "dispatched", "W06", {"severity": _S}),
    (4.0, "signed", "W05", {"village": _SECOND_VILLAGE}),
    (20.0, "signed", "W06", {"severity": _M}),
    (96.0, "stalled", "W05", {"village": _THIRD_VILLAGE}),
    (9.0, "reworked", "W05", {}),
    (3.5, "signed", "W01", {}),
    # 生态环境局经办
    (2.1, "dispatched", "A01", {}),
    (2.4, "dispatched", "S01", {"severity": _S}),
    (5.0, "signed", "A09", {}),
    (90.0, "stalled", "A02", {"village": _SECOND_VILLAGE}),
    (9.5, "reworked", "A09", {"village": _THIRD_VILLAGE}),
    # 武台镇
    (1.5, "raised", "A09", {"office": WITHIN_TOWN, "town": NEXT_TOWN}),
    (2.0, "raised", "W05", {"town": NEXT_TOWN}),
    (4.4, "submitted", "S04", {"office": WITHIN_TOWN, "town": NEXT_TOWN, "lead": "grid:village"}),
    (5.2, "checked", "A07", {"office": WITHIN_TOWN, "town": NEXT_TOWN}),
    (1.2, "void_asked", "S04", {"office": WITHIN_TOWN, "town": NEXT_TOWN}),
    (2.6, "return_asked", "S05", {"office": WITHIN_TOWN, "town": NEXT_TOWN}),
    (3.6, "signed", "W05", {"town": NEXT_TOWN}),
    # 办结、归档、作废、合并
    (10.0, "closed", "A07", {"village": _SECOND_VILLAGE}),
    (80.0, "closed", "S01", {}),
    (5.0, "voided", "S04", {"office": WITHIN_TOWN}),
    (4.0, "merged", "A09", {"office": WITHIN_TOWN, "village": _SECOND_VILLAGE}),
    # 紧急
    (6.0, "signed", "W01", {"severity": _U}),
)  # fmt: skip


def plans_for_desks(actors: Actors, *, until: datetime, calendar: WorkCalendar) -> Iterator[Plan]:
    """For every desk of the sign-ins what it has to do, and what climbed there by itself."""
    for hours, goal, category, more in _DESKS:
        at = advance(until, timedelta(hours=-hours), calendar.spans)
        yield Plan(at=at, category=category, goal=goal, pace=_BRISK, **_placed(actors, more))
    for levels, category in ((1, "A04"), (1, "W02"), (2, "A11"), (3, "N01")):
        yield Plan(_before_climbing(until, levels, calendar), VILLAGE, category, "stay")
    yield Plan(until - timedelta(minutes=12), _SECOND_VILLAGE, "S02", "stay", severity=_U)


def _placed(actors: Actors, more: dict[str, Any]) -> dict[str, Any]:
    """With the village named: the first of `town`, else the member's own. `grid:village` is that village itself."""
    more = dict(more)
    town = more.pop("town", TOWN)
    first = next(grid.code for grid in actors.villages if grid.code.startswith(town))
    more.setdefault("village", VILLAGE if town == TOWN else first)
    if more.get("lead") == "grid:village":
        more["lead"] = f"grid:{more['village']}"
    return more


def _before_climbing(until: datetime, levels: int, calendar: WorkCalendar) -> datetime:
    """The afternoon from which what nobody touches has climbed `levels` levels by the last close of business."""
    today = until.astimezone(SHANGHAI).date()
    day = _working_day(today if calendar.closes_at(today) < until else today - ONE_DAY, calendar)
    for _ in range(levels):
        day = _working_day(day - ONE_DAY, calendar)
    return datetime.combine(day, time(15, 10), SHANGHAI)


def _working_day(day: date, calendar: WorkCalendar) -> date:
    """`day`, or the last one before it that is worked."""
    while not calendar.is_working(day):
        day -= ONE_DAY
    return day
