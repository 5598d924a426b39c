"""What each transition does to a case, one small function under the code of its row.

An effect changes fields through `move.set`, writes rows that belong to the case, and leaves in `move.remarks` what the
timeline has to say. Clocks are stopped and started after it from the tables in `cases.deadlines`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.utils.timezone import localdate

from cases.choices import (
    Arrival,
    PartRole,
    PartState,
    RequestKind,
    RequestState,
    Severity,
    Stage,
    VoidReason,
)
from cases.models import Case, Part, Request, StageClock
from cases.rules import CaseFacts, Unit
from cases.services import clocks
from cases.services.facts import live_parts
from cases.services.limits import SourcedTerm, term_for
from cases.services.merging import merge
from cases.services.referring import close_parts, refer
from grids.models import Grid
from grids.rules import TOWN_RANK
from grids.scope import Scope, responsible_for
from kernel.choices import Unit as TimeUnit
from kernel.clock import Term
from kernel.lifecycle import InvalidForm, Move
from kernel.refusal import Refused

CaseMove = Move[Case, CaseFacts, Scope]

# Of the self-handled cases at least one in ten is looked at by the parent; who is drawn cannot be foreseen.
SAMPLED_SHARE = 0.1


def arrive(move: CaseMove, grid: Grid, arrival: Arrival) -> None:
    """Hand the case to `grid`, or past vacant grids to the next above; the timeline names those passed."""
    found = responsible_for(grid, localdate(move.at))
    receiver = found.grid or _root_of(grid)
    if found.passed and found.grid is not None:
        move.remarks["passed"] = [passed.name for passed in found.passed]
    move.found["receivers"] = found.users
    move.set(holder_grid=receiver, holder_department=None, arrived_by=arrival, arrived_at=move.at)


def _root_of(grid: Grid) -> Grid:
    return Grid.objects.above(grid).first() or grid


def _holder_grid(move: CaseMove) -> Grid:
    if move.subject.holder_grid is None:
        raise Refused("此件现由部门办理，不在网格。")
    return move.subject.holder_grid


def _level_above(move: CaseMove, otherwise: str) -> Grid:
    """The parent of the holder; Refused with `otherwise` at the top."""
    parent = _holder_grid(move).parent
    if parent is None:
        raise Refused(otherwise)
    return parent


def _hand_to(move: CaseMove, grid: Grid, arrival: Arrival = Arrival.FORWARDED) -> None:
    move.set(holder_grid=grid, holder_department=None, arrived_by=arrival, arrived_at=move.at)


def report(move: CaseMove) -> None:
    """T1 to one's own grid; T1e, of an urgent matter, to the county at once."""
    if not move.data["photos"] and not move.subject.no_photo_reason:
        raise InvalidForm({"photos": "请至少附一张现场照片；确实无法拍照的，请填写无照片原因"})
    move.set(reported_at=move.at)
    if move.subject.severity == Severity.URGENT:
        arrive(move, _root_of(move.subject.grid), Arrival.REPORTED)
        return
    arrive(move, move.subject.grid, Arrival.REPORTED)


def stay(_move: CaseMove) -> None:
    """Nothing but the step, the clocks and the new state."""


def verify_false(move: CaseMove) -> None:
    """不属实 is not the member's to decide: it becomes a request that the level above confirms."""
    _apply_for_void(move, VoidReason.NOT_TRUE)


def finish(move: CaseMove) -> None:
    grid = _holder_grid(move)
    above = _level_above(move, "已在县级，没有上级可以审核自处置。")
    move.set(
        handler_id=move.by.user_id,
        measures=move.data["measures"],
        self_handled=True,
        is_sampled=_is_drawn(move.subject, move.at),
        dispatch_grid=grid,
    )
    arrive(move, above, Arrival.FORWARDED)


def _is_drawn(case: Case, at: datetime) -> bool:
    seed = f"{case.number} {at.isoformat()}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), seed, sha256).digest()
    return int.from_bytes(digest[:4], "big") < SAMPLED_SHARE * 2**32


def end_well(move: CaseMove) -> None:
    """Closed: nobody has to act, but the archive clock runs against the level that closed it."""
    move.set(closed_at=move.at, holder_grid=None, holder_department=None, arrived_by="", arrived_at=None)


def escalate(move: CaseMove) -> None:
    arrive(move, _level_above(move, "已到县网格办，没有上级可以上报。"), Arrival.ESCALATED)


def climb(move: CaseMove) -> None:
    arrive(move, _level_above(move, "已到县网格办，不再自动升级。"), Arrival.CLIMBED)


