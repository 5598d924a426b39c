"""A corner of the county with everything in it: cases in every state, photos, sites, patrols, notices, requests."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Notice
from cases.choices import Severity
from cases.models import Case
from cases.services.filing import Matter, file_case
from cases.services.photos import take_in
from cases.tests.conftest import Desk, picture
from conftest import LONG_AGO, NOW
from grids.choices import SponsorClass
from grids.models import Grid, Post, Source, Sponsorship
from grids.services import SourceDraft, register_source
from inspections.services import PatrolDraft, record_patrol
from kernel.models import Photo
from tests.addresses import Things


@dataclass(frozen=True)
class Corner:
    """Where, who works there, and the word that stands in everything made there."""

    village: str
    member: str
    area: str
    town: str
    mark: str


@dataclass(frozen=True)
class Furnished:
    """What was made in a corner."""

    source: Source
    cases: list[Case]
    things: list[Things]


def furnish(desk: Desk, corner: Corner, at: datetime = NOW) -> Furnished:
    """Fill a corner through the real services, as its own people and those who are asked would."""
    source = register_source(
        draft=SourceDraft(
            name=f"{corner.mark}养殖场", category="livestock", grid=_village(corner), address=f"{corner.mark}路 1 号"
        ),
        by=desk.cast.scope(corner.member),
        at=at,
    )
    cases = _cases(desk, corner, source, at)
    _patrol(desk, corner, source, at)
    [unused] = _photos(desk, corner, corner.member, at)
    return Furnished(source, cases, [_things(case, source, unused, desk, corner) for case in cases])


def _village(corner: Corner) -> Grid:
    return Grid.objects.get(code=corner.village)


def _photos(desk: Desk, corner: Corner, by: str, at: datetime) -> list[Photo]:
    return take_in([picture()], grid=_village(corner), by=desk.cast.scope(by), at=at)


def _filed(desk: Desk, corner: Corner, at: datetime, **values: object) -> Case:
    """A case with a real photo and the mark wherever a person can write."""
    mark = corner.mark
    words = {"title": f"{mark}村东冒烟", "description": f"{mark}有人焚烧", "place": f"{mark}河北岸"}
    matter = {"category": "A05", "grid": corner.village, "photos": _photos(desk, corner, corner.member, at)}
    scope = desk.cast.scope(corner.member)
    return file_case(Matter(**matter | words | values), by=scope, at=at, client_id=uuid.uuid4()).case


def _at_town(desk: Desk, corner: Corner, at: datetime, **values: object) -> Case:
    case = _filed(desk, corner, at, **values)
    for by in (corner.member, corner.area):
        case = desk.act(case, "escalate", by, at, opinion=f"{corner.mark}请上级处理")
    return case


def _referred(desk: Desk, corner: Corner, at: datetime, **values: object) -> Case:
    case = desk.act(
        _at_town(desk, corner, at, **values), "escalate", corner.town, at, opinion=f"{corner.mark}请县里处理"
    )
    lead = {"lead": "department:water", "co": ["department:env"], "days": None}
    return desk.act(case, "refer", "county", at, opinion=f"{corner.mark}请依法查处", **lead)


def _handled(desk: Desk, corner: Corner, at: datetime, **values: object) -> Case:
    case = desk.act(_referred(desk, corner, at, **values), "sign", "water", at)
    case = desk.act(case, "answer_part", "env", at, feedback=f"{corner.mark}已到场")
    words = {"measures": f"{corner.mark}已清运", "cause": f"{corner.mark}管理不严"}
    return desk.submit(case, at, photos=_photos(desk, corner, "water", at), **words)


def _closing(desk: Desk, corner: Corner, at: datetime, **values: object) -> Case:
    return desk.pass_check(_handled(desk, corner, at, **values), at, by=corner.area)


def _cases(desk: Desk, corner: Corner, source: Source, at: datetime) -> list[Case]:
    handled = desk.act(_filed(desk, corner, at), "self_handle", corner.member, at)
    asked = _filed(desk, corner, at)
    desk.act(asked, "ask_void", corner.member, at, void_reason="duplicate", reason=f"{corner.mark}报重了")
    closed = desk.act(_closing(desk, corner, at), "close", "county", at, opinion=f"{corner.mark}同意")
    return [
        _filed(desk, corner, at, source=source.code),
        _filed(desk, corner, at, severity=Severity.URGENT),
        _at_town(desk, corner, at),
        _referred(desk, corner, at, severity=Severity.SERIOUS),
        _handled(desk, corner, at),
        _closing(desk, corner, at, severity=Severity.SERIOUS),
        closed,
        handled,
        asked,
    ]


def _patrol(desk: Desk, corner: Corner, source: Source, at: datetime) -> None:
    draft = PatrolDraft(
        started_at=at - timedelta(hours=1),
        ended_at=at - timedelta(minutes=10),
        grid=corner.village,
        source=source.code,
        note=f"{corner.mark}一切正常",
    )
    record_patrol(draft, client_id=uuid.uuid4(), by=desk.cast.scope(corner.member), at=at)


def _things(case: Case, source: Source, unused: Photo, desk: Desk, corner: Corner) -> Things:
    person = desk.cast.users[corner.town]
    notice = Notice.objects.filter(recipient=person).earliest("id")
    return Things(
        case=case.number,
        report=str(case.client_id),
        photo=case.photos.earliest("id").pk,
        kept_photo=str(unused.uuid),
        grid=corner.village,
        source=source.code,
        notice=notice.pk,
        person=person.pk,
        post=Post.objects.filter(grid__code=corner.village).earliest("id").pk,
        sponsorship=_sponsorship(desk, corner).pk,
    )


def _sponsorship(desk: Desk, corner: Corner) -> Sponsorship:
    row = {"user": desk.cast.users["sponsor"], "grid": _village(corner), "starts_on": LONG_AGO}
    return Sponsorship.objects.get_or_create(**row, defaults={"sponsor_class": SponsorClass.DEPT_STAFF})[0]
