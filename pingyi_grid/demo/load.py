"""The whole demo in one go: the county, its people, 120 sources, a year of patrols, cases in every state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from accounts.models import Notice, User
from cases.models import Case, CaseCategory
from cases.services.reference import load_reference
from grids.models import Source
from grids.scope import Scope
from grids.services.county import EDITION_DAY, load_pingyi
from inspections.models import Patrol
from kernel.calendar import current_calendar
from kernel.refusal import Refused
from kernel.services.calendar import seed_holidays
from pingyi_grid.demo.actors import Actors
from pingyi_grid.demo.beginnings import World
from pingyi_grid.demo.people import SEATED_FOR, make_people
from pingyi_grid.demo.pictures import Album
from pingyi_grid.demo.plans import plans_for_desks, year_of_plans
from pingyi_grid.demo.rounds import make_rounds
from pingyi_grid.demo.sites import make_sites
from pingyi_grid.demo.stories import Storyteller
from pingyi_grid.demo.year import Year

SEED = 371326
# Before this day the people of the demo would have been in office before there were grids.
EARLIEST = EDITION_DAY + SEATED_FOR
_READ_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class Size:
    """How much is told: cases of the past year and patrols; the staged cases come on top."""

    cases: int = 340
    patrols: int = 9_000


@dataclass(frozen=True)
class Demo:
    """What was made."""

    people: int
    sources: int
    patrols: int
    cases: int
    refused: tuple[str, ...] = ()


def is_empty() -> bool:
    """Nobody and nothing in the database: the moment for a demo, or for a real county."""
    return not (User.objects.exists() or Case.objects.exists())


@transaction.atomic
def load(*, password: str, by: Scope, at: datetime, size: Size | None = None, seed: int = SEED) -> Demo:
    """Make the demo as of `at`, whole or not at all. The same seed and moment give the same demo.

    Refused where there is data already, and for a moment before the county's grids have been there for a year.
    """
    if not is_empty():
        raise Refused("数据库里已有人员或办件，不能再装入演示数据。请换一个空的数据库。", "not_empty")
    if localdate(at) < EARLIEST:
        raise Refused(f"演示数据的时间不能早于 {EARLIEST}。", "too_early")
    size = size or Size()
    seed_holidays(by=by, at=at)
    load_reference(by=by, at=at)
    load_pingyi(by=by, at=at)
    people = make_people(_lots(seed, "people"), password=password, by=by, at=at)
    sources = make_sites(_lots(seed, "sites"), by=by, at=at)
    actors = Actors(at)
    make_rounds(_lots(seed, "rounds"), size.patrols, actors=actors, until=at)
    refused = _tell_stories(seed, size.cases, actors, sources, by, at)
    _mark_what_services_made(at)
    return Demo(people, len(sources), Patrol.objects.count(), Case.objects.count(), refused)


def _lots(seed: int, what: str) -> Random:
    """Lots of their own for each part, so that more patrols do not change the cases."""
    return Random(f"{seed} {what}")


def _tell_stories(
    seed: int, number: int, actors: Actors, sources: Sequence[Source], by: Scope, at: datetime
) -> tuple[str, ...]:
    """Live through the year; what was refused on the way comes back, and should be nothing."""
    on_the_spot = CaseCategory.objects.filter(self_handling_allowed=True).values_list("code", flat=True)
    lots, calendar = _lots(seed, "plans"), current_calendar()
    ordinary = year_of_plans(lots, number, actors=actors, sources=sources, until=at, on_the_spot=frozenset(on_the_spot))
    plans = sorted((*ordinary, *plans_for_desks(actors, until=at, calendar=calendar)), key=lambda plan: plan.at)
    album = Album(_lots(seed, "pictures"), by=by, at=at)
    world = World(actors, album, calendar, sources)
    year = Year(at)
    year.tell([Storyteller(plan, world, _lots(seed, f"case {n}")).story() for n, plan in enumerate(plans)])
    album.close()
    return tuple(year.refused)


def _mark_what_services_made(at: datetime) -> None:
    """Services know of no demo: what they made is marked afterwards, and older notices count as read."""
    Case.objects.update(is_demo=True)
    Patrol.objects.update(is_demo=True)
    Notice.objects.filter(created_at__lt=at - _READ_AFTER).update(read_at=F("created_at") + timedelta(hours=2))
