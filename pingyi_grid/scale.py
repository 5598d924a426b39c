"""A large synthetic world for benchmarks: counties, people, cases in the mix of a running year. Deterministic.

Rows are written in bulk and marked 演示; they are right in shape, but no service walked them, so nothing but
benchmarks may use them.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.utils.timezone import localdate

from accounts.choices import WorkLine
from accounts.models import Department, User
from accounts.roles import Role
from cases.choices import Arrival, ClockOutcome, PartRole, PartState, Severity, Stage, State
from cases.models import Case, CaseCategory, Part, ReferralSheet, StageClock, Step
from cases.services.reference import load_reference
from grids.choices import GridKind
from grids.models import Grid, Post
from grids.scope import Scope, system_scope
from grids.services.tree import GridRow, import_tree
from inspections.models import Patrol
from kernel.choices import Unit
from kernel.models import Counter
from kernel.numbering import dated_number
from kernel.refusal import Refused

TOWNS, AREAS, VILLAGES = 14, 105, 515
BATCH = 2_000
YEAR = 365
# One case in seven is still open, the youngest: as in a county that keeps its limits.
OPEN_DAYS = YEAR // 7
# An open case is due between three days ago and twelve days from now: one in five is late.
_EARLIEST_DUE, _LATEST_DUE = timedelta(days=-3), timedelta(days=12)


@dataclass(frozen=True)
class Scale:
    """How much was made."""

    counties: int
    grids: int
    cases: int
    patrols: int


@dataclass(frozen=True)
class _Act:
    """A line of a timeline, and the stage that it ends."""

    action: str
    label: str
    state: State
    ends: str = ""


_REPORT = _Act("report", "上报", State.TRIAGE)
_ESCALATE = _Act("escalate", "上报上级", State.TRIAGE, Stage.TRIAGE)
_REFER = _Act("refer", "转办", State.DISPATCHED, Stage.TRIAGE)
_SIGN = _Act("sign", "签收", State.HANDLING, Stage.SIGN)
_SUBMIT = _Act("submit", "提交处置结果", State.CHECKING, Stage.HANDLE)
_PASS = _Act("pass_check", "核查通过", State.CLOSING, Stage.CHECK)
_CLOSE = _Act("close", "同意办结", State.CLOSED, Stage.CLOSE)
_ARCHIVE = _Act("archive", "归档", State.ARCHIVED, Stage.ARCHIVE)
_ROAD = (_REPORT, _ESCALATE, _ESCALATE, _REFER, _SIGN, _SUBMIT, _PASS, _CLOSE, _ARCHIVE)
# How far along the road a case in this state is, and the stage that runs there.
_WALKED = {State.TRIAGE: 2, State.DISPATCHED: 4, State.HANDLING: 5, State.CHECKING: 6, State.CLOSING: 7,
           State.CLOSED: 8, State.ARCHIVED: 9}  # fmt: skip
_STAGE_OF = {
    State.TRIAGE: Stage.TRIAGE,
    State.DISPATCHED: Stage.SIGN,
    State.HANDLING: Stage.HANDLE,
    State.CHECKING: Stage.CHECK,
    State.CLOSING: Stage.CLOSE,
}
_WITH_UNIT = (State.DISPATCHED, State.HANDLING)
OPEN, DONE = tuple(_STAGE_OF), (State.CLOSED, State.ARCHIVED)


def seed_scale(*, counties: int, cases: int, patrols: int, seed: int, at: datetime) -> Scale:
    """Make the world around `at`, with statistics for the planner of the database (ANALYZE).

    Sign-in names of the first county: scale_county, scale_town, scale_area, scale_member, scale_water.
    """
    if Case.objects.exists() or Grid.objects.exists():
        raise Refused("库里已有网格或办件；请换一个空库（DATABASE_URL）再生成测试数据。", "not_empty")
    draw, system = random.Random(seed), system_scope(localdate(at))
    load_reference(by=system, at=at)
    for number in range(1, counties + 1):
        _county(number, system, at)
    _people(at)
    world = _World.read(draw, at)
    _store_cases((world.case(n) for n in range(cases)), world.departments)
    Counter.objects.bulk_create(_counters(cases, world.today))
    _patrols(world, patrols)
    analyse()
    return Scale(counties, Grid.objects.count(), cases, patrols)


def add_due_cases(*, states: Sequence[State], count: int, seed: int, at: datetime) -> None:
    """To a seeded world, `count` cases in `states` by turns, each with a clock that ran out in the hour before `at`."""
    world, first = _World.read(random.Random(seed), at), Case.objects.count()
    late = (world.late_case(first + n, states[n % len(states)], at - timedelta(seconds=n % 3600)) for n in range(count))
    _store_cases(late, world.departments)
    analyse()


def analyse() -> None:
    """Let the database count its rows anew, so that its plans fit them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# --- the tree and its people ------------------------------------------------------------------------------------------
