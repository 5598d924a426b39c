"""Everything that the page of one case shows, read in a fixed number of queries however long its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import User
from cases.choices import SERIOUS_AND_ABOVE, RequestState, State
from cases.models import Card, Case, CasePhoto, Part, ReferralSheet, Request, StageClock, Step
from cases.rules import CaseFacts, Unit
from cases.services.facts import facts_of, holder_of, in_force
from cases.services.machine import offers
from cases.services.telling import closers_of
from grids.models import Boundary
from grids.scope import Scope, officers_of, responsible_for
from kernel.lifecycle import Offer

# More names than these help nobody to find whom to call.
_MOST_PEOPLE = 4


@dataclass(frozen=True)
class Dossier:
    """A case whole, as one person may see it at one moment. Lists are in the order of time; any may be empty."""

    case: Case
    facts: CaseFacts
    offers: list[Offer[CaseFacts, Scope]]
    clocks: list[StageClock]
    parts: list[Part]
    sheets: list[ReferralSheet]
    requests: list[Request]
    cards: list[Card]
    steps: list[Step]
    photos: list[CasePhoto]
    merged: list[Case]
    merged_into: Case | None
    people: list[User]
    outlines: list[Boundary]

    @property
    def running(self) -> list[StageClock]:
        return [clock for clock in self.clocks if clock.stopped_at is None]


def read_dossier(case: Case, *, by: Scope, at: datetime) -> Dossier:
    """The dossier of `case`, which `by` may see: other cases in it only where they may be seen too."""
    parts = list(case.parts.select_related("grid", "department", "sheet", "submitted_by").order_by("-role", "id"))
    requests = list(case.requests.select_related("applicant", "decider_grid", "decided_by"))
    pending = [request for request in requests if request.state == RequestState.PENDING]
    facts = facts_of(case, at, in_force(case, parts), pending)
    seen = Case.objects.visible_to(by)
    return Dossier(
        case=case,
        facts=facts,
        offers=offers(case, by, facts),
        clocks=list(case.clocks.select_related("grid", "department")),
        parts=parts,
        sheets=list(case.sheets.select_related("dispatch_grid", "issued_by")),
        requests=requests,
        cards=list(case.cards.select_related("grid", "department").order_by("issued_at", "id")),
        steps=list(case.steps.all()),
        photos=list(case.photos.all()),
        merged=list(seen.filter(merged_into=case).order_by("id")),
        merged_into=seen.filter(pk=case.merged_into_id).first() if case.merged_into_id else None,
        people=_people_of(case, by, at),
        outlines=_outlines(case, by),
    )


def _outlines(case: Case, by: Scope) -> list[Boundary]:
    """The outline of the grid above and of the case's own grid, as far as there are any."""
    around = [pk for pk in (case.grid.parent_id, case.grid_id) if pk]
    found = Boundary.objects.visible_to(by).filter(grid__in=around).select_related("grid")
    return sorted(found, key=lambda outline: around.index(outline.grid_id))


def _people_of(case: Case, by: Scope, at: datetime) -> list[User]:
    """Who has to act: the people of the holder, but those who may close where that is not for the office."""
    if case.state == State.CLOSING and case.severity in SERIOUS_AND_ABOVE and not by.is_masked:
        return list(closers_of(case, at))[:_MOST_PEOPLE]
    return people_to_call(holder_of(case), by, at)


def people_to_call(unit: Unit | None, by: Scope, at: datetime) -> list[User]:
    """Who answers for `unit`, heads first. Nobody for a masked scope, nor for a grid that `by` does not see."""
    if unit is None or by.is_masked:
        return []
    if unit.department is not None:
        return list(officers_of(unit.department, localdate(at)))[:_MOST_PEOPLE]
    if unit.grid is None or not by.sees(unit.grid):
        return []
    return list(responsible_for(unit.grid, localdate(at)).users)[:_MOST_PEOPLE]
