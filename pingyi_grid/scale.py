"""A large synthetic world for benchmarks: counties, people, cases in the mix of a running year. Deterministic.

Rows are written in bulk and marked 演示; they are right in shape, but no service walked them, so nothing but
benchmarks may use them.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils.timezone import localdate

from accounts.choices import WorkLine
from accounts.models import Department, User
from accounts.roles import Role
from cases.choices import Arrival, Severity, Stage, State
from cases.models import Case, CaseCategory, StageClock, Step
from cases.services.reference import load_reference
from grids.choices import GridKind
from grids.models import Grid, Post
from grids.scope import system_scope
from grids.services.tree import GridRow, import_tree
from inspections.models import Patrol
from kernel.choices import Unit
from kernel.models import Counter
from kernel.refusal import Refused

TOWNS, AREAS, VILLAGES = 14, 105, 515
BATCH = 2_000
# One in seven is still open, as in a county that keeps its limits.
_OPEN = (State.TRIAGE, State.DISPATCHED, State.HANDLING, State.CHECKING, State.CLOSING)
_STAGE_OF = {
    State.TRIAGE: Stage.TRIAGE,
    State.DISPATCHED: Stage.SIGN,
    State.HANDLING: Stage.HANDLE,
    State.CHECKING: Stage.CHECK,
    State.CLOSING: Stage.CLOSE,
}


@dataclass(frozen=True)
class Scale:
    """How much was made."""

    counties: int
    grids: int
    cases: int
    patrols: int


def seed_scale(*, counties: int, cases: int, patrols: int, seed: int, at: datetime) -> Scale:
    """Make the world around `at`. Sign-in names of the first county: scale_county, scale_town, scale_member."""
    if Case.objects.exists() or Grid.objects.exists():
        raise Refused("库里已有网格或办件；请换一个空库（DATABASE_URL）再生成测试数据。", "not_empty")
    draw = random.Random(seed)
    system = system_scope(localdate(at))
    load_reference(by=system, at=at)
    roots = [_county(number, system, at) for number in range(1, counties + 1)]
    villages = list(Grid.objects.filter(kind=GridKind.VILLAGE, code__startswith="99").order_by("code"))
    _people(roots[0], villages, at)
    _cases(draw, villages, cases, at)
    _patrols(draw, villages, patrols, at)
    return Scale(len(roots), Grid.objects.count(), cases, patrols)


def _county(number: int, system, at: datetime) -> Grid:  # type: ignore[no-untyped-def]
    code = f"99{number:04d}"
    start = localdate(at) - timedelta(days=400)
    return import_tree(rows=list(_rows(code, number)), active_from=start, by=system, at=at)[0]


def _rows(county: str, number: int) -> Iterator[GridRow]:
    yield GridRow(county, f"演示{number}县", GridKind.COUNTY, None, is_demo=True)
    for town in range(TOWNS):
        yield GridRow(f"{county}{100 + town}", f"演示{town + 1}镇", GridKind.TOWN, county, is_demo=True)
    for area in range(AREAS):
        parent = f"{county}{100 + area % TOWNS}"
        yield GridRow(f"{parent}W{area:02d}", f"演示{area + 1}工作区", GridKind.WORK_AREA, parent, is_demo=True)
    for village in range(VILLAGES):
        area = village % AREAS
        town = f"{county}{100 + area % TOWNS}"
        parent = f"{town}W{area:02d}"
        yield GridRow(f"{town}{200 + village:03d}", f"演示{village + 1}村", GridKind.VILLAGE, parent, is_demo=True)


def _people(root: Grid, villages: Sequence[Grid], at: datetime) -> None:
    village = next(grid for grid in villages if grid.code.startswith(root.code))
    places = [
        ("scale_county", Role.COUNTY_OFFICE, root),
        ("scale_town", Role.TOWN_OFFICE, village.parent.parent),
        ("scale_member", Role.MEMBER, village),
    ]
    for username, role, grid in places:
        user, is_new = User.objects.get_or_create(username=username, defaults={"name": "演示人员", "is_demo": True})
        if is_new:
            Post.objects.create(user=user, role=role, grid=grid, starts_on=localdate(at) - timedelta(days=400))


def _cases(draw: random.Random, villages: Sequence[Grid], count: int, at: datetime) -> None:
    categories = list(CaseCategory.objects.filter(line=WorkLine.ENV))
    departments = list(Department.objects.active())
    reporter = User.objects.get(username="scale_member")
    grids = {grid.pk: grid for grid in Grid.objects.all()}
    made = (_case(draw, n, villages, categories, departments, grids, reporter, at) for n in range(count))
    while batch := list(islice(made, BATCH)):
        with transaction.atomic():
            Case.objects.bulk_create(batch)
            StageClock.objects.bulk_create([clock for case in batch for clock in _clocks(case, at)])
            Step.objects.bulk_create([step for case in batch for step in _steps(case)])
    for day in {_day(n, at) for n in range(min(count, 365))}:
        Counter.objects.update_or_create(series="case", period=f"{day:%Y%m%d}", defaults={"value": count})


def _day(n: int, at: datetime):  # type: ignore[no-untyped-def]
    return localdate(at) - timedelta(days=n % 365)


def _case(draw, n, villages, categories, departments, grids, reporter, at) -> Case:  # type: ignore[no-untyped-def]
    is_open = draw.random() < 1 / 7
    state = draw.choice(_OPEN) if is_open else draw.choice((State.CLOSED, State.ARCHIVED))
    grid, created = villages[draw.randrange(len(villages))], at - timedelta(days=n % 365, minutes=draw.randrange(600))
    chain = [grid, grids[grid.parent_id], grids[grids[grid.parent_id].parent_id]]
    to_department = state in (State.DISPATCHED, State.HANDLING)
    category = draw.choice(categories)
    return Case(
        number=f"WT-{_day(n, at):%Y%m%d}-{n:07d}",
        category=category,
        severity=draw.choices(Severity.values, weights=(80, 15, 4, 1))[0],
        title=f"{grid.name}{category.name}",
        description="演示数据，仅用于性能测试。",
        grid=grid,
        state=state,
        holder_grid=draw.choice(chain) if is_open and not to_department else None,
        holder_department=draw.choice(departments) if to_department else None,
        arrived_by=Arrival.FORWARDED if is_open else "",
        arrived_at=created if is_open else None,
        reporter=reporter,
        created_at=created,
        reported_at=created,
        stage=_STAGE_OF.get(state, ""),
        due_at=created + timedelta(days=7) if is_open else None,
        closed_at=None if is_open else created + timedelta(days=5),
        is_demo=True,
    )


def _clocks(case: Case, at: datetime) -> Iterator[StageClock]:
    """The running clock of an open case; it rings when due, so that a sweep finds what is late at `at`."""
    if not case.stage:
        return
    due = case.due_at or at
    yield StageClock(
        case=case,
        stage=case.stage,
        grid=case.holder_grid,
        department=case.holder_department,
        amount=5,
        unit=Unit.WORKING_DAY,
        source="演示",
        started_at=case.created_at,
        due_at=due,
        next_action_at=max(due, at),
    )


def _steps(case: Case) -> Iterator[Step]:
    for number, (action, label) in enumerate([("report", "上报"), ("escalate", "上报上级"), ("refer", "转办")]):
        yield Step(
            case=case,
            at=case.created_at + timedelta(hours=number),
            by=case.reporter,
            by_name="演示人员",
            code=f"T{number}",
            action=action,
            label=label,
            to_state=case.state,
            opinion="演示意见",
        )


def _patrols(draw: random.Random, villages: Sequence[Grid], count: int, at: datetime) -> None:
    member = User.objects.get(username="scale_member")
    made = (_patrol(draw, n, villages, member, at) for n in range(count))
    while batch := list(islice(made, BATCH)):
        Patrol.objects.bulk_create(batch)


def _patrol(draw: random.Random, n: int, villages: Sequence[Grid], member: User, at: datetime) -> Patrol:
    started = at - timedelta(days=n % 365, minutes=draw.randrange(600))
    return Patrol(
        client_id=uuid.UUID(int=draw.getrandbits(128), version=4),
        grid=villages[draw.randrange(len(villages))],
        member=member,
        started_at=started,
        ended_at=started + timedelta(minutes=30),
        received_at=started + timedelta(minutes=31),
        is_demo=True,
    )
