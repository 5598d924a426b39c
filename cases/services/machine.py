"""The case as a machine for `kernel.lifecycle`: how to lock, read, change and record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from accounts.models import User
from cases.choices import SERIOUS_AND_ABOVE, Arrival, RequestKind, RequestState, Severity, State, VoidReason
from cases.deadlines import CANCELS, STARTS, STOPS
from cases.models import Case, Request, StageClock, Step
from cases.rules import CaseFacts, Unit
from cases.services import clocks, telling
from cases.services.effects import EFFECTS, CaseMove
from cases.services.facts import facts_of, facts_of_new, holder_of
from cases.services.photos import attach
from cases.services.referring import unit_choices
from cases.transitions import LIFECYCLE
from grids.models import Grid
from grids.scope import Scope
from kernel import audit, lifecycle
from kernel.lifecycle import Lifecycle

_RELATED = ("category", "grid", "holder_grid", "holder_department", "dispatch_grid", "reporter", "source")


def with_related(rows: Any) -> Any:
    """Cases with what rules, pages and effects read."""
    return rows.select_related(*_RELATED)


@dataclass(frozen=True)
class CaseMachine:
    table: Lifecycle[CaseFacts, Scope] = LIFECYCLE

    def lock(self, pk: int) -> Case:
        return with_related(Case.objects.select_for_update(of=("self",))).get(pk=pk)

    def facts(self, subject: Case, at: datetime) -> CaseFacts:
        return facts_of(subject, at)

    def options(self, move: CaseMove, name: str) -> Iterable[str]:
        return [value for value, _label in options_of(move.subject, move.by, name)]

    def effect(self, move: CaseMove) -> None:
        move.remarks["from_holder"] = _holder_name(move.subject)
        EFFECTS[move.row.code](move)
        _turn_clocks(move)

    def record(self, move: CaseMove) -> None:
        step = append_step(move)
        attach(step, move.row.action, move.data.get("photos", ()))
        _tell(move)
        audit.record(
            verb=f"case.{move.row.action}",
            subject=f"case:{move.subject.number}",
            by=move.by,
            at=move.at,
            details={"from": move.from_state, "to": move.target, "version": move.subject.version},
        )


@dataclass(frozen=True)
class _MachineOfHeld(CaseMachine):
    """For a case of `held_cases`: it is not read again to lock it."""

    case: Case = field(kw_only=True)

    def lock(self, pk: int) -> Case:
        return self.case

    def facts(self, subject: Case, at: datetime) -> CaseFacts:
        return facts_of(subject, at, waiting=subject.pending_requests)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _MachineOfNew(_MachineOfHeld):
    """For a case that this very transaction has made: nobody else knows of it."""

    def facts(self, subject: Case, at: datetime) -> CaseFacts:
        return facts_of_new(subject, at)


MACHINE = CaseMachine()


def act(case: Case, action: str, *, by: Scope, at: datetime, data: Mapping[str, Any], seen: int | None = None) -> Case:
    """Do `action` to `case`. Raises Refused with a Chinese sentence, InvalidForm with one per field.

    Writes the case, its clocks, one Step, Notices and an audit entry, or nothing.
    """
    return lifecycle.perform(MACHINE, case, action, by=by, at=at, data=data, seen=seen)


def held_cases(keys: Iterable[int]) -> dict[int, Case]:
    """By their keys, cases that this transaction has locked, with all that an act asks of each. Two queries."""
    pending = Request.objects.filter(state=RequestState.PENDING).select_related("decider_grid")
    rows = with_related(Case.objects.filter(pk__in=keys)).select_related("holder_grid__parent")
    return {case.pk: case for case in rows.prefetch_related(Prefetch("requests", pending, to_attr="pending_requests"))}


def act_on_held(case: Case, action: str, *, by: Scope, at: datetime, data: Mapping[str, Any]) -> Case:
    """As `act`, to one of `held_cases`, in the same transaction."""
    return lifecycle.perform(_MachineOfHeld(case=case), case, action, by=by, at=at, data=data)


def act_on_new(case: Case, action: str, *, by: Scope, at: datetime, data: Mapping[str, Any]) -> Case:
    """As `act`, to a case made in this transaction, with its category and grids at hand. Six statements fewer."""
    return lifecycle.perform(_MachineOfNew(case=case), case, action, by=by, at=at, data=data)


def options_of(case: Case, by: Scope, name: str) -> list[tuple[str, str]]:
    """The values that a choice of a form may take here, with their Chinese labels, in the order to show."""
    if name in ("lead", "co"):
        return [(unit.key, unit.name) for unit in unit_choices(case, by)]
    if name == "grid" and case.holder_grid is not None:
        below = Grid.objects.under(case.holder_grid).active_on(by.day).exclude(pk=case.holder_grid_id)
        children = below.filter(parent_id=case.holder_grid_id).in_order()
        return [(grid.code, grid.name) for grid in children]
    if name == "void_reason":
        return [(str(value), str(label)) for value, label in VoidReason.choices]
    return []


def _holder_name(case: Case) -> str:
    holder = holder_of(case)
    return holder.name if holder else ""


def _turn_clocks(move: CaseMove) -> None:
    """Stop and start what the tables say for this transition, then show the leading clock on the case."""
    case, code = move.subject, move.row.code
    # Nothing has been measured before a matter is reported.
    running = [] if move.from_state == State.DRAFT else list(StageClock.objects.running().filter(case=case))
    if code in CANCELS:
        clocks.stop(running, move.at, counted=False)
    else:
        clocks.stop([row for row in running if row.stage in STOPS.get(code, ())], move.at)
    running = [row for row in running if row.stopped_at is None]
    stage = STARTS.get(code)
    if stage is not None:
        started = clocks.start(case, stage, _charged(case), move.at)
        running += [started] if started else []
    if code in ("T8", "T18"):
        running = list(StageClock.objects.running().filter(case=case))
    # What leads is told by the state to come; the case is written once, with all of it.
    move.set(state=move.target)
    clocks.show_leading(case, running)


def _charged(case: Case) -> Unit:
    """Whose time it is: the holder's, and after closing the level that has to archive."""
    return holder_of(case) or Unit(grid=case.dispatch_grid or case.grid)


