"""What time makes happen to cases: the ladder L0–L3, climbing, falling back, passing and archiving by themselves.

The timetable and `manage.py sweep --at …` call the same `sweep_cases`. Two of them at once, a killed worker or a
message delivered again change nothing: the case rows are locked, the `Firing` key is unique, and a batch that dies is
rolled back whole. Rows are read and written by the batch: one by one, the ORM took thirty statements a case.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import User
from accounts.services import Message, notify_each
from cases.choices import CardColour, LadderStep, Severity, Stage, State
from cases.deadlines import Judgement, judge, ladder
from cases.models import Card, Case, StageClock, Step
from cases.rules import Unit
from cases.services.machine import act_on_held, held_cases
from cases.services.telling import people_of, url_of
from grids.scope import Scope, system_scope
from kernel.calendar import WorkCalendar, current_calendar
from kernel.sweep import Fired, fire_each, steps_fired

logger = logging.getLogger(__name__)

BATCH = 200
# A row that raises is looked at again in an hour, so that one bad row cannot stop the others.
RETRY_AFTER = timedelta(hours=1)

# What a stage does by itself when its time is over, instead of waiting for a person.
_BY_ITSELF = {
    Stage.TRIAGE: "climb",
    Stage.SELF_HANDLE: "fall_back",
    Stage.SELF_REVIEW: "pass_review_by_time",
    Stage.ARCHIVE: "archive",
}
# The level that let these run out keeps the red card, though the case goes on without it.
_BLAMED = frozenset({"climb", "fall_back"})
_LATE = frozenset({LadderStep.RED, LadderStep.URGE})


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
    for start in range(0, limit, BATCH):
        size = min(BATCH, limit - start)
        rows = list(StageClock.objects.ringing(at).after(last).values_list("next_action_at", "pk")[:size])
        if not rows:
            return
        last = rows[-1]
        yield [pk for _moment, pk in rows]


class _Run:
    """One sweep: its moment, its calendar, and the people found so far, so that each unit is asked for once."""

    def __init__(self, at: datetime, calendar: WorkCalendar, system: Scope) -> None:
        self.at = at
        self.calendar = calendar
        self.system = system
        self._people: dict[str, tuple[User, ...]] = {}

    def people_of(self, unit: Unit) -> tuple[User, ...]:
        if unit.key not in self._people:
            self._people[unit.key] = people_of(unit, self.at)
        return self._people[unit.key]


@dataclass(frozen=True)
class _Ring:
    """A clock that rings, with the step to issue."""

    clock: StageClock
    step: LadderStep
    skipped: tuple[LadderStep, ...]

    @property
    def unit(self) -> Unit:
        return Unit(self.clock.grid, self.clock.department)

    @property
    def act_by_itself(self) -> str:
        """The act that the stage does when its time is over; empty where a person has to be told."""
        action = _BY_ITSELF.get(Stage(self.clock.stage), "") if self.step in _LATE else ""
        return action if action and _may_by_itself(self.clock.case, action) else ""


def _sweep_batch(ids: Sequence[int], run: _Run) -> tuple[int, int]:
    """Steps issued and rows put off. A batch that raises is done again row by row, so that only the bad row waits."""
    try:
        with transaction.atomic():
            return _ring_all(_locked(ids, run.at), run), 0
    except Exception:
        if len(ids) > 1:
            parts = [_sweep_batch([pk], run) for pk in ids]
            return sum(done for done, _ in parts), sum(bad for _, bad in parts)
        logger.exception("sweep: clock %s put off", ids[0])
        StageClock.objects.filter(pk=ids[0]).update(next_action_at=run.at + RETRY_AFTER)
        return 0, 1


def _locked(ids: Sequence[int], at: datetime) -> list[StageClock]:
    """The clocks that still ring, each with its case locked; cases that another worker holds are left to it."""
    wanted = StageClock.objects.filter(pk__in=ids).values("case_id")
    locking = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=wanted).order_by("pk")
    cases = {case.pk: case for case in locking.select_related("grid__parent", "dispatch_grid", "holder_grid")}
    clocks = StageClock.objects.ringing(at).filter(pk__in=ids, case_id__in=cases).select_related("grid", "department")
    found = list(clocks)
    for clock in found:
        clock.case = cases[clock.case_id]
    return found


def _ring_all(clocks: Sequence[StageClock], run: _Run) -> int:
    """Judge each clock from the facts and do the highest step due. Returns how many steps were issued."""
    fired = steps_fired({_subject(clock) for clock in clocks})
    rings: list[_Ring] = []
    by_moment: dict[datetime | None, list[int]] = defaultdict(list)
    for clock in clocks:
        verdict = _judge(clock, fired, run)
        by_moment[verdict.next_at].append(clock.pk)
        if verdict.step is not None:
            rings.append(_Ring(clock, verdict.step, verdict.skipped))
    for moment, keys in by_moment.items():
        StageClock.objects.filter(pk__in=keys).update(next_action_at=moment)
    fire_each([fired_row for ring in rings for fired_row in _firings(ring)], run.at)
    _issue([ring for ring in rings if not ring.act_by_itself], run)
    _let_act([ring for ring in rings if ring.act_by_itself], run)
    return len(rings)


def _judge(clock: StageClock, fired: frozenset[Fired], run: _Run) -> Judgement:
    rings = ladder(clock.stage, clock.started_at, clock.due_at, clock.unit, run.calendar)
    subject, stage = _subject(clock), _stage_key(clock)
    done = frozenset(ring.step for ring in rings if Fired(subject, stage, ring.step, clock.due_at) in fired)
    return judge(rings, done, run.at)


def _subject(clock: StageClock) -> str:
    return f"case:{clock.case_id}"


def _stage_key(clock: StageClock) -> str:
    """The stage with the clock, since a stage can run more than once and a cooperating unit has a clock of its own."""
    return f"{clock.stage}@{clock.pk}"


def _firings(ring: _Ring) -> Iterator[Fired]:
    subject, stage, due = _subject(ring.clock), _stage_key(ring.clock), ring.clock.due_at
    for step in ring.skipped:
        yield Fired(subject, stage, step, due, skipped=True)
    yield Fired(subject, stage, ring.step, due)


def _may_by_itself(case: Case, action: str) -> bool:
    if action == "pass_review_by_time":
        return not case.is_sampled
    if action == "archive":
        return case.state == State.CLOSED
    return case.holder_grid is not None and case.holder_grid.parent_id is not None


def _let_act(rings: Sequence[_Ring], run: _Run) -> None:
    """Each case does what its stage does by itself; where a level is to blame, its card and a line come first."""
    blamed = [ring for ring in rings if ring.act_by_itself in _BLAMED]
    _give_cards(blamed, CardColour.RED, run.at)
    Step.objects.bulk_create([_step(ring, run) for ring in blamed])
    # Locked since `_locked`; read whole only now, with the flags that this batch has raised.
    cases = held_cases([ring.clock.case_id for ring in rings]) if rings else {}
    for ring in rings:
        act_on_held(cases[ring.clock.case_id], ring.act_by_itself, by=run.system, at=run.at, data={})


def _issue(rings: Sequence[_Ring], run: _Run) -> None:
    """Cards, flags, a line in each timeline, and a notice to whoever is concerned."""
    _give_cards([ring for ring in rings if ring.step == LadderStep.YELLOW], CardColour.YELLOW, run.at)
    _give_cards([ring for ring in rings if ring.step in _LATE], CardColour.RED, run.at)
    _flag_cases(rings)
    Step.objects.bulk_create([_step(ring, run) for ring in rings])
    notify_each([_message(ring, run) for ring in rings], at=run.at)


def _give_cards(rings: Iterable[_Ring], colour: CardColour, at: datetime) -> None:
    """One card a clock, colour and due time: the red one of L2 is not given again by L3."""
    cards = [
        Card(
            clock=ring.clock,
            colour=colour,
            due_at=ring.clock.due_at,
            case_id=ring.clock.case_id,
            stage=ring.clock.stage,
            grid=ring.clock.grid,
            department=ring.clock.department,
            issued_at=at,
        )
        for ring in rings
    ]
    Card.objects.bulk_create(cards, ignore_conflicts=True)


_FLAGS: dict[LadderStep, dict[str, object]] = {
    LadderStep.YELLOW: {"card": CardColour.YELLOW},
    LadderStep.RED: {"card": CardColour.RED, "is_overdue": True},
    LadderStep.URGE: {"card": CardColour.RED, "is_overdue": True, "is_urged": True},
}


def _flag_cases(rings: Iterable[_Ring]) -> None:
    """The card of the leading clock shows on the case; a cooperating unit's own lateness does not."""
    by_step: dict[LadderStep, list[int]] = defaultdict(list)
    for ring in rings:
        if ring.clock.part_id is None and ring.step in _FLAGS:
            by_step[ring.step].append(ring.clock.case_id)
    for step, keys in by_step.items():
        Case.objects.filter(pk__in=keys).update(**_FLAGS[step])


def _step(ring: _Ring, run: _Run) -> Step:
    clock, case = ring.clock, ring.clock.case
    facts: dict[str, object] = {"stage": clock.get_stage_display(), "due_at": clock.due_at.isoformat()}
    if ring.skipped:
        facts["skipped"] = [step.label for step in ring.skipped]
    return Step(
        case=case,
        at=run.at,
        by_name=run.system.name,
        code=str(ring.step),
        action="ladder",
        label=ring.step.label,
        from_state=case.state,
        to_state=case.state,
        to_holder=ring.unit.name[:120],
        facts=facts,
        is_automatic=True,
    )


def _message(ring: _Ring, run: _Run) -> Message:
    """L0–L2 go to the unit itself; L3 also to the parent grid and to the office that sent the case out."""
    case = ring.clock.case
    people = list(run.people_of(ring.unit))
    if ring.step == LadderStep.URGE:
        for grid in (case.grid.parent, case.dispatch_grid):
            people += run.people_of(Unit(grid=grid)) if grid else ()
    subject = f"{ring.step.label}（{ring.clock.get_stage_display()}）：{case.title}"
    return Message(tuple(people), subject, url=url_of(case), urgent=case.severity == Severity.URGENT)