def send_down(move: CaseMove) -> None:
    """Down to a child; never back to one that already escalated it, unless a reason is given."""
    grid = Grid.objects.get(code=move.data["grid"])
    escalated = move.subject.steps.filter(action__in=("escalate", "climb"), from_holder=grid.path).exists()
    if escalated and not move.data["override_reason"]:
        raise InvalidForm({"override_reason": f"“{grid.name}”已上报过此件，再次下派请填写理由"})
    if responsible_for(grid, localdate(move.at)).grid != grid:
        raise InvalidForm({"grid": f"“{grid.name}”暂无责任人，不能下派，请先任命或另选网格"})
    if move.data["override_reason"]:
        move.remarks["override_reason"] = move.data["override_reason"]
    arrive(move, grid, Arrival.SENT_DOWN)


def sign(move: CaseMove) -> None:
    for part in live_parts(move.subject):
        if part.role == PartRole.LEAD:
            part.state, part.signed_at, part.signed_by_id = PartState.SIGNED, move.at, move.by.user_id
            part.save(update_fields=["state", "signed_at", "signed_by"])


def answer_part(move: CaseMove) -> None:
    """The cooperating unit's answer; a unit answers for itself alone."""
    mine = [part for part in live_parts(move.subject) if part.role == PartRole.CO and _is_mine(part, move.by)]
    for part in mine:
        if part.state == PartState.SUBMITTED:
            continue
        part.state, part.submitted_at, part.submitted_by_id = PartState.SUBMITTED, move.at, move.by.user_id
        part.signed_at, part.signed_by_id = part.signed_at or move.at, part.signed_by_id or move.by.user_id
        part.feedback = move.data["feedback"]
        part.save(update_fields=["state", "submitted_at", "submitted_by", "signed_at", "signed_by", "feedback"])
    clocks.stop(StageClock.objects.running().filter(part__in=mine), move.at)
    move.remarks["unit"] = "、".join(part.unit.name for part in mine)


def _is_mine(part: Part, by: Scope) -> bool:
    return part.department_id in by.department_ids or part.grid_id in by.home_grid_ids


def submit(move: CaseMove) -> None:
    """The lead's result. A cooperating unit that has not answered is explained, and its clock stops as it is."""
    if move.facts.open_co_units and not move.data["co_explanation"]:
        names = "、".join(unit.name for unit in move.facts.open_co_units)
        raise InvalidForm({"co_explanation": f"协办单位尚未反馈（{names}），请催其反馈，或填写说明"})
    move.set(handler_id=move.by.user_id, measures=move.data["measures"], cause=move.data["cause"])
    move.remarks.update({name: move.data[name] for name in ("cause", "co_explanation") if move.data[name]})
    lead = next(part for part in live_parts(move.subject) if part.role == PartRole.LEAD)
    lead.state, lead.submitted_at, lead.submitted_by_id = PartState.SUBMITTED, move.at, move.by.user_id
    lead.feedback = move.data["measures"]
    lead.save(update_fields=["state", "submitted_at", "submitted_by", "feedback"])
    clocks.stop(StageClock.objects.running().filter(case=move.subject, stage=Stage.CO_FEEDBACK), move.at)
    _hand_to(move, checking_grid(move.subject, move.facts.lead))


def checking_grid(case: Case, lead: Unit | None) -> Grid:
    """Who looks whether it is done: the place itself, or the dispatching level where the place handled it."""
    handled_at_home = lead is not None and lead.grid is not None and lead.grid.pk == case.grid_id
    if handled_at_home and case.dispatch_grid is not None:
        return case.dispatch_grid
    return case.grid


def pass_check(move: CaseMove) -> None:
    if move.subject.dispatch_grid is None:
        raise Refused("此件没有转办单位，无法办结。")
    _hand_to(move, move.subject.dispatch_grid)


def fail_check(move: CaseMove) -> None:
    """重办: back to the lead with a new due time, as long as the handling was but within S11."""
    lead = next(part for part in live_parts(move.subject) if part.role == PartRole.LEAD)
    lead.state, lead.submitted_at = PartState.SIGNED, None
    lead.save(update_fields=["state", "submitted_at"])
    move.set(
        holder_grid=lead.grid,
        holder_department=lead.department,
        arrived_by=Arrival.REWORK,
        arrived_at=move.at,
        rework_count=move.subject.rework_count + 1,
    )
    clocks.start(move.subject, Stage.REWORK, Unit(lead.grid, lead.department), move.at, limit=_rework_limit(move))


def _rework_limit(move: CaseMove) -> SourcedTerm | None:
    limit = term_for(Stage.REWORK, move.subject, move.at)
    handled = move.subject.clocks.filter(stage=Stage.HANDLE).order_by("-started_at", "-id").first()
    if limit is None or handled is None:
        return limit
    original = Term(handled.amount, TimeUnit(handled.unit))
    if original.unit == limit.term.unit and original.amount < limit.term.amount:
        return SourcedTerm(original, limit.source)
    return limit


