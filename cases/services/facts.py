"""Reads what the rules need to know of a case, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cases.choices import PartRole, PartState, RequestKind, RequestState, Stage, State
from cases.models import Case, Part, Request
from cases.rules import CaseFacts, PendingRequest, Unit
from cases.services.limits import term_for
from kernel.calendar import current_calendar
from kernel.clock import due_at

_WITH_LEAD = (State.DISPATCHED, State.HANDLING, State.JOINT, State.SUSPENDED, State.CHECKING, State.CLOSING)


def holder_of(case: Case) -> Unit | None:
    if case.holder_grid is None and case.holder_department is None:
        return None
    return Unit(case.holder_grid, case.holder_department)


def unit_of(part: Part) -> Unit:
    return Unit(part.grid, part.department)


def live_parts(case: Case) -> list[Part]:
    """The parts of the referral that is in force: none before a referral, none after a return."""
    if case.state not in _WITH_LEAD:
        return []
    return in_force(case, case.parts.select_related("grid", "department", "submitted_by").order_by("-role", "id"))


def in_force(case: Case, parts: Iterable[Part]) -> list[Part]:
    """Of all `parts` of a case, those of the referral that is in force, in their order."""
    if case.state not in _WITH_LEAD:
        return []
    return [part for part in parts if part.state != PartState.RETURNED]


def facts_of(
    case: Case, at: datetime, parts: Sequence[Part] | None = None, waiting: Iterable[Request] | None = None
) -> CaseFacts:
    """The facts of `case` as of `at`. Up to five queries; live `parts` and `waiting` requests save one each when the
    caller has them.
    """
    if waiting is None:
        waiting = case.requests.filter(state=RequestState.PENDING).select_related("decider_grid")
    return _facts(case, at, live_parts(case) if parts is None else parts, waiting)


def facts_of_new(case: Case, at: datetime) -> CaseFacts:
    """The facts of a case that has just been made: no unit was asked, and nobody applied for anything."""
    return _facts(case, at, (), ())


def _facts(case: Case, at: datetime, parts: Sequence[Part], waiting: Iterable[Request]) -> CaseFacts:
    lead = next((part for part in parts if part.role == PartRole.LEAD), None)
    co_parts = [part for part in parts if part.role == PartRole.CO]
    return CaseFacts(
        at=at,
        severity=case.severity,
        grid=case.grid,
        holder=holder_of(case),
        self_handling_allowed=case.category.self_handling_allowed,
        reporter_id=case.reporter_id,
        handler_id=case.handler_id,
        dispatch_grid=case.dispatch_grid,
        lead=unit_of(lead) if lead else None,
        open_co_units=tuple(unit_of(part) for part in co_parts if part.state != PartState.SUBMITTED),
        pending={RequestKind(row.kind): PendingRequest(row.applicant_id, row.decider_grid) for row in waiting},
        return_window_is_open=_return_window_is_open(case, at),
    )


def _return_window_is_open(case: Case, at: datetime) -> bool:
    """Within the days after the referral in which a unit may say that it is not its duty (S5); 紧急 has none."""
    if case.state not in (State.DISPATCHED, State.HANDLING) or case.dispatched_at is None:
        return False
    limit = term_for(Stage.RETURN_WINDOW, case, case.dispatched_at)
    return limit is not None and at <= due_at(case.dispatched_at, limit.term, current_calendar())
