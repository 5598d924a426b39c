"""What time makes happen to cases: the ladder L0–L3, climbing, falling back, passing and archiving by themselves.

The timetable and `manage.py sweep --at …` call the same `sweep_cases`. Two of them at once, a killed worker or a
message delivered again change nothing: the case row is locked, the `Firing` key is unique, and a batch that dies is
rolled back whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import User
from cases.choices import CardColour, LadderStep, Stage, State
from cases.deadlines import judge, ladder
from cases.models import Card, Case, StageClock, Step
from cases.rules import Unit
from cases.services import telling
from cases.services.machine import act, with_related
from grids.scope import Scope, system_scope
from kernel.calendar import WorkCalendar, current_calendar
from kernel.sweep import fire_once, fired_steps

logger = logging.getLogger(__name__)

BATCH = 100
# A row that raises is looked at again in an hour, so that one bad row cannot stop the others.
RETRY_AFTER = timedelta(hours=1)

# What a stage does by itself when its time is over, instead of waiting for a person.
_BY_ITSELF = {
    Stage.TRIAGE: "climb",
    Stage.SELF_HANDLE: "fall_back",
    Stage.SELF_REVIEW: "pass_review_by_time",
    Stage.ARCHIVE: "archive",
}


@dataclass(frozen=True)
class Swept:
    """What one sweep did: steps issued, and rows put off because they raised."""

    fired: int
    failed: int


def sweep_cases(at: datetime, limit: int = 20_000) -> Swept:
    """Do everything due by `at`, earliest first, at most `limit` clocks, in batches of one transaction each."""
    fired = failed = 0
    run = _Run(at, current_calendar(), system_scope(localdate(at)))
    for batch in _batches(at, limit):
        done, bad = _sweep_batch(batch, run)
        fired, failed = fired + done, failed + bad
    return Swept(fired, failed)


def _batches(at: datetime, limit: int) -> Iterator[list[int]]:
    """Ids of ringing clocks, earliest first, each once: what another worker holds is left to that worker."""
    last: tuple[datetime, int] | None = None
    for _ in range(-(-limit // BATCH)):
        rows = list(StageClock.objects.ringing(at).after(last).values_list("next_action_at", "pk")[:BATCH])
        if not rows:
            return
        last = rows[-1]
        yield [pk for _moment, pk in rows]


class _Run:
    """One sweep: its moment, its calendar, and the people found so far, so that each grid is asked for once."""

    def __init__(self, at: datetime, calendar: WorkCalendar, system: Scope) -> None:
        self.at = at
        self.calendar = calendar
        self.system = system
        self._people: dict[str, tuple[User, ...]] = {}

    def people_of(self, unit: Unit) -> tuple[User, ...]:
        if unit.key not in self._people:
            self._people[unit.key] = telling.people_of(unit, self.at)
        return self._people[unit.key]


def _sweep_batch(ids: Sequence[int], run: _Run) -> tuple[int, int]:
    fired = failed = 0
    with transaction.atomic():
        for clock in _locked(ids, run.at):
            try:
                with transaction.atomic():
                    fired += _ring(clock, run)
            except Exception:
                logger.exception("sweep: clock %s of case %s put off", clock.pk, clock.case_id)
                StageClock.objects.filter(pk=clock.pk).update(next_action_at=run.at + RETRY_AFTER)
                failed += 1
    return fired, failed


def _locked(ids: Sequence[int], at: datetime) -> Iterator[StageClock]:
    """The clocks that still ring, each with its case locked; cases that another worker holds are left to it."""
    wanted = StageClock.objects.filter(pk__in=ids)
    locking = Case.objects.select_for_update(of=("self",), skip_locked=True).order_by("pk")
    cases = {case.pk: case for case in with_related(locking.filter(pk__in=wanted.values("case_id")))}
    clocks = StageClock.objects.ringing(at).filter(pk__in=ids, case_id__in=cases)
    for clock in clocks.select_related("grid", "department", "part"):
        clock.case = cases[clock.case_id]
        yield clock


def _ring(clock: StageClock, run: _Run) -> int:
    """Judge the clock from the facts and do the highest step due. Returns how many steps were issued: 0 or 1."""
    subject, stage = _key(clock)
    rings = ladder(clock.stage, clock.started_at, clock.due_at, clock.unit, run.calendar)
    verdict = judge(rings, fired_steps(subject, stage, clock.due_at), run.at)
    clock.next_action_at = verdict.next_at
    clock.save(update_fields=["next_action_at"])
    if verdict.step is None:
        return 0
    for step in verdict.skipped:
        fire_once(subject, stage, step, clock.due_at, run.at, skipped=True)
    if not fire_once(subject, stage, verdict.step, clock.due_at, run.at):
        return 0
    _issue(clock, verdict.step, verdict.skipped, run)
    return 1


def _key(clock: StageClock) -> tuple[str, str]:
    stage = f"{clock.stage}#{clock.part_id}" if clock.part_id else f"{clock.stage}@{clock.pk}"
    return f"case:{clock.case_id}", stage[:20]


def _issue(clock: StageClock, step: LadderStep, skipped: Sequence[LadderStep], run: _Run) -> None:
    is_late = step in (LadderStep.RED, LadderStep.URGE)
    if is_late and _does_it_itself(clock, step, skipped, run):
        return
    if is_late:
        _give_card(clock, CardColour.RED, run.at)
    elif step == LadderStep.YELLOW:
        _give_card(clock, CardColour.YELLOW, run.at)
    _flag_case(clock, step)
    _append_step(clock, step, skipped, run)
    _tell(clock, step, run)


def _does_it_itself(clock: StageClock, step: LadderStep, skipped: Sequence[LadderStep], run: _Run) -> bool:
    """Climb, fall back, pass or archive where the stage does so; the level that missed it keeps the red card."""
    case, action = clock.case, _BY_ITSELF.get(Stage(clock.stage))
    if action is None or not _may_by_itself(case, action):
        return False
    if action in ("climb", "fall_back"):
        _give_card(clock, CardColour.RED, run.at)
        _append_step(clock, step, skipped, run)
    act(case, action, by=run.system, at=run.at, data={})
    return True


def _may_by_itself(case: Case, action: str) -> bool:
    if action == "pass_review_by_time":
        return not case.is_sampled
    if action == "archive":
        return case.state == State.CLOSED
    return case.holder_grid is not None and case.holder_grid.parent_id is not None


def _give_card(clock: StageClock, colour: CardColour, at: datetime) -> None:
    Card.objects.get_or_create(
        clock=clock,
        colour=colour,
        due_at=clock.due_at,
        defaults={
            "case_id": clock.case_id,
            "stage": clock.stage,
            "grid": clock.grid,
            "department": clock.department,
            "issued_at": at,
        },
    )


def _flag_case(clock: StageClock, step: LadderStep) -> None:
    """The card of the leading clock shows on the case; a cooperating unit's own lateness does not."""
    if clock.part_id or step == LadderStep.REMIND:
        return
    flags: dict[str, object] = (
        {"card": CardColour.YELLOW}
        if step == LadderStep.YELLOW
        else {
            "card": CardColour.RED,
            "is_overdue": True,
        }
    )
    if step == LadderStep.URGE:
        flags["is_urged"] = True
    Case.objects.filter(pk=clock.case_id).update(**flags)


def _append_step(clock: StageClock, step: LadderStep, skipped: Sequence[LadderStep], run: _Run) -> None:
    case = clock.case
    facts: dict[str, object] = {"stage": clock.get_stage_display(), "due_at": clock.due_at.isoformat()}
    if skipped:
        facts["skipped"] = [name.label for name in skipped]
    Step.objects.create(
        case=case,
        at=run.at,
        by_name=run.system.name,
        code=str(step),
        action="ladder",
        label=step.label,
        from_state=case.state,
        to_state=case.state,
        to_holder=Unit(clock.grid, clock.department).name[:120],
        facts=facts,
        is_automatic=True,
    )


def _tell(clock: StageClock, step: LadderStep, run: _Run) -> None:
    """L0–L2 the unit itself; L3 also the parent grid and the office that sent it out."""
    unit = Unit(clock.grid, clock.department)
    people = list(run.people_of(unit))
    if step == LadderStep.URGE:
        above = [clock.case.grid.parent, clock.case.dispatch_grid]
        for grid in above:
            people += run.people_of(Unit(grid=grid)) if grid else ()
    telling.tell(people, clock.case, f"{step.label}（{clock.get_stage_display()}）", run.at)