def _county(number: int, system: Scope, at: datetime) -> None:
    rows = list(_rows(f"99{number:04d}", number))
    import_tree(rows=rows, active_from=localdate(at) - timedelta(days=YEAR + 35), by=system, at=at)


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


_POSTS_AT = {
    GridKind.COUNTY: (Role.COUNTY_OFFICE, Role.LEADER),
    GridKind.TOWN: (Role.TOWN_OFFICE, Role.TOWN_HEAD),
    GridKind.WORK_AREA: (Role.AREA_HEAD,),
    GridKind.VILLAGE: (Role.MEMBER, Role.VILLAGE_HEAD),
}
# The first of these posts in the first county signs in under this name.
_SIGN_IN = {
    Role.COUNTY_OFFICE: "scale_county",
    Role.TOWN_OFFICE: "scale_town",
    Role.AREA_HEAD: "scale_area",
    Role.MEMBER: "scale_member",
}


def _people(at: datetime) -> None:
    """Somebody in every post of every grid, and an officer in each department."""
    since = localdate(at) - timedelta(days=YEAR + 35)
    names = dict(_SIGN_IN)
    users, posts = [], []
    for grid in Grid.objects.in_order():
        for role in _POSTS_AT[GridKind(grid.kind)]:
            users.append(_person(len(users), names.pop(role, None)))
            posts.append(Post(user=users[-1], role=role, grid=grid, starts_on=since))
    for department in Department.objects.order_by("id"):
        users.append(_person(len(users), f"scale_{department.code}"))
        posts.append(Post(user=users[-1], role=Role.DEPT_OFFICER, department=department, starts_on=since))
    with transaction.atomic():
        User.objects.bulk_create(users, BATCH)
        Post.objects.bulk_create(posts, BATCH)


def _person(number: int, username: str | None) -> User:
    """Nobody knows a password of theirs: they sign in through the benchmarks alone."""
    return User(username=username, name=f"演示{number + 1}", password=make_password(None), is_demo=True)


