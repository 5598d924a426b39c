"""Starting and stopping the clocks of a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases.choices import ClockOutcome, Stage
from cases.deadlines import LEADING_STAGES, ladder, outcome_of
from cases.models import Case, Part, StageClock
from cases.rules import Unit
from cases.services.limits import SourcedTerm, term_for
from kernel.calendar import current_calendar
from kernel.clock import due_at


def start(
    case: Case,
    stage: Stage,
    unit: Unit,
    at: datetime,
    *,
    limit: SourcedTerm | None = None,
    due: datetime | None = None,
    part: Part | None = None,
) -> StageClock | None:
    """Start the clock of `stage` against `unit`. None, and no clock, where the limits table sets no limit."""
    limit = limit or term_for(stage, case, at)
    if limit is None:
        return None
    calendar = current_calendar()
    due = due or due_at(at, limit.term, calendar)
    rings = ladder(stage, at, due, limit.term.unit, calendar)
    return StageClock.objects.create(
        case=case,
        part=part,
        stage=stage,
        grid=unit.grid,
        department=unit.department,
        amount=limit.term.amount,
        unit=limit.term.unit,
        source=limit.source,
        started_at=at,
        due_at=due,
        next_action_at=rings[0].at,
        calendar_version=calendar.version,
    )


def stop(clocks: Iterable[StageClock], at: datetime, *, counted: bool = True) -> None:
    """Stop running clocks; uncounted ones are charged to nobody."""
    for clock in clocks:
        clock.stopped_at = at
        clock.outcome = outcome_of(clock.due_at, at) if counted else ClockOutcome.CANCELLED
        clock.next_action_at = None
        clock.save(update_fields=["stopped_at", "outcome", "next_action_at"])


def show_leading(case: Case, running: Iterable[StageClock]) -> None:
    """Copy the clock that a reader looks at in this state onto the case, for lists; a new one starts without a card.

    Leaves `running_clocks` on the case, as `with_running_clocks` reads them.
    """
    case.running_clocks = [clock for clock in running if clock.part_id is None]  # type: ignore[attr-defined]
    by_stage = {clock.stage: clock for clock in case.running_clocks}  # type: ignore[attr-defined]
    leading = next((by_stage[stage] for stage in LEADING_STAGES.get(case.state, ()) if stage in by_stage), None)
    due = leading.due_at if leading else None
    if due != case.due_at:
        case.is_overdue, case.card, case.is_urged = False, "", False
    case.due_at = due
    case.stage = leading.stage if leading else ""
