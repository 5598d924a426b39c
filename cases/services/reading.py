"""What a page and the API show of one case, read once for both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Case, Part, StageClock
from cases.rules import CaseFacts
from cases.services.facts import facts_of, facts_of_new, live_parts
from cases.services.machine import offers, options_of, with_related
from cases.services.photos import AnnouncedPhoto, announced, missing_photos
from grids.scope import Scope
from kernel.calendar import current_calendar
from kernel.choices import Unit
from kernel.clock import TimeLeft, time_left
from kernel.lifecycle import FieldKind, Offer
from kernel.models import Photo

Photos = Sequence[Photo | AnnouncedPhoto]
whole = with_related


@dataclass(frozen=True)
class CaseSheet:
    """A case as one person sees it at one moment."""

    case: Case
    facts: CaseFacts
    parts: list[Part]
    offers: list[Offer[CaseFacts, Scope]]
    time_left: TimeLeft | None
    missing_photos: list[str]


def read_case(case: Case, *, by: Scope, at: datetime) -> CaseSheet:
    """Facts, parts, actions and what is left of the time, in a fixed number of queries."""
    parts = live_parts(case)
    facts = facts_of(case, at, parts)
    clock = case.clocks.running().filter(stage=case.stage, part__isnull=True).first() if case.due_at else None
    return CaseSheet(case, facts, parts, offers(case, by, facts), _left(clock, at), missing_photos(case))


def read_new_case(case: Case, photos: Photos, *, by: Scope, at: datetime) -> CaseSheet:
    """As `read_case`, of a case that `open_case` has just made with these photos: its clock is at hand."""
    facts = facts_of_new(case, at)
    clock = next((clock for clock in case.running_clocks if clock.stage == case.stage), None)  # type: ignore[attr-defined]
    return CaseSheet(case, facts, [], offers(case, by, facts), _left(clock, at), announced(photos))


def _left(clock: StageClock | None, at: datetime) -> TimeLeft | None:
    """What is left of the clock that a reader looks at; None when none runs."""
    return time_left(at, clock.due_at, Unit(clock.unit), current_calendar()) if clock else None


def describe(case: Case, offer: Offer[CaseFacts, Scope], by: Scope) -> dict[str, Any]:
    """An allowed action with its fields and, for choices, the options that hold here."""
    row = offer.transition
    fields = [
        {
            "name": field.name,
            "label": field.label,
            "kind": str(field.kind),
            "required": field.required,
            "help": field.help,
            "options": _options(case, by, field.name, field.kind),
        }
        for field in row.fields
    ]
    return {"action": row.action, "label": row.label, "fields": fields}


def _options(case: Case, by: Scope, name: str, kind: FieldKind) -> list[dict[str, str]]:
    if kind not in (FieldKind.CHOICE, FieldKind.CHOICES):
        return []
    return [{"code": code, "name": label} for code, label in options_of(case, by, name)]
