"""A holiday was changed: the due times of running clocks are counted again, once, with a line in each timeline.

Stopped and paused clocks and those whose time was set by hand stay as they are. Source: the working-time rules of the
case workflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localtime

from cases.choices import Stage
from cases.deadlines import ladder
from cases.models import Case, StageClock, Step
from cases.rules import Unit
from cases.services.referring import co_due_at
from grids.scope import Scope
from kernel.calendar import WorkCalendar, current_calendar
from kernel.choices import Unit as TimeUnit
from kernel.clock import Term, due_at

_BATCH = 200


def recount_due_times(*, by: Scope, at: datetime) -> int:
    """Count again what another version of the calendar counted; returns how many due times moved. One query if none."""
    calendar = current_calendar()
    return sum(_recount(ids, calendar, by, at) for ids in _batches(calendar.version))


def _batches(version: int) -> Iterator[list[int]]:
    last = 0
    while True:
        stale = StageClock.objects.counted_by_another_calendar(version).filter(pk__gt=last).order_by("pk")
        ids = list(stale.values_list("pk", flat=True)[:_BATCH])
        if not ids:
            return
        last = ids[-1]
        yield ids


@transaction.atomic
def _recount(ids: Sequence[int], calendar: WorkCalendar, by: Scope, at: datetime) -> int:
    wanted = StageClock.objects.filter(pk__in=ids)
    locking = Case.objects.select_for_update(of=("self",)).filter(pk__in=wanted.values("case_id")).order_by("pk")
    cases = {case.pk: case for case in locking}
    stale = wanted.counted_by_another_calendar(calendar.version).select_related("grid", "department")
    moved = 0
    for clock in stale:
        due = _due(clock, calendar)
        if due != clock.due_at:
            _move(clock, cases[clock.case_id], due, calendar, by, at)
            moved += 1
    wanted.update(calendar_version=calendar.version)
    return moved


def _due(clock: StageClock, calendar: WorkCalendar) -> datetime:
    term = Term(clock.amount, TimeUnit(clock.unit))
    if clock.stage == Stage.CO_FEEDBACK:
        return co_due_at(clock.started_at, term, calendar)
    return due_at(clock.started_at, term, calendar)


def _move(clock: StageClock, case: Case, due: datetime, calendar: WorkCalendar, by: Scope, at: datetime) -> None:
    """The clock rings by its new time; the case shows it; what is no longer late is no longer shown as late."""
    before, clock.due_at = clock.due_at, due
    clock.next_action_at = ladder(clock.stage, clock.started_at, due, clock.unit, calendar)[0].at
    clock.save(update_fields=["due_at", "next_action_at"])
    if clock.stage == case.stage and clock.part_id is None:
        flags = {"is_overdue": False, "card": "", "is_urged": False} if due >= at else {}
        Case.objects.filter(pk=case.pk).update(due_at=due, **flags)
    Step.objects.create(
        case=case,
        at=at,
        by_name=by.name,
        code="CAL",
        action="recount",
        label="日历变动，期限重算",
        from_state=case.state,
        to_state=case.state,
        to_holder=Unit(clock.grid, clock.department).name[:120],
        opinion=f"{clock.get_stage_display()}期限由 {_words(before)} 变为 {_words(due)}",
        facts={"stage": clock.get_stage_display(), "calendar_version": calendar.version},
        is_automatic=True,
    )


def _words(moment: datetime) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}"
