"""The people of the demo: fourteen who can sign in, and whoever else the county needs so that no grid is vacant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, cycle
from random import Random

from django.contrib.auth.hashers import make_password

from accounts.models import Department, User
from accounts.roles import Role
from accounts.services import create_user
from grids.choices import GridKind, SponsorClass
from grids.models import Grid, Post, Sponsorship
from grids.rules import AREA_RANK, TOWN_RANK
from grids.scope import Scope
from grids.services import appoint, sponsor
from pingyi_grid.demo.names import person_names, telephone

COUNTY, TOWN, NEXT_TOWN = "371326", "371326101", "371326102"
AREA, VILLAGE = "371326101W01", "371326101211"
# In office since before the year of the demo begins.
SEATED_FOR = timedelta(days=400)
BATCH = 500


@dataclass(frozen=True)
class SignIn:
    """Somebody of the contract's list: sign-in name, role, and the code of the grid or department."""

    username: str
    role: Role
    grid: str = ""
    department: str = ""
    title: str = ""


SIGN_INS = (
    SignIn("admin", Role.SYSTEM_ADMIN),
    SignIn("county", Role.COUNTY_OFFICE, COUNTY),
    SignIn("leader", Role.LEADER, COUNTY, title="副县长"),
    SignIn("water", Role.DEPT_OFFICER, department="water"),
    SignIn("env", Role.DEPT_OFFICER, department="env"),
    SignIn("clerk", Role.COMPLAINT_CLERK, COUNTY),
    SignIn("assessor", Role.ASSESSOR, COUNTY),
    SignIn("town", Role.TOWN_OFFICE, TOWN),
    SignIn("townhead", Role.TOWN_HEAD, TOWN, title="镇长"),
    SignIn("area", Role.AREA_HEAD, AREA),
    SignIn("member", Role.MEMBER, VILLAGE),
    SignIn("stranger", Role.TOWN_OFFICE, NEXT_TOWN),
    SignIn("audit", Role.AUDITOR),
)
# The fourteenth holds no post but what comes with the 包保.
SPONSOR, SPONSORED = "sponsor", (VILLAGE, "371326101212")


@dataclass(frozen=True)
class Seat:
    """A post to be filled by somebody without sign-in."""

    role: Role
    grid: Grid | None = None
    department: Department | None = None
    title: str = ""


def make_people(draw: Random, *, password: str, by: Scope, at: datetime) -> int:
    """Seat everybody; returns how many people there are. The same `draw` gives the same people."""
    names, starts_on = person_names(draw), by.day - SEATED_FOR
    phones = (telephone(number) for number in count(1))
    for sign_in in SIGN_INS:
        user = _with_sign_in(sign_in.username, next(names), password, by, at)
        _appoint(sign_in, user, starts_on, by, at)
    cadre = _with_sign_in(SPONSOR, next(names), password, by, at)
    for grid in Grid.objects.filter(code__in=SPONSORED).in_order():
        kind = SponsorClass.SECTION_DEPUTY_UP
        sponsor(user=cadre, grid=grid, sponsor_class=kind, starts_on=starts_on, by=by, at=at)
    _seat(list(_seats()), names, phones, starts_on)
    _sponsor_the_county(names, phones, starts_on)
    return User.objects.filter(is_demo=True).count()


def _with_sign_in(username: str, name: str, password: str, by: Scope, at: datetime) -> User:
    return create_user(name=name, username=username, password=password, must_change=False, is_demo=True, by=by, at=at)


def _appoint(sign_in: SignIn, user: User, starts_on: date, by: Scope, at: datetime) -> None:
    appoint(
        user=user,
        role=sign_in.role,
        grid=Grid.objects.get(code=sign_in.grid) if sign_in.grid else None,
        department=Department.objects.get(code=sign_in.department) if sign_in.department else None,
        title=sign_in.title,
        starts_on=starts_on,
        by=by,
        at=at,
    )


