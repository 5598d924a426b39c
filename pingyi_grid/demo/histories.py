"""Cases of the demo, each walked by the real services at past moments, so that steps, clocks and notices are true."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from accounts.models import User
from accounts.roles import Role
from cases.choices import SERIOUS_AND_ABOVE, Origin, PartState, RequestState, Severity, State, VoidReason
from cases.models import Case
from cases.rules import Unit
from cases.services.facts import live_parts, unit_of
from cases.services.filing import Location, Matter, file_case, register_case
from cases.services.machine import act
from cases.services.referring import proposed_units, unit_choices
from cases.services.sweeping import sweep_cases
from grids.choices import GridKind
from grids.models import Grid, Source
from kernel.calendar import SHANGHAI
from kernel.models import Photo
from kernel.refusal import Refused
from pingyi_grid.demo.actors import Actors
from pingyi_grid.demo.matters import MATTERS, PLACES
from pingyi_grid.demo.opinions import (
    CAUSES,
    MEASURES,
    OPINIONS,
    RETURN_BASIS,
    RETURN_REASON,
    URGENT_MATTER,
    VOID_REASONS,
)
from pingyi_grid.demo.people import NEXT_TOWN, TOWN, VILLAGE
from pingyi_grid.demo.pictures import Album

YEAR_DAYS = 360
# Where a story ends; what is older than three weeks is, with few exceptions, closed and archived by then.
_RECENT = timedelta(days=21)
_BRISK = 0.3
# How long the handling takes, in hours: mostly within five working days, one in eight beyond.
_IN_TIME, _LATE, _LATE_SHARE = (8.0, 60.0), (170.0, 260.0), 0.12


@dataclass(frozen=True)
class Plan:
    """One case to come: when and where it begins, how grave it is, where it is left; `pace` shortens the waits."""

    at: datetime
    grid: Grid
    category: str
    severity: Severity
    goal: str
    origin: Origin = Origin.REPORT
    pace: float = 1.0


class Storyteller:
    """Walks one case after another. Everything random comes from `draw`, so the same seed tells the same stories."""

    def __init__(self, draw: Random, actors: Actors, album: Album, until: datetime) -> None:
        self.draw = draw
        self.actors = actors
        self.album = album
        self.until = until
        self.sources: dict[int, list[Source]] = {}
        for source in Source.objects.filter(is_demo=True).order_by("code"):
            self.sources.setdefault(source.grid_id, []).append(source)

    def tell(self, plan: Plan) -> Case:
        """File the case of `plan` and lead it to its goal, or as far as time and the clock let it go."""
        self.at, self.pace = plan.at, plan.pace
        case = self._begin(plan)
        with suppress(Refused):
            _ROADS[plan.goal](self, case)
        if plan.goal in _ENDINGS:
            self._settle(case)
        return Case.objects.get(pk=case.pk)

    def _settle(self, case: Case) -> None:
        """What climbed away from the people of the story is brought to its end by the county."""
        case = Case.objects.get(pk=case.pk)
        county = self.actors.in_charge(self.actors.county)
        with suppress(Refused):
            if case.requests.filter(state=RequestState.PENDING).exists():
                self.do(case, "approve_void", county)
            elif case.state == State.TRIAGE:
                self.closed(case)

    def _begin(self, plan: Plan) -> Case:
        member = self.actors.first_at(plan.grid, Role.MEMBER)
        title, description = self._words(plan)
        matter = Matter(
            category=plan.category,
            severity=plan.severity,
            grid=plan.grid.code,
            title=title,
            description=description,
            place=self.draw.choice(PLACES),
            location=self._point(plan.grid),
            source=self._source(plan),
            origin=plan.origin,
            photos=[self.album.before(member, self.at)],
        )
        file = file_case if plan.origin in (Origin.REPORT, Origin.PATROL) else register_case
        by = member if file is file_case else self.actors.in_charge(self.actors.county)
        number = uuid.UUID(int=self.draw.getrandbits(128), version=4)
        return file(matter, by=self.actors.scope(by, self.at), at=self.at, client_id=number).case

    def _words(self, plan: Plan) -> tuple[str, str]:
        if plan.severity == Severity.URGENT:
            return URGENT_MATTER
        return self.draw.choice(MATTERS[plan.category].words)

    def _point(self, grid: Grid) -> Location | None:
        if grid.centre_lon is None or grid.centre_lat is None or self.draw.random() < 0.2:
            return None
        shift = (self.draw.uniform(-0.002, 0.002), self.draw.uniform(-0.002, 0.002))
        return Location(round(grid.centre_lon + shift[0], 6), round(grid.centre_lat + shift[1], 6))

    def _source(self, plan: Plan) -> str:
        fitting = [row for row in self.sources.get(plan.grid.pk, []) if row.category == MATTERS[plan.category].site]
        return self.draw.choice(fitting).code if fitting else ""

    def do(self, case: Case, action: str, user: User, *, wait: tuple[float, float] = (0.3, 6), **data: Any) -> Case:
        """`user` does `action` some office hours later, and the clock does what was due until then.

        Refused ends the story: the present is reached, or the case climbed away from this person meanwhile.
        """
        self.at = _office_time(self.at + timedelta(hours=self.pace * self.draw.uniform(*wait)))
        if self.at >= self.until:
            raise Refused("此后的事尚未发生。", "present")
        sweep_cases(self.at)
        if action in OPINIONS:
            data.setdefault("opinion", self.draw.choice(OPINIONS[action]))
        return act(case, action, by=self.actors.scope(user, self.at), at=self.at, data=data)

    def before(self, user: User) -> list[Photo]:
        return [self.album.before(user, self.at)]

    def after(self, user: User) -> list[Photo]:
        return [self.album.after(user, self.at)]

    # --- the roads, each built on the one before -------------------------------------------------------------------

    def stay(self, case: Case) -> Case:
        return case

    def to_town(self, case: Case) -> Case:
        return self._rise(case, GridKind.TOWN)

    def to_county(self, case: Case) -> Case:
        return self._rise(case, GridKind.COUNTY)

    def _rise(self, case: Case, kind: str) -> Case:
        """Level by level up to a grid of `kind`, which for a subdistrict stands for a town."""
        tops = {GridKind.COUNTY} if kind == GridKind.COUNTY else {GridKind.TOWN, GridKind.SUBDISTRICT, GridKind.COUNTY}
        while case.holder_grid is not None and case.holder_grid.kind not in tops:
            case = self.do(case, "escalate", self.actors.in_charge(self.actors.grid(case.holder_grid.code)))
        return case

    def sent_down(self, case: Case) -> Case:
        case = self.to_town(case)
        grid = case.holder_grid
        below = [row for row in Grid.objects.filter(parent=grid).in_order() if row.pk != case.grid.parent_id]
        return self.do(case, "send_down", self.actors.in_charge(grid), grid=below[0].code) if grid and below else case

    def dispatched(self, case: Case) -> Case:
        case = self.to_county(case)
        user = self.actors.in_charge(self.actors.county)
        lead, cooperating = proposed_units(case)
        known = {unit.key for unit in unit_choices(case, self.actors.scope(user, self.at))}
        co = [unit.key for unit in cooperating[:2] if unit.key in known and unit.key != lead.key]
        return self.do(case, "refer", user, lead=lead.key, co=co)

    def within_town(self, case: Case) -> Case:
        """The town refers it to one of its own grids."""
        case = self.to_town(case)
        return self.do(case, "refer", self._office(case), lead=f"grid:{case.grid.parent.code}", co=[])

    def _office(self, case: Case) -> User:
        return self.actors.in_charge(self.actors.grid(case.holder_grid.code))  # type: ignore[union-attr]

    def signed(self, case: Case) -> Case:
        return self._sign(self.dispatched(case))

    def _sign(self, case: Case) -> Case:
        return self.do(case, "sign", self._lead_of(case))

    def _lead_of(self, case: Case) -> User:
        return self.actors.handler_of(Unit(case.holder_grid, case.holder_department))

    def submitted(self, case: Case) -> Case:
        return self._submit(self._answered(self.signed(case)))

    def _answered(self, case: Case) -> Case:
        for part in live_parts(case):
            if part.role == "co" and part.state != PartState.SUBMITTED:
                user, words = self.actors.handler_of(unit_of(part)), self.draw.choice(OPINIONS["answer_part"])
                case = self.do(case, "answer_part", user, wait=(2, 12), feedback=words, photos=[])
        return case

    def _submit(self, case: Case) -> Case:
        user = self._lead_of(case)
        words = {"measures": self.draw.choice(MEASURES), "cause": self.draw.choice(CAUSES)}
        wait = _LATE if self.draw.random() < _LATE_SHARE else _IN_TIME
        return self.do(case, "submit", user, wait=wait, **words, photos=self.after(user))

    def checked(self, case: Case) -> Case:
        return self._check(self.submitted(case))

    def _check(self, case: Case) -> Case:
        checker = self._checker(case)
        return self.do(case, "pass_check", checker, wait=(3, 20), photos=self.after(checker))

    def _checker(self, case: Case) -> User:
        grid = self.actors.grid(case.holder_grid.code)  # type: ignore[union-attr]
        if grid.kind in (GridKind.VILLAGE, GridKind.COMMUNITY):
            return self.actors.first_at(grid, Role.VILLAGE_HEAD)
        return self.actors.beside(grid, case.handler_id)

    def reworked(self, case: Case) -> Case:
        case = self.submitted(case)
        return self.do(case, "fail_check", self._checker(case), wait=(3, 20))

    def closed_after_rework(self, case: Case) -> Case:
        return self._close(self._check(self._submit(self.reworked(case))))

    def closed(self, case: Case) -> Case:
        return self._close(self.checked(case))

    def closed_in_town(self, case: Case) -> Case:
        return self._close(self._check(self._submit(self._sign(self.within_town(case)))))

    def _close(self, case: Case) -> Case:
        grid = self.actors.grid(case.holder_grid.code)  # type: ignore[union-attr]
        return self.do(case, "close", self._closer(case, grid))

    def _closer(self, case: Case, grid: Grid) -> User:
        if case.severity not in SERIOUS_AND_ABOVE:
            return self.actors.beside(grid, case.handler_id)
        return self.actors.first_at(grid, Role.LEADER, Role.TOWN_HEAD)

    def self_handling(self, case: Case) -> Case:
        return self.do(case, "self_handle", self.actors.first_at(case.grid, Role.MEMBER))

    def self_review(self, case: Case) -> Case:
        user = self.actors.first_at(case.grid, Role.MEMBER)
        case = self.self_handling(case)
        return self.do(case, "finish", user, measures=self.draw.choice(MEASURES), photos=self.after(user))

    def reviewed(self, case: Case) -> Case:
        case = self.self_review(case)
        return self.do(case, "pass_review", self._office(case))

    def review_failed(self, case: Case) -> Case:
        case = self.self_review(case)
        return self.do(case, "fail_review", self._office(case))

    def return_asked(self, case: Case) -> Case:
        case = self.signed(case)
        return self.do(case, "ask_return", self._lead_of(case), reason=RETURN_REASON, basis=RETURN_BASIS)

    def returned(self, case: Case) -> Case:
        return self.do(self.return_asked(case), "approve_return", self.actors.in_charge(self.actors.county))

    def return_rejected(self, case: Case) -> Case:
        return self.do(self.return_asked(case), "reject_return", self.actors.in_charge(self.actors.county))

    def void_asked(self, case: Case) -> Case:
        reason = self.draw.choice([VoidReason.DUPLICATE, VoidReason.TEST])
        member = self.actors.first_at(case.grid, Role.MEMBER)
        return self.do(case, "ask_void", member, void_reason=str(reason), reason=VOID_REASONS[reason])

    def voided(self, case: Case) -> Case:
        case = self.void_asked(case)
        decider = case.requests.get().decider_grid
        return self.do(case, "approve_void", self.actors.in_charge(self.actors.grid(decider.code)))

    def verified(self, case: Case) -> Case:
        member = self.actors.first_at(case.grid, Role.MEMBER)
        return self.do(case, "verify_true", member, photos=self.before(member))

    def untrue(self, case: Case) -> Case:
        member = self.actors.first_at(case.grid, Role.MEMBER)
        return self.do(case, "verify_false", member, reason=VOID_REASONS["not_true"], photos=self.after(member))


def _office_time(moment: datetime) -> datetime:
    """People act by day: what would be at night happens the next morning."""
    local = moment.astimezone(SHANGHAI)
    if local.hour < 8:
        return datetime.combine(local.date(), time(8, 30 + local.minute % 20), SHANGHAI)
    if local.hour >= 18:
        return datetime.combine(local.date() + timedelta(days=1), time(8, 30 + local.minute % 20), SHANGHAI)
    return local


_ROADS: dict[str, Callable[[Storyteller, Case], Case]] = {
    name: getattr(Storyteller, name)
    for name in (
        "stay", "to_town", "to_county", "sent_down", "dispatched", "within_town", "signed", "submitted", "checked",
        "reworked", "closed_after_rework", "closed", "closed_in_town", "self_handling", "self_review", "reviewed",
        "review_failed", "return_asked", "returned", "return_rejected", "void_asked", "voided", "verified", "untrue",
    )
}  # fmt: skip

# How stories of the past year ended, and where those of the last weeks stand.
_ENDINGS = frozenset({"closed", "closed_in_town", "reviewed", "closed_after_rework", "voided"})
_PAST = (("closed", 30), ("closed_in_town", 22), ("reviewed", 22), ("closed_after_rework", 6), ("voided", 5))
_NOW = (
    ("stay", 6), ("to_town", 5), ("to_county", 5), ("sent_down", 2), ("dispatched", 6), ("within_town", 4),
    ("signed", 8), ("submitted", 6), ("checked", 5), ("reworked", 3), ("self_handling", 4), ("self_review", 4),
    ("review_failed", 2), ("return_asked", 3), ("returned", 2), ("return_rejected", 2), ("void_asked", 3),
    ("closed", 8), ("closed_in_town", 6),
)  # fmt: skip
_SEVERITIES = ((Severity.ORDINARY, 78), (Severity.SERIOUS, 17), (Severity.MAJOR, 5))
# How many days ago a story that is still open began: what waits for a decision waits for hours, not for weeks.
_DAYS_AGO = {"stay": 1.2, "to_town": 1.5, "to_county": 2, "sent_down": 2, "self_handling": 2, "dispatched": 3,
             "within_town": 3, "void_asked": 2, "review_failed": 3, "self_review": 3, "signed": 8, "return_asked": 3,
             "returned": 3, "return_rejected": 5, "submitted": 7, "checked": 7, "reworked": 9}  # fmt: skip
_OWN_TOWN_SHARE, _NEXT_TOWN_SHARE, _OWN_VILLAGE_SHARE = 0.3, 0.1, 0.1


def plans(draw: Random, number: int, actors: Actors, until: datetime, self_handled: set[str]) -> Iterator[Plan]:
    """`number` plans. A third belongs to the last three weeks, so that every desk has work."""
    for _ in range(number):
        is_recent = draw.random() < 0.33
        goal = _drawn(draw, _NOW if is_recent else _PAST)
        at = _moment(draw, until, *((0.1, _DAYS_AGO.get(goal, 20)) if is_recent else (21, YEAR_DAYS)))
        yield _plan(draw, at, goal, actors, self_handled)


def _moment(draw: Random, until: datetime, least: float, most: float) -> datetime:
    """A moment of the day `least` to `most` days before `until`, and before it."""
    day = (until - timedelta(days=draw.uniform(least, most))).astimezone(SHANGHAI).date()
    at = datetime.combine(day, time(draw.randrange(7, 18), draw.randrange(60)), SHANGHAI)
    return min(at, until - timedelta(minutes=draw.randrange(5, 90)))


def _plan(draw: Random, at: datetime, goal: str, actors: Actors, self_handled: set[str]) -> Plan:
    by_itself = goal in ("self_handling", "self_review", "reviewed", "review_failed")
    codes = [code for code in MATTERS if not by_itself or code in self_handled]
    category = draw.choices(codes, [MATTERS[code].weight for code in codes])[0]
    severity = Severity.ORDINARY if by_itself else _drawn(draw, _SEVERITIES)
    origin = Origin.PATROL if draw.random() < 0.4 else Origin.REPORT
    return Plan(at, _village(draw, actors), category, severity, goal, origin)


def _village(draw: Random, actors: Actors) -> Grid:
    share = draw.random()
    if share < _OWN_VILLAGE_SHARE:
        return actors.grid(VILLAGE)
    share -= _OWN_VILLAGE_SHARE
    town = TOWN if share < _OWN_TOWN_SHARE else NEXT_TOWN if share < _OWN_TOWN_SHARE + _NEXT_TOWN_SHARE else ""
    return draw.choice([grid for grid in actors.villages if grid.code.startswith(town)])


def _drawn(draw: Random, weighted: tuple[tuple[Any, int], ...]) -> Any:
    return draw.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def staged(actors: Actors, until: datetime, self_handled: set[str]) -> Iterator[Plan]:
    """One case for each desk of the sign-ins, days or hours ago, so that nobody finds an empty page."""
    village, water, air = actors.grid(VILLAGE), "W05", sorted(self_handled)[0]
    ordinary, serious = Severity.ORDINARY, Severity.SERIOUS
    rows = (
        (2.0, "stay", ordinary, air), (5.0, "stay", serious, "A01"),
        (26.0, "to_town", ordinary, "A01"), (28.0, "to_county", ordinary, "S01"), (150.0, "closed", ordinary, water),
        (26.0, "dispatched", ordinary, water), (30.0, "dispatched", ordinary, "A01"),
        (50.0, "signed", ordinary, water), (74.0, "signed", serious, "W06"), (270.0, "signed", ordinary, water),
        (70.0, "submitted", ordinary, water), (76.0, "checked", serious, water), (80.0, "checked", serious, "A01"),
        (78.0, "checked", ordinary, "A01"), (48.0, "return_asked", ordinary, water),
        (28.0, "void_asked", ordinary, air),
        (30.0, "self_review", ordinary, air), (20.0, "self_handling", ordinary, air),
        (100.0, "reworked", ordinary, water), (46.0, "within_town", serious, "A01"),
    )  # fmt: skip
    for hours, goal, severity, category in rows:
        at = min(_office_time(until - timedelta(hours=hours)), until - timedelta(minutes=5))
        yield Plan(at, village, category, severity, goal, pace=_BRISK)
    for goal, origin in (("stay", Origin.ALARM), ("untrue", Origin.ALARM), ("verified", Origin.VIDEO)):
        at = _office_time(until - timedelta(hours=30))
        yield Plan(min(at, until - timedelta(minutes=5)), village, "A01", ordinary, goal, origin)
    yield Plan(until - timedelta(minutes=12), village, water, Severity.URGENT, "stay")
