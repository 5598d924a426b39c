"""The life of one case in the demo, told as a generator: it yields the moment of each act, then the services do it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import User
from accounts.roles import Role
from cases.choices import (
    SERIOUS_AND_ABOVE,
    PartRole,
    PartState,
    RequestState,
    Severity,
    State,
    VoidReason,
)
from cases.models import Case
from cases.rules import Unit
from cases.services.facts import live_parts, unit_of
from cases.services.machine import act, with_related
from cases.services.referring import proposed_units, unit_choices
from grids.choices import GridKind
from grids.models import Grid
from kernel.counting import advance
from kernel.models import Photo
from pingyi_grid.demo import opinions
from pingyi_grid.demo.beginnings import World, begin
from pingyi_grid.demo.pace import answered_at
from pingyi_grid.demo.pictures import Album
from pingyi_grid.demo.plans import WITHIN_AREA, WITHIN_TOWN, Plan

# A road is walked act by act: it yields the moment of the next one and returns the case where it leads to.
Road = Generator[datetime, None, Case]
_VILLAGES = (GridKind.VILLAGE, GridKind.COMMUNITY)
_CO_SILENT_SHARE = 0.08


@dataclass
class Storyteller:
    """Tells the story of one plan. Everything random comes from `draw`, so the same seed tells the same story."""

    plan: Plan
    world: World
    draw: Random
    at: datetime = field(init=False)
    turned_down: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.at = self.plan.at

    def story(self) -> Generator[datetime, None, None]:
        """The whole life of the case, up to where the plan leaves it."""
        yield self.at
        case = begin(self.plan, self.world, self.draw)
        if case.state == State.VERIFYING and self.plan.goal not in ("stay", "untrue"):
            case = yield from self._verified(case)
        yield from _ROADS[self.plan.goal](self, case)

    # --- one act -------------------------------------------------------------------------------------------------

    def do(self, case: Case, action: str, user: User, due: datetime | None = None, **data: Any) -> Road:
        """`user` does `action` after as long as people take for it; the limit is that of the case unless `due` is
        given. When the clock has moved the case on meanwhile nothing is done: the road looks at it again.
        """
        yield from self._wait_until(self._moment(case, action, due))
        return self._act(case, action, user, data) if _is_where_it_was(case) else _fresh(case)

    def _moment(self, case: Case, action: str, due: datetime | None = None) -> datetime:
        return answered_at(
            action,
            now=self.at,
            due=due or case.due_at,
            severity=case.severity,
            pace=self.plan.pace,
            draw=self.draw,
            calendar=self.world.calendar,
        )

    def _wait_until(self, moment: datetime) -> Generator[datetime, None, None]:
        yield moment
        self.at = moment

    def _act(self, case: Case, action: str, user: User, data: dict[str, Any]) -> Case:
        """Now, with an opinion and a photo where the action takes one."""
        if action in opinions.OPINIONS:
            data.setdefault("opinion", self.draw.choice(opinions.OPINIONS[action]))
        if action in _PHOTOGRAPHED:
            data["photos"] = [_PHOTOGRAPHED[action](self.world.album, user, self.at)]
        return act(case, action, by=self.world.actors.scope(user, self.at), at=self.at, data=data)

    def _office(self, case: Case) -> User:
        return self.world.actors.in_charge(self._holder(case))

    def _holder(self, case: Case) -> Grid:
        return self.world.actors.grid(case.holder_grid.code)  # type: ignore[union-attr]  # in 研判 a grid holds it

    # --- up, down and out ----------------------------------------------------------------------------------------

    def stay(self, case: Case) -> Road:
        """Nobody does anything; what time makes happen, happens."""
        yield from ()
        return case

    def raised(self, case: Case) -> Road:
        """Escalated level by level, up to the office of the plan."""
        while case.state == State.TRIAGE and not self._is_at_office(case):
            case = yield from self.do(case, "escalate", self._office(case))
        return case

    def _is_at_office(self, case: Case) -> bool:
        kind = self._holder(case).kind
        if kind == GridKind.COUNTY:
            return True
        if self.plan.office == WITHIN_AREA:
            return kind == GridKind.WORK_AREA
        return self.plan.office == WITHIN_TOWN and kind not in (*_VILLAGES, GridKind.WORK_AREA)

    def dispatched(self, case: Case) -> Road:
        """Referred by the office of the plan, or by the county when it climbed past that."""
        while case.state == State.TRIAGE:
            case = yield from self.raised(case)
            if case.state == State.TRIAGE:
                lead, co = self._units(case)
                case = yield from self.do(case, "refer", self._office(case), lead=lead, co=co)
        return case

    def _units(self, case: Case) -> tuple[str, list[str]]:
        if self._holder(case).kind != GridKind.COUNTY:
            return self._units_of_town(case), []
        lead, cooperating = proposed_units(case)
        scope = self.world.actors.scope(self._office(case), self.at)
        known = {unit.key for unit in unit_choices(case, scope)} - self.turned_down
        town = f"grid:{self._town(case).code}"
        keys = [unit.key for unit in (lead, *cooperating) if unit.key in known] or [town]
        return keys[0], keys[1:3]

    def _town(self, case: Case) -> Grid:
        village = self.world.actors.grid(case.grid.code)
        return self.world.actors.grid(village.parent.code).parent

    def _units_of_town(self, case: Case) -> str:
        village = self.world.actors.grid(case.grid.code)
        keys = [self.plan.lead or self.draw.choice((f"grid:{village.code}", f"grid:{village.parent.code}"))]
        keys += [f"grid:{village.parent.code}", f"grid:{village.code}"]
        return next(key for key in keys if key not in self.turned_down)

    def _sent_down(self, case: Case) -> Road:
        """By the county to the town where it lies; whoever holds it then goes on from there."""
        while case.state == State.TRIAGE and self._holder(case).kind != GridKind.COUNTY:
            case = yield from self.do(case, "escalate", self._office(case))
        if case.state != State.TRIAGE or case.severity == Severity.URGENT:
            return case
        town, reason = self._town(case), opinions.OVERRIDE_REASON
        return (yield from self.do(case, "send_down", self._office(case), grid=town.code, override_reason=reason))

    # --- handling ------------------------------------------------------------------------------------------------

    def signed(self, case: Case) -> Road:
        case = yield from self.dispatched(case)
        if case.state == State.DISPATCHED:
            case = yield from self.do(case, "sign", self._lead(case))
        return case

    def _lead(self, case: Case) -> User:
        return self.world.actors.handler_of(Unit(case.holder_grid, case.holder_department))

    def submitted(self, case: Case) -> Road:
        case = yield from self.signed(case)
        return (yield from self._submitted(case))

    def _submitted(self, case: Case) -> Road:
        explanation = opinions.CO_EXPLANATION if self.draw.random() < _CO_SILENT_SHARE else ""
        for part in live_parts(case):
            if part.role == PartRole.CO and part.state != PartState.SUBMITTED and not explanation:
                user, words = self.world.actors.handler_of(unit_of(part)), self.draw.choice(_ANSWERS)
                case = yield from self.do(case, "answer_part", user, due=part.due_at, feedback=words)
        measures, cause = self.draw.choice(opinions.MEASURES), self.draw.choice(opinions.CAUSES)
        words = {"measures": measures, "cause": cause, "co_explanation": explanation}
        return (yield from self.do(case, "submit", self._lead(case), **words))

    def checked(self, case: Case) -> Road:
        case = yield from self.submitted(case)
        return (yield from self._checked(case))

    def _checked(self, case: Case) -> Road:
        return (yield from self.do(case, "pass_check", self._checker(case)))

    def _checker(self, case: Case) -> User:
        grid, actors = self._holder(case), self.world.actors
        if grid.kind in _VILLAGES:
            return actors.first_at(grid, self.draw.choice((Role.VILLAGE_HEAD, Role.MEMBER)))
        return actors.beside(grid, case.handler_id)

    def closed(self, case: Case) -> Road:
        case = yield from self.checked(case)
        return (yield from self._closed(case))

    def _closed(self, case: Case) -> Road:
        grid, actors = self._holder(case), self.world.actors
        user = actors.beside(grid, case.handler_id)
        if case.severity in SERIOUS_AND_ABOVE:
            user = actors.first_at(grid, Role.LEADER, Role.TOWN_HEAD)
        return (yield from self.do(case, "close", user))

    def reworked(self, case: Case) -> Road:
        case = yield from self.submitted(case)
        return (yield from self.do(case, "fail_check", self._checker(case)))

    def reworked_and_closed(self, case: Case) -> Road:
        case = yield from self.reworked(case)
        case = yield from self._submitted(case)
        case = yield from self._checked(case)
        return (yield from self._closed(case))

    def stalled(self, case: Case) -> Road:
        """Signed and left lying: past its time, with a red card, urged by the office that sent it out."""
        case = yield from self.signed(case)
        office = self.world.actors.in_charge(self.world.actors.grid(case.dispatch_grid.code))
        moment = advance(case.due_at, timedelta(hours=12), self.world.calendar.spans)
        yield from self._wait_until(moment)
        return self._act(case, "urge", office, {})

    # --- requests ------------------------------------------------------------------------------------------------

    def return_asked(self, case: Case) -> Road:
        case = yield from self.dispatched(case)
        lead = Unit(case.holder_grid, case.holder_department)
        self.turned_down.add(lead.key)
        reason, basis = opinions.RETURN_REASON, opinions.RETURN_BASIS
        user = self.world.actors.handler_of(lead)
        return (yield from self.do(case, "ask_return", user, reason=reason, basis=basis))

    def _dispatcher(self, case: Case) -> User:
        return self.world.actors.in_charge(self.world.actors.grid(case.dispatch_grid.code))

    def returned_and_closed(self, case: Case) -> Road:
        case = yield from self.return_asked(case)
        case = yield from self.do(case, "approve_return", self._dispatcher(case))
        return (yield from self.closed(case))

    def refused_and_closed(self, case: Case) -> Road:
        case = yield from self.return_asked(case)
        case = yield from self.do(case, "reject_return", self._dispatcher(case))
        return (yield from self.closed(case))

    def sent_down_and_closed(self, case: Case) -> Road:
        case = yield from self._sent_down(case)
        return (yield from self.closed(case))

    def void_asked(self, case: Case) -> Road:
        """By the reporter; in a plan of the county by the town, which must not decide on it itself."""
        user = case.reporter
        if self.plan.office != WITHIN_TOWN:
            while case.state == State.TRIAGE and self._holder(case).kind in (*_VILLAGES, GridKind.WORK_AREA):
                case = yield from self.do(case, "escalate", self._office(case))
            user = self._office(case)
        reason = self.draw.choice((VoidReason.DUPLICATE, VoidReason.TEST))
        words = opinions.VOID_REASONS[reason]
        return (yield from self.do(case, "ask_void", user, void_reason=str(reason), reason=words))

    def voided(self, case: Case) -> Road:
        case = yield from self.void_asked(case)
        return (yield from self._voided(case))

    def _voided(self, case: Case) -> Road:
        """Decided by the office above; a case that climbed before anybody asked is closed in the usual way."""
        while (request := case.requests.filter(state=RequestState.PENDING).first()) is not None:
            decider = self.world.actors.grid(request.decider_grid.code)
            user = self.world.actors.beside(decider, request.applicant_id)
            case = yield from self.do(case, "approve_void", user)
        return (yield from self.closed(case)) if case.state == State.TRIAGE else case

    def merged(self, case: Case) -> Road:
        """Into another open case of the town; closed on its own where there is none."""
        case = yield from self.raised(case)
        yield from self._wait_until(self._moment(case, "merge"))
        case = _fresh(case)
        near = Case.objects.active().filter(grid__code__startswith=case.grid.code[:9], merged_into__isnull=True)
        target = near.exclude(pk=case.pk).order_by("-id").first()
        if target is None or case.state != State.TRIAGE:
            return (yield from self.closed(case))
        return self._act(case, "merge", self._office(case), {"target": target.number})

    # --- on the spot ---------------------------------------------------------------------------------------------

    def self_handling(self, case: Case) -> Road:
        return (yield from self.do(case, "self_handle", self._office(case)))

    def self_review(self, case: Case) -> Road:
        case = yield from self.self_handling(case)
        if case.state == State.SELF_HANDLING:
            measures = self.draw.choice(opinions.MEASURES)
            case = yield from self.do(case, "finish", self._office(case), measures=measures)
        if case.state == State.SELF_REVIEW:
            # The lot of a county cannot be foreseen; the demo's must come out the same each time.
            Case.objects.filter(pk=case.pk).update(is_sampled=self.plan.is_sampled)
        return case

    def reviewed(self, case: Case) -> Road:
        """Looked at where it was drawn; the rest passes by time. What ran out meanwhile is closed in the usual way."""
        case = yield from self.self_review(case)
        if case.state == State.SELF_REVIEW and self.plan.is_sampled:
            return (yield from self.do(case, "pass_review", self._office(case)))
        return (yield from self.closed(case)) if case.state == State.TRIAGE else case

    def review_failed_and_closed(self, case: Case) -> Road:
        case = yield from self.self_review(case)
        if case.state == State.SELF_REVIEW:
            case = yield from self.do(case, "fail_review", self._office(case))
        return (yield from self.closed(case)) if case.state == State.TRIAGE else case

    def _verified(self, case: Case) -> Road:
        return (yield from self.do(case, "verify_true", self._office(case)))

    def untrue(self, case: Case) -> Road:
        words = opinions.VOID_REASONS["not_true"]
        case = yield from self.do(case, "verify_false", self._office(case), reason=words)
        return (yield from self._voided(case))


def _is_where_it_was(case: Case) -> bool:
    """False when the clock has moved it on since it was read."""
    place = {"state": case.state, "holder_grid": case.holder_grid_id, "holder_department": case.holder_department_id}
    return Case.objects.filter(pk=case.pk, **place).exists()


def _fresh(case: Case) -> Case:
    return with_related(Case.objects.all()).get(pk=case.pk)


_ANSWERS = opinions.OPINIONS["answer_part"]
_PHOTOGRAPHED: dict[str, Callable[[Album, User, datetime], Photo]] = {
    "verify_true": Album.before,
    "verify_false": Album.after,
    "finish": Album.after,
    "submit": Album.after,
    "pass_check": Album.after,
    "fail_check": Album.before,
}
_ROADS: dict[str, Callable[[Storyteller, Case], Road]] = {
    road.__name__: road
    for road in (
        Storyteller.stay, Storyteller.raised, Storyteller.dispatched, Storyteller.signed, Storyteller.submitted,
        Storyteller.checked, Storyteller.closed, Storyteller.reworked, Storyteller.reworked_and_closed,
        Storyteller.stalled, Storyteller.return_asked, Storyteller.returned_and_closed, Storyteller.refused_and_closed,
        Storyteller.sent_down_and_closed, Storyteller.void_asked, Storyteller.voided, Storyteller.merged,
        Storyteller.self_handling, Storyteller.self_review, Storyteller.reviewed, Storyteller.review_failed_and_closed,
        Storyteller.untrue,
    )
}  # fmt: skip