def _seats() -> Iterator[Seat]:
    """The posts that nobody with a sign-in fills: two heads of each town (党政双网格长), and so on downwards."""
    county = Grid.objects.get(code=COUNTY)
    yield Seat(Role.COUNTY_OFFICE, county)
    yield Seat(Role.LEADER, county, title="县委副书记")
    for department in Department.objects.order_by("position", "id"):
        yield Seat(Role.DEPT_HEAD, department=department)
        if department.code not in {sign_in.department for sign_in in SIGN_INS}:
            yield Seat(Role.DEPT_OFFICER, department=department)
    yield Seat(Role.ENFORCEMENT, department=Department.objects.get(code="env"))
    taken = {(sign_in.role, sign_in.grid) for sign_in in SIGN_INS}
    for grid in Grid.objects.filter(parent__isnull=False).in_order():
        yield from (seat for seat in _seats_at(grid) if (seat.role, grid.code) not in taken or seat.title == "党委书记")


def _seats_at(grid: Grid) -> tuple[Seat, ...]:
    if grid.kind == GridKind.WORK_AREA:
        return (Seat(Role.AREA_HEAD, grid),)
    if grid.kind in (GridKind.VILLAGE, GridKind.COMMUNITY):
        return Seat(Role.VILLAGE_HEAD, grid, title="党支部书记"), Seat(Role.MEMBER, grid)
    return (
        Seat(Role.TOWN_OFFICE, grid),
        Seat(Role.TOWN_HEAD, grid, title="党委书记"),
        Seat(Role.TOWN_HEAD, grid, title="镇长"),
    )


def _seat(seats: list[Seat], names: Iterator[str], phones: Iterator[str], starts_on: date) -> None:
    people = _enlist(len(seats), names, phones)
    Post.objects.bulk_create(
        (
            Post(
                user=person,
                role=seat.role,
                grid=seat.grid,
                department=seat.department,
                title=seat.title,
                starts_on=starts_on,
            )
            for person, seat in zip(people, seats, strict=True)
        ),
        batch_size=BATCH,
    )


def _enlist(number: int, names: Iterator[str], phones: Iterator[str]) -> list[User]:
    """People without sign-in, in bulk: nobody has to be told a password or asked for a change."""
    closed = make_password(None)
    people = [User(name=next(names), phone=next(phones), password=closed, is_demo=True) for _ in range(number)]
    return User.objects.bulk_create(people, batch_size=BATCH)


def _sponsor_the_county(names: Iterator[str], phones: Iterator[str], starts_on: date) -> None:
    """包保 of the four classes: a county leader for each town, a head of department for some work areas, a cadre for
    each work area, department staff for every other village.
    """
    towns = list(Grid.objects.filter(rank__rank=TOWN_RANK).in_order())
    areas = list(Grid.objects.filter(rank__rank=AREA_RANK).in_order())
    villages = list(Grid.objects.filter(kind__in=(GridKind.VILLAGE, GridKind.COMMUNITY)).in_order())[::2]
    _sponsor(SponsorClass.COUNTY_LEADER, towns, len(towns), names, phones, starts_on)
    _sponsor(SponsorClass.DEPT_HEAD, areas[::3], 18, names, phones, starts_on)
    _sponsor(SponsorClass.SECTION_DEPUTY_UP, areas, 35, names, phones, starts_on)
    _sponsor(SponsorClass.DEPT_STAFF, villages, 60, names, phones, starts_on)


def _sponsor(
    sponsor_class: SponsorClass,
    grids: list[Grid],
    number: int,
    names: Iterator[str],
    phones: Iterator[str],
    starts_on: date,
) -> None:
    """`number` cadres of a class stand behind `grids`, in turn; the reach comes with a sponsor's post."""
    cadres = _enlist(number, names, phones)
    Post.objects.bulk_create(Post(user=cadre, role=Role.SPONSOR, starts_on=starts_on) for cadre in cadres)
    Sponsorship.objects.bulk_create(
        (
            Sponsorship(user=cadre, grid=grid, sponsor_class=sponsor_class, starts_on=starts_on)
            for cadre, grid in zip(cycle(cadres), grids, strict=False)
        ),
        batch_size=BATCH,
    )
