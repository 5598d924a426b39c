"""How a case of the demo begins: reported, met on a patrol, or entered by the county office."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from accounts.models import User
from accounts.roles import Role
from cases.choices import Origin, Severity
from cases.models import Case
from cases.services.filing import Location, Matter, open_case
from grids.models import Grid, Source
from inspections.services import FoundMatter, PatrolDraft, record_patrol
from kernel.calendar import WorkCalendar
from pingyi_grid.demo import opinions
from pingyi_grid.demo.actors import Actors
from pingyi_grid.demo.matters import MATTERS, PLACES
from pingyi_grid.demo.pictures import Album
from pingyi_grid.demo.plans import Plan, drawn

_REPORTERS = ((Role.MEMBER, 75), (Role.VILLAGE_HEAD, 18), (Role.AREA_HEAD, 7))
_WITHOUT_PHOTO = 0.06


@dataclass(frozen=True)
class World:
    """What all stories share."""

    actors: Actors
    album: Album
    calendar: WorkCalendar
    sources: Sequence[Source]


def begin(plan: Plan, world: World, draw: Random) -> Case:
    """The case of `plan`, made at its moment by the person who would make it."""
    village = world.actors.grid(plan.village)
    user = _person(plan, world, draw, village)
    matter = _matter(plan, world, draw, village, user)
    scope = world.actors.scope(user, plan.at)
    if plan.origin != Origin.PATROL:
        return open_case(matter, by=scope, at=plan.at, client_id=_key(draw)).case
    round_of_the_day = PatrolDraft(
        started_at=plan.at - timedelta(minutes=draw.randrange(15, 70)),
        ended_at=plan.at,
        grid=village.code,
        note="巡查中发现问题，已上报。",
        matters=[FoundMatter(matter, _key(draw))],
    )
    return record_patrol(round_of_the_day, client_id=_key(draw), by=scope, at=plan.at).patrol.cases.get()


def _person(plan: Plan, world: World, draw: Random, village: Grid) -> User:
    actors = world.actors
    if plan.origin == Origin.PATROL:
        return actors.first_at(village, Role.MEMBER)
    if plan.origin != Origin.REPORT:
        return actors.in_charge(actors.county)
    role = drawn(draw, _REPORTERS)
    return actors.first_at(village.parent if role == Role.AREA_HEAD else village, role)  # type: ignore[arg-type]


def _matter(plan: Plan, world: World, draw: Random, village: Grid, user: User) -> Matter:
    title, description = _words(plan, draw)
    without_photo = draw.random() < _WITHOUT_PHOTO
    return Matter(
        category=plan.category,
        severity=plan.severity,
        grid=village.code,
        title=title,
        description=description,
        place=draw.choice(PLACES),
        location=_point(village, draw),
        source=_source(plan, world, draw, village),
        origin=plan.origin,
        no_photo_reason="光线太暗，未能拍清" if without_photo else "",
        photos=[] if without_photo else [world.album.before(user, plan.at)],
    )


def _words(plan: Plan, draw: Random) -> tuple[str, str]:
    if plan.severity == Severity.URGENT:
        return opinions.SECOND_URGENT if plan.goal == "stay" else opinions.URGENT_MATTER
    return draw.choice(MATTERS[plan.category].words)


def _point(village: Grid, draw: Random) -> Location | None:
    """Near the centre; one in five phones did not find where it is."""
    if village.centre_lon is None or village.centre_lat is None or draw.random() < 0.2:
        return None
    east, north = draw.uniform(-0.002, 0.002), draw.uniform(-0.002, 0.002)
    return Location(round(village.centre_lon + east, 6), round(village.centre_lat + north, 6))


def _source(plan: Plan, world: World, draw: Random, village: Grid) -> str:
    kind = MATTERS[plan.category].site
    fitting = [row.code for row in world.sources if row.grid_id == village.pk and row.category == kind]
    return draw.choice(fitting) if fitting else ""


def _key(draw: Random) -> uuid.UUID:
    return uuid.UUID(int=draw.getrandbits(128), version=4)
