"""Verbs of patrols. Writing takes `by` (whose scope) and `at` (when), in one transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.serializers.json import DjangoJSONEncoder

from accounts.choices import WorkLine
from accounts.models import User
from accounts.permissions import Permission
from cases.choices import Origin
from cases.models import Case
from cases.services.filing import Matter, file_case
from grids.coordinates import GivenPoint
from grids.location import OUTSIDE, locate
from grids.models import Grid, Source
from grids.scope import Scope
from inspections.models import LONGEST_NOTE, Patrol
from kernel import audit
from kernel.lifecycle import InvalidForm
from kernel.once import made_once
from kernel.refusal import Refused

# A round is walked within a day; a phone's clock may run a little ahead of the server's.
LONGEST_PATROL = timedelta(hours=24)
CLOCK_TOLERANCE = timedelta(minutes=10)
MOST_MATTERS = 20


@dataclass(frozen=True)
class FoundMatter:
    """A matter met on the round, with the phone's number for it, if any."""

    matter: Matter
    client_id: uuid.UUID | None = None


@dataclass(frozen=True)
class PatrolDraft:
    """What a phone sends. Without `grid` the source or the point says where the round was."""

    started_at: datetime
    ended_at: datetime
    grid: str = ""
    source: str = ""
    line: str = WorkLine.ENV
    location: GivenPoint | None = None
    note: str = ""
    matters: Sequence[FoundMatter] = ()

    def fingerprint(self) -> str:
        """The same for the same content: tells a phone that sends twice from one that sends something else."""
        content = asdict(replace(self, matters=()))
        content["matters"] = [[str(found.client_id), found.matter.fingerprint()] for found in self.matters]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Recorded:
    """The patrol, and whether this call made it."""

    patrol: Patrol
    is_new: bool


def record_patrol(draft: PatrolDraft, *, client_id: uuid.UUID, by: Scope, at: datetime) -> Recorded:
    """Store a round and report what was found on it, in one transaction: the patrol, its cases, an audit entry.

    The same `client_id` with the same content gives the patrol stored before; with other content it is Refused.
    Raises InvalidForm with a sentence per field; those of a matter are under `matters.0.category`.
    """
    return Recorded(*made_once(lambda: _sent_before(draft, client_id, by), lambda: _record(draft, client_id, by, at)))


def _sent_before(draft: PatrolDraft, client_id: uuid.UUID, by: Scope) -> Patrol | None:
    before = Patrol.objects.filter(client_id=client_id).first()
    if before is None:
        return None
    if before.member_id != by.user_id or before.client_fingerprint != draft.fingerprint():
        raise Refused("这个编号已用于另一份巡查记录，内容不同。请在手机上重新新建一份。", code="different_content")
    return before


def _record(draft: PatrolDraft, client_id: uuid.UUID, by: Scope, at: datetime) -> Patrol:
    member = _person(by)
    grid, source = _check(draft, by, at)
    lon, lat = draft.location.as_wgs84() if draft.location else (None, None)
    patrol = Patrol.objects.create(
        client_id=client_id,
        client_fingerprint=draft.fingerprint(),
        grid=grid,
        source=source,
        member=member,
        line=draft.line,
        started_at=draft.started_at,
        ended_at=draft.ended_at,
        received_at=at,
        lon=lon,
        lat=lat,
        location_given=draft.location.as_given() if draft.location else None,
        note=draft.note,
    )
    cases = [_file(found, position, grid, by, at) for position, found in enumerate(draft.matters)]
    patrol.cases.set(cases)
    details = {"grid": grid.code, "cases": [case.number for case in cases]}
    audit.record(verb="patrol.record", subject=f"patrol:{client_id}", by=by, at=at, details=details)
    return patrol


def _person(by: Scope) -> User:
    if by.user is None:
        raise Refused("巡查记录须由巡查人本人提交。", code="not_permitted")
    return by.user


def _file(found: FoundMatter, position: int, grid: Grid, by: Scope, at: datetime) -> Case:
    """Report a matter of the round; where it names no place of its own, it lies in the grid of the round."""
    matter = replace(found.matter, origin=Origin.PATROL)
    if not matter.grid and matter.location is None:
        matter = replace(matter, grid=grid.code)
    try:
        return file_case(matter, by=by, at=at, client_id=found.client_id).case
    except InvalidForm as refused:
        errors = {f"matters.{position}.{name}": sentence for name, sentence in refused.errors.items()}
        raise InvalidForm(errors) from refused


def _check(draft: PatrolDraft, by: Scope, at: datetime) -> tuple[Grid, Source | None]:
    errors = _faults_of_time(draft, at)
    if draft.line not in WorkLine.values:
        errors["line"] = "工作线不存在，请从列表中选择"
    if len(draft.note) > LONGEST_NOTE:
        errors["note"] = f"记录最多 {LONGEST_NOTE} 字，现有 {len(draft.note)} 字，请删减"
    if len(draft.matters) > MOST_MATTERS:
        errors["matters"] = f"一次巡查最多上报 {MOST_MATTERS} 个问题，其余请单独上报"
    source = Source.objects.visible_to(by).filter(code=draft.source).select_related("grid").first()
    if draft.source and source is None:
        errors["source"] = "污染源不存在，请从列表中选择"
    if errors:
        raise InvalidForm(errors)
    grid = _place(draft, source, by)
    if source is not None and not Grid.objects.under(grid).filter(pk=source.grid_id).exists():
        raise InvalidForm({"source": f"该污染源不在“{grid.name}”，请核对网格"})
    return grid, source


def _faults_of_time(draft: PatrolDraft, at: datetime) -> dict[str, str]:
    if draft.ended_at < draft.started_at:
        return {"ended_at": "结束时间不能早于开始时间"}
    if draft.ended_at > at + CLOCK_TOLERANCE:
        return {"ended_at": "结束时间晚于现在，请校准手机时间"}
    if draft.ended_at - draft.started_at > LONGEST_PATROL:
        return {"ended_at": "一次巡查最长 24 小时，请分次记录"}
    return {}


def _place(draft: PatrolDraft, source: Source | None, by: Scope) -> Grid:
    """The grid of the round, given or found; it must lie where the person may record patrols."""
    grid = _chosen_grid(draft.grid, by) if draft.grid else source.grid if source else _located_grid(draft.location)
    if not by.covers(grid, Permission.PATROL_RECORD):
        raise InvalidForm({"grid": "所选网格或位置不在您的巡查范围内，请选择自己的网格"})
    return grid


def _chosen_grid(code: str, by: Scope) -> Grid:
    grid = Grid.objects.visible_to(by).active_on(by.day).filter(code=code).first()
    if grid is None:
        raise InvalidForm({"grid": "网格编码不存在、已停用或不在您的巡查范围内，请重新选择"})
    return grid


def _located_grid(location: GivenPoint | None) -> Grid:
    if location is None:
        raise InvalidForm({"grid": "请选择巡查的网格，或允许定位"})
    located = locate(location.lon, location.lat, location.coord_sys)
    if located is None:
        raise InvalidForm({"location": OUTSIDE})
    return located.grid