def append_step(move: CaseMove) -> Step:
    """One line of the timeline, with names as they are today."""
    case, remarks = move.subject, dict(move.remarks)
    return Step.objects.create(
        case=case,
        at=move.at,
        by=move.by.user,
        by_name=move.by.name,
        by_title=move.by.title[:80],
        code=move.row.code,
        action=move.row.action,
        label=move.row.label,
        from_state=move.from_state,
        to_state=move.target,
        from_holder=remarks.pop("from_holder", "")[:120],
        to_holder=_holder_name(case)[:120],
        opinion=move.data.get("opinion") or move.data.get("feedback") or move.data.get("measures") or "",
        facts=remarks,
        is_automatic=move.row.is_automatic,
    )


def _tell(move: CaseMove) -> None:
    case, code, at = move.subject, move.row.code, move.at
    if code == "T1" and case.severity == Severity.URGENT:
        telling.tell_all_above(case.grid, case, at)
    elif case.arrived_at == at:
        telling.tell(_receivers(move), case, Arrival(case.arrived_by).label, at)
    if code in ("T10", "T22", "T3n"):
        kind = RequestKind.RETURN if code == "T10" else RequestKind.VOID
        decider = case.requests.get(kind=kind, state="pending").decider_grid
        telling.tell_unit(Unit(grid=decider), case, f"{kind.label}申请待审批", at)
    if code in _REPORTER_HEARS:
        telling.tell_reporter(case, _REPORTER_HEARS[code], at, move.data.get("opinion", "") or "")
    if code == "T8":
        for part in case.parts.filter(role="co", sheet__number=move.remarks["sheet"]):
            telling.tell_unit(Unit(part.grid, part.department), case, "请协办", at)
    if code == "T17" and case.severity in SERIOUS_AND_ABOVE:
        telling.tell(telling.closers_of(case, at), case, "待办结审批", at)
    if code == "L3":
        telling.tell_unit(holder_of(case), case, "催办", at, move.data["opinion"])


def _receivers(move: CaseMove) -> tuple[User, ...]:
    """Who answers for the holder to whom the case has come; an effect that looked for them has left them."""
    if "receivers" in move.found:
        return move.found["receivers"]
    holder = holder_of(move.subject)
    return telling.people_of(holder, move.at) if holder else ()


# What the person who reported the matter is told, so that they see what became of it.
_REPORTER_HEARS = {
    "T4": "已由网格自处置",
    "T6": "自处置已审核通过",
    "T6a": "自处置已办结",
    "T8": "已转办",
    "T17": "已整改，待办结",
    "T19": "已办结",
    "T22y": "已作废",
    "T25": "已并案办理",
}


def offers(case: Case, by: Scope, facts: CaseFacts) -> list[lifecycle.Offer[CaseFacts, Scope]]:
    """The actions to show to this person, each allowed or with the reason why not."""
    return LIFECYCLE.offers(case.state, facts, by)