def return_to_check(move: CaseMove) -> None:
    _hand_to(move, checking_grid(move.subject, move.facts.lead))


def archive(move: CaseMove) -> None:
    move.set(archived_at=move.at)


# --- requests -----------------------------------------------------------------------------------------------------


def ask_return(move: CaseMove) -> None:
    if move.facts.dispatch_grid is None:
        raise Refused("此件没有转办单位，无法申请退回。")
    _apply(move, RequestKind.RETURN, move.facts.dispatch_grid, move.data["reason"], basis=move.data["basis"])


def approve_return(move: CaseMove) -> None:
    """Back to 研判 at the dispatcher; the unit that returned it is not charged any time."""
    _decide(move, RequestKind.RETURN, RequestState.APPROVED)
    close_parts(move.subject)
    if move.subject.dispatch_grid is not None:
        _hand_to(move, move.subject.dispatch_grid, Arrival.RETURNED)
    move.set(dispatched_at=None)


def reject_return(move: CaseMove) -> None:
    _decide(move, RequestKind.RETURN, RequestState.REJECTED)
    move.set(improper_returns=move.subject.improper_returns + 1)


def withdraw_return(move: CaseMove) -> None:
    _decide(move, RequestKind.RETURN, RequestState.WITHDRAWN)


def ask_void(move: CaseMove) -> None:
    _apply_for_void(move, VoidReason(move.data["void_reason"]))


def _apply_for_void(move: CaseMove, reason: VoidReason) -> None:
    """Decided one level above the holder at least; at the county by somebody else there."""
    at_grid = move.subject.holder_grid or move.subject.dispatch_grid or move.subject.grid
    decider = _office_above(at_grid)
    text = f"{reason.label}：{move.data['reason']}"
    _apply(move, RequestKind.VOID, decider, text, facts={"void_reason": reason.value})


def _office_above(grid: Grid) -> Grid:
    """The nearest office above `grid`, since work areas and villages decide on no requests; the county's own office."""
    return Grid.objects.above(grid).filter(rank__rank__lte=TOWN_RANK).last() or grid


def approve_void(move: CaseMove) -> None:
    request = _decide(move, RequestKind.VOID, RequestState.APPROVED)
    _end_void(move, request.reason)


def reject_void(move: CaseMove) -> None:
    _decide(move, RequestKind.VOID, RequestState.REJECTED)


def withdraw_void(move: CaseMove) -> None:
    _decide(move, RequestKind.VOID, RequestState.WITHDRAWN)


def merge_into(move: CaseMove) -> None:
    target = merge(move.subject, move.data["target"], by=move.by)
    move.remarks["merged_into"] = target.number
    move.set(merged_into=target)
    _end_void(move, f"并入 {target.number}")


def _end_void(move: CaseMove, reason: str) -> None:
    close_parts(move.subject)
    move.set(void_reason=reason[:120], holder_grid=None, holder_department=None, arrived_by="", arrived_at=None)


def _apply(
    move: CaseMove, kind: RequestKind, decider: Grid, reason: str, basis: str = "", facts: dict[str, str] | None = None
) -> None:
    Request.objects.create(
        case=move.subject,
        kind=kind,
        applicant=move.by.person,
        applied_at=move.at,
        reason=reason,
        basis=basis,
        decider_grid=decider,
        facts=facts or {},
    )
    move.remarks["reason"] = reason
    if basis:
        move.remarks["basis"] = basis


def _decide(move: CaseMove, kind: RequestKind, state: RequestState) -> Request:
    request = move.subject.requests.get(kind=kind, state=RequestState.PENDING)
    request.state, request.decided_at, request.decided_by_id = state, move.at, move.by.user_id
    request.opinion = move.data.get("opinion", "")[:500]
    request.save(update_fields=["state", "decided_at", "decided_by", "opinion"])
    return request


EFFECTS: dict[str, Callable[[CaseMove], None]] = {
    "T1": report,
    "T3": stay,
    "T3n": verify_false,
    "T4": stay,
    "T5": finish,
    "T6": end_well,
    "T6n": stay,
    "T6a": end_well,
    "T7": escalate,
    "T7a": climb,
    "T7b": climb,
    "T7d": send_down,
    "T8": refer,
    "T9": sign,
    "T10": ask_return,
    "T10y": approve_return,
    "T10n": reject_return,
    "T10w": withdraw_return,
    "T16": submit,
    "T16c": answer_part,
    "T17": pass_check,
    "T18": fail_check,
    "T19": end_well,
    "T19n": return_to_check,
    "T20": archive,
    "T22": ask_void,
    "T22y": approve_void,
    "T22n": reject_void,
    "T22w": withdraw_void,
    "T25": merge_into,
    "L3": stay,
}
