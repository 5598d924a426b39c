"""When is it due, and what happens on the way there? Pure functions and tables over the clocks of a case.

Source of the ladder and the stages: the default limits and the ladder of the case workflow.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Protocol

from cases.choices import ClockOutcome, LadderStep, Stage, State
from kernel import clock
from kernel.calendar import WorkCalendar
from kernel.choices import Unit
from kernel.clock import Term

# Which clock a reader of the case looks at in each state; the first that runs.
LEADING_STAGES: dict[str, tuple[Stage, ...]] = {
    State.VERIFYING: (Stage.VERIFY,),
    State.TRIAGE: (Stage.TRIAGE,),
    State.SELF_HANDLING: (Stage.SELF_HANDLE,),
    State.SELF_REVIEW: (Stage.SELF_REVIEW,),
    State.DISPATCHED: (Stage.SIGN,),
    State.HANDLING: (Stage.REWORK, Stage.HANDLE),
    State.JOINT: (Stage.REWORK, Stage.HANDLE),
    State.SUSPENDED: (Stage.REWORK, Stage.HANDLE),
    State.CHECKING: (Stage.CHECK,),
    State.CLOSING: (Stage.CLOSE,),
    State.CLOSED: (Stage.ARCHIVE,),
}

# What a transition does to the clocks: which stop, and which stage starts for the new holder.
STOPS: dict[str, tuple[Stage, ...]] = {
    "T3": (Stage.VERIFY,),
    "T4": (Stage.TRIAGE,),
    "T5": (Stage.SELF_HANDLE,),
    "T6": (Stage.SELF_REVIEW,),
    "T6n": (Stage.SELF_REVIEW,),
    "T6a": (Stage.SELF_REVIEW,),
    "T7": (Stage.TRIAGE,),
    "T7a": (Stage.TRIAGE,),
    "T7b": (Stage.SELF_HANDLE,),
    "T7d": (Stage.TRIAGE,),
    "T8": (Stage.TRIAGE,),
    "T9": (Stage.SIGN,),
    "T16": (Stage.HANDLE, Stage.REWORK),
    "T17": (Stage.CHECK,),
    "T18": (Stage.CHECK,),
    "T19": (Stage.CLOSE,),
    "T19n": (Stage.CLOSE,),
    "T20": (Stage.ARCHIVE,),
}
STARTS: dict[str, Stage] = {
    "T1": Stage.TRIAGE,
    "T3": Stage.TRIAGE,
    "T4": Stage.SELF_HANDLE,
    "T5": Stage.SELF_REVIEW,
    "T6": Stage.ARCHIVE,
    "T6n": Stage.TRIAGE,
    "T6a": Stage.ARCHIVE,
    "T7": Stage.TRIAGE,
    "T7a": Stage.TRIAGE,
    "T7b": Stage.TRIAGE,
    "T7d": Stage.TRIAGE,
    "T10y": Stage.TRIAGE,
    "T16": Stage.CHECK,
    "T17": Stage.CLOSE,
    "T19": Stage.ARCHIVE,
    "T19n": Stage.CHECK,
}
# These end every clock without counting: nobody is charged for what was not theirs or was no matter.
CANCELS = frozenset({"T10y", "T22y", "T23", "T25"})


class LimitRow(Protocol):
    """What of a limit row the choice needs; both a database row and a test row satisfy it."""

    stage: str
    severity: str
    category_id: int | None
    amount: int
    unit: str
    source: str
    valid_from: date
    valid_to: date | None


def pick_limit(
    rows: Iterable[LimitRow], stage: Stage, severity: str, category_id: int | None, day: date
) -> LimitRow | None:
    """The limit valid on `day`: one for the category before one for all; of several the latest. None: no limit set."""
    fitting = [
        row
        for row in rows
        if row.stage == stage
        and row.severity == severity
        and row.category_id in (None, category_id)
        and row.valid_from <= day
        and (row.valid_to is None or day < row.valid_to)
    ]
    return max(fitting, key=lambda row: (row.category_id is not None, row.valid_from), default=None)


@dataclass(frozen=True)
class Ring:
    """A moment at which a clock makes something happen."""

    step: LadderStep
    at: datetime


# L0 提醒 at half the time, L1 黄牌 at 80 %, L2 红牌 when due, L3 催办 one working day later.
_HALF = Fraction(1, 2)
_YELLOW = Fraction(4, 5)
_FULL = (LadderStep.REMIND, LadderStep.YELLOW, LadderStep.RED, LadderStep.URGE)
LADDERS: dict[str, tuple[LadderStep, ...]] = {
    Stage.HANDLE: _FULL,
    Stage.REWORK: _FULL,
    Stage.CO_FEEDBACK: _FULL,
    Stage.SELF_REVIEW: (LadderStep.RED,),
    Stage.ARCHIVE: (LadderStep.RED,),
}
_SHORT = (LadderStep.YELLOW, LadderStep.RED, LadderStep.URGE)


def ladder(stage: str, started_at: datetime, due_at: datetime, unit: str, calendar: WorkCalendar) -> tuple[Ring, ...]:
    """The steps of a clock with their moments, earliest first. Shares are of the time that counts for `unit`."""
    kind = Unit(unit)
    moments = {
        LadderStep.REMIND: lambda: clock.moment_used(started_at, due_at, kind, _HALF, calendar),
        LadderStep.YELLOW: lambda: clock.moment_used(started_at, due_at, kind, _YELLOW, calendar),
        LadderStep.RED: lambda: due_at,
        LadderStep.URGE: lambda: clock.due_at(due_at, Term(1, Unit.WORKING_DAY), calendar),
    }
    return tuple(Ring(step, moments[step]()) for step in LADDERS.get(stage, _SHORT))


@dataclass(frozen=True)
class Judgement:
    """What is to happen now: the highest step reached, those passed over, and when to look again."""

    step: LadderStep | None
    skipped: tuple[LadderStep, ...]
    next_at: datetime | None


def judge(rings: Iterable[Ring], fired: Set[str], at: datetime) -> Judgement:
    """After an outage only the highest missed step is issued; those below are recorded as passed over."""
    rings = tuple(rings)
    reached = [ring.step for ring in rings if ring.at <= at and ring.step not in fired]
    later = [ring.at for ring in rings if ring.at > at]
    if not reached:
        return Judgement(None, (), min(later, default=None))
    return Judgement(reached[-1], tuple(reached[:-1]), min(later, default=None))


def outcome_of(due_at: datetime, stopped_at: datetime) -> ClockOutcome:
    return ClockOutcome.MET if stopped_at <= due_at else ClockOutcome.LATE


def rework_term(original: Term, most: Term) -> Term:
    """重办: as long as the handling was, but not longer than the limit of S11."""
    if original.unit == most.unit and original.amount < most.amount:
        return original
    return most
