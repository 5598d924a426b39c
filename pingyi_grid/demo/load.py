"""The whole demo in one go: the county, its people, 120 sources, a year of patrols, cases in every state."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import F

from accounts.models import Notice, User
from cases.models import Case, CaseCategory
from cases.services.reference import load_reference
from cases.services.sweeping import sweep_cases
from grids.scope import Scope
from grids.services.county import load_pingyi
from kernel.refusal import Refused
from kernel.services.calendar import seed_holidays
from pingyi_grid.demo.actors import Actors
from pingyi_grid.demo.histories import Plan, Storyteller, plans, staged
from pingyi_grid.demo.people import make_people
from pingyi_grid.demo.pictures import Album
from pingyi_grid.demo.rounds import make_rounds
from pingyi_grid.demo.sites import make_sites

# Stories in one transaction: fewer waits for the disk, and a killed load leaves whole stories behind.
_CHUNK = 20
_READ_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class Size:
    """How much is told: cases of the past year and patrols; the staged cases come on top."""

    cases: int = 320
    patrols: int = 9_000


@dataclass(frozen=True)
class Demo:
    """What was made."""

    people: int
    sources: int
    patrols: int
    cases: int


def is_empty() -> bool:
    """Nobody and nothing in the database: the moment for a demo, or for a real county."""
    return not (User.objects.exists() or Case.objects.exists())


def load(*, password: str, by: Scope, at: datetime, size: Size | None = None, seed: int = 371326) -> Demo:
    """Make the demo as of `at`. The same seed and moment give the same demo. Refused where there is data already."""
    if not is_empty():
        raise Refused("数据库里已有人员或办件，不能再装入演示数据。请换一个空的数据库。", "not_empty")
    size, draw = size or Size(), random.Random(seed)
    seed_holidays(by=by, at=at)
    load_reference(by=by, at=at)
    load_pingyi(by=by, at=at)
    with transaction.atomic():
        people = make_people(draw, password=password, by=by, at=at)
        sources = make_sites(draw, by=by, at=at)
    actors = Actors(at)
    patrols = make_rounds(draw, size.patrols, actors=actors, until=at)
    _tell_stories(draw, size.cases, actors, by, at)
    Case.objects.update(is_demo=True)
    Notice.objects.filter(created_at__lt=at - _READ_AFTER).update(read_at=F("created_at") + timedelta(hours=2))
    return Demo(people, len(sources), patrols, Case.objects.count())


def _tell_stories(draw: random.Random, number: int, actors: Actors, by: Scope, at: datetime) -> None:
    self_handled = set(CaseCategory.objects.filter(self_handling_allowed=True).values_list("code", flat=True))
    told = chain(plans(draw, number, actors, at, self_handled), staged(actors, at, self_handled))
    album = Album(draw, by=by, at=at)
    teller = Storyteller(draw, actors, album, at)
    for chunk in _chunks(sorted(told, key=lambda plan: plan.at)):
        with transaction.atomic():
            for plan in chunk:
                teller.tell(plan)
    album.close()
    for days in range(20, -1, -1):
        sweep_cases(at - timedelta(days=days))


def _chunks(rows: Sequence[Plan]) -> list[Sequence[Plan]]:
    return [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
