"""A year of patrols, in bulk: a record has no life of its own, so no service has to walk it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from accounts.choices import WorkLine
from accounts.models import User
from accounts.roles import Role
from grids.models import Grid, Source
from inspections.models import Patrol
from kernel.calendar import ONE_DAY, SHANGHAI
from pingyi_grid.demo.actors import Actors
from pingyi_grid.demo.opinions import NOTES
from pingyi_grid.demo.people import TOWN, VILLAGE

YEAR = 365
BATCH = 1_000
# The towns of the sign-ins walk more often, so that their lists have pages to turn.
_OWN_VILLAGE, _OWN_TOWN, _ELSEWHERE = 8, 3, 1
_LINES = (WorkLine.ENV,) * 17 + (WorkLine.SAFETY,) * 2 + (WorkLine.POVERTY,)


def make_rounds(draw: Random, number: int, *, actors: Actors, until: datetime) -> int:
    """Write `number` patrols of the year before `until`; returns how many. The same `draw` gives the same ones."""
    made = Patrol.objects.bulk_create(_rounds(draw, number, actors, until), batch_size=BATCH)
    return len(made)


def _rounds(draw: Random, number: int, actors: Actors, until: datetime) -> Iterator[Patrol]:
    places = actors.villages
    weights = [_weight(grid) for grid in places]
    sources: dict[int, list[Source]] = {}
    for source in Source.objects.filter(is_demo=True).order_by("code"):
        sources.setdefault(source.grid_id, []).append(source)
    for grid in draw.choices(places, weights, k=number):
        yield _round(draw, grid, actors.first_at(grid, Role.MEMBER), sources.get(grid.pk, []), until)


def _weight(grid: Grid) -> int:
    if grid.code == VILLAGE:
        return _OWN_VILLAGE
    return _OWN_TOWN if grid.code.startswith(TOWN) else _ELSEWHERE


def _round(draw: Random, grid: Grid, member: User, sources: list[Source], until: datetime) -> Patrol:
    """By day, seldom in the evening; the last ones end before `until`."""
    day = until.astimezone(SHANGHAI).date() - draw.randrange(1, YEAR) * ONE_DAY
    hour = draw.choice((7, 8, 8, 9, 9, 10, 14, 15, 15, 16, 17, 19, 20))
    started_at = datetime.combine(day, time(hour, draw.randrange(60)), SHANGHAI)
    ended_at = started_at + timedelta(minutes=draw.randrange(20, 95))
    return Patrol(
        client_id=uuid.UUID(int=draw.getrandbits(128), version=4),
        grid=grid,
        source=draw.choice(sources) if sources and draw.random() < 0.6 else None,
        member=member,
        line=draw.choice(_LINES),
        started_at=started_at,
        ended_at=ended_at,
        received_at=ended_at + timedelta(minutes=draw.randrange(1, 30)),
        lon=grid.centre_lon,
        lat=grid.centre_lat,
        note=draw.choice(NOTES),
        is_demo=True,
    )