# --- cases ------------------------------------------------------------------------------------------------------------
@dataclass
class _World:
    """What cases are made of."""

    draw: random.Random
    at: datetime
    today: date
    grids: dict[int, Grid]
    villages: list[Grid]
    members: dict[int, User]
    departments: list[Department]
    categories: list[CaseCategory]

    @classmethod
    def read(cls, draw: random.Random, at: datetime) -> _World:
        grids = {grid.pk: grid for grid in Grid.objects.filter(code__startswith="99").in_order()}
        members = Post.objects.with_role(Role.MEMBER).select_related("user").order_by("id")
        return cls(
            draw=draw,
            at=at,
            today=localdate(at),
            grids=grids,
            villages=[grid for grid in grids.values() if grid.kind == GridKind.VILLAGE],
            members={post.grid_id: post.user for post in members},
            departments=list(Department.objects.active()),
            categories=list(CaseCategory.objects.filter(line=WorkLine.ENV)),
        )

    def case(self, n: int, state: State | None = None, due_at: datetime | None = None) -> Case:
        """The case `n`: of the day `n` days ago, open when that is not long ago; `state` and `due_at` as given."""
        draw, age = self.draw, n % YEAR
        state = state or draw.choice(OPEN if age < OPEN_DAYS else DONE)
        is_open = state in OPEN
        grid, category = draw.choice(self.villages), draw.choice(self.categories)
        created = self.at - timedelta(days=age, minutes=draw.randrange(600))
        area = self.grids[grid.parent_id]
        town = self.grids[area.parent_id]
        at_department = state in _WITH_UNIT
        due = (due_at or self._due()) if is_open else None
        return Case(
            number=dated_number("WT", self.today - timedelta(days=age), n // YEAR + 1),
            category=category,
            severity=draw.choices(Severity.values, weights=(80, 15, 4, 1))[0],
            title=f"{grid.name}{category.name}",
            description="演示数据，仅用于性能测试。",
            grid=grid,
            state=state,
            holder_grid=draw.choice((grid, area, town)) if is_open and not at_department else None,
            holder_department=draw.choice(self.departments) if at_department else None,
            arrived_by=Arrival.FORWARDED if is_open else "",
            arrived_at=created if is_open else None,
            reporter=self.members[grid.pk],
            created_at=created,
            reported_at=created,
            dispatch_grid=town if _WALKED[state] >= _WALKED[State.DISPATCHED] else None,
            dispatched_at=created if _WALKED[state] >= _WALKED[State.DISPATCHED] else None,
            stage=_STAGE_OF.get(state, ""),
            due_at=due,
            is_overdue=due is not None and due <= self.at,
            closed_at=None if is_open else created + timedelta(days=5),
            is_demo=True,
        )

    def late_case(self, n: int, state: State, due_at: datetime) -> Case:
        """In `state`, due at `due_at`. Numbered apart: the days of the seeded ones may be counted from another day."""
        case = self.case(n, state, due_at)
        case.number = f"LATE-{n:06d}"
        return case

    def _due(self) -> datetime:
        return self.at + self.draw.uniform(0, 1) * (_LATEST_DUE - _EARLIEST_DUE) + _EARLIEST_DUE


def _store_cases(cases: Iterable[Case], departments: Sequence[Department]) -> None:
    """Cases with their sheets, units, clocks and timelines, a batch in a transaction."""
    remaining = iter(cases)
    while batch := list(islice(remaining, BATCH)):
        referred = [case for case in batch if case.dispatch_grid_id]
        with transaction.atomic():
            Case.objects.bulk_create(batch)
            sheets = ReferralSheet.objects.bulk_create([_sheet(case) for case in referred])
            Part.objects.bulk_create([_part(sheet, departments) for sheet in sheets])
            StageClock.objects.bulk_create([clock for case in batch for clock in _clocks(case)])
            Step.objects.bulk_create([step for case in batch for step in _steps(case)])


def _sheet(case: Case) -> ReferralSheet:
    return ReferralSheet(
        case=case,
        number=f"演示〔{case.created_at.year}〕{case.pk}号",
        dispatch_grid=case.dispatch_grid,
        issued_by=case.reporter,
        issued_at=case.created_at,
        amount=5,
        unit=Unit.WORKING_DAY,
        opinion="演示意见",
    )


def _part(sheet: ReferralSheet, departments: Sequence[Department]) -> Part:
    """The unit in the lead: the department that holds the case now; of the others one in four is the town itself."""
    case = sheet.case
    one_of_all = departments[case.pk % len(departments)] if case.pk % 4 else None
    department = case.holder_department or one_of_all
    return Part(
        case=case,
        sheet=sheet,
        role=PartRole.LEAD,
        grid=None if department else case.dispatch_grid,
        department=department,
        state=PartState.SIGNED if case.state == State.HANDLING else PartState.SENT,
        sent_at=case.created_at,
        due_at=case.due_at or case.created_at,
    )


def _acts(case: Case) -> Sequence[_Act]:
    return _ROAD[: _WALKED[State(case.state)]]


def _clocks(case: Case) -> Iterator[StageClock]:
    """The one that stopped last, and the running one; it rings when due, so that a sweep finds what is late."""
    stopped = {"stopped_at": case.created_at + timedelta(hours=1), "outcome": ClockOutcome.MET}
    yield _clock(case, _acts(case)[-1].ends, case.grid, None, due_at=case.created_at + timedelta(days=5), **stopped)
    if case.stage:
        holder = case.holder_grid, case.holder_department
        yield _clock(case, case.stage, *holder, due_at=case.due_at, next_action_at=case.due_at)


def _clock(case: Case, stage: str, grid: Grid | None, department: Department | None, **moments: object) -> StageClock:
    return StageClock(
        case=case,
        stage=stage,
        grid=grid,
        department=department,
        amount=5,
        unit=Unit.WORKING_DAY,
        source="演示",
        started_at=case.created_at,
        **moments,
    )


def _steps(case: Case) -> Iterator[Step]:
    for hours, act in enumerate(_acts(case)):
        yield Step(
            case=case,
            at=case.created_at + timedelta(hours=hours),
            by=case.reporter,
            by_name="演示人员",
            by_title="演示村网格员",
            code="",
            action=act.action,
            label=act.label,
            to_state=act.state,
            to_holder="演示单位",
            opinion="演示意见",
        )


def _counters(cases: int, today: date) -> list[Counter]:
    """As many numbers as each day has used."""
    days = range(min(cases, YEAR))
    return [
        Counter(series="case", period=f"{today - timedelta(days=age):%Y%m%d}", value=(cases - 1 - age) // YEAR + 1)
        for age in days
    ]


# --- patrols ----------------------------------------------------------------------------------------------------------
def _patrols(world: _World, count: int) -> None:
    _store(Patrol, (_patrol(world, n) for n in range(count)))


def _store(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        model._default_manager.bulk_create(batch)


def _patrol(world: _World, n: int) -> Patrol:
    started = world.at - timedelta(days=n % YEAR, minutes=world.draw.randrange(600))
    grid = world.draw.choice(world.villages)
    return Patrol(
        client_id=uuid.UUID(int=world.draw.getrandbits(128), version=4),
        grid=grid,
        member=world.members[grid.pk],
        started_at=started,
        ended_at=started + timedelta(minutes=30),
        received_at=started + timedelta(minutes=31),
        is_demo=True,
    )
