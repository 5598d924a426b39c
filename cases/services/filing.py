"""How a case begins: reported from the ground, or registered by an office (T1, T1e, T2)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.timezone import localdate

from accounts.permissions import Permission
from cases.choices import VERIFIED_FIRST, Arrival, Origin, Severity, Stage, State
from cases.models import Case, CaseCategory, Step
from cases.rules import Unit
from cases.services import clocks, telling
from cases.services.machine import act_on_new
from cases.services.photos import AnnouncedPhoto, attach
from grids.location import locate, to_wgs84
from grids.models import Grid, Source
from grids.scope import Scope, responsible_for
from kernel import audit
from kernel.lifecycle import InvalidForm
from kernel.models import Photo
from kernel.numbering import dated_number, next_number
from kernel.once import made_once
from kernel.refusal import Refused

Row = TypeVar("Row", bound=Model)
_Maker = Callable[["Matter", uuid.UUID | None, Scope, datetime], Case]

LONGEST_TITLE = 60
LONGEST_DESCRIPTION = 2000


@dataclass(frozen=True)
class Location:
    """A point as the phone gave it."""

    lon: float
    lat: float
    coord_sys: str = "wgs84"


@dataclass(frozen=True)
class Matter:
    """What somebody reports. `grid` may be left to the location; a title is made from the category when empty."""

    category: str
    severity: str = Severity.ORDINARY
    grid: str = ""
    title: str = ""
    description: str = ""
    place: str = ""
    location: Location | None = None
    source: str = ""
    no_photo_reason: str = ""
    origin: str = Origin.REPORT
    photos: Sequence[Photo | AnnouncedPhoto] = field(default=(), compare=False)

    def fingerprint(self) -> str:
        """The same for the same content: tells a phone that sends twice from one that sends something else."""
        content = {key: value for key, value in asdict(self).items() if key != "photos"}
        content["photos"] = sorted(str(photo.sha256) for photo in self.photos)
        return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Filed:
    """The case, and whether this call made it."""

    case: Case
    is_new: bool


def open_case(matter: Matter, *, by: Scope, at: datetime, client_id: uuid.UUID | None = None) -> Filed:
    """Report what was found on the ground, register what came in any other way; idempotent like both."""
    enter = file_case if matter.origin in (Origin.REPORT, Origin.PATROL) else register_case
    return enter(matter, by=by, at=at, client_id=client_id)


def file_case(matter: Matter, *, by: Scope, at: datetime, client_id: uuid.UUID | None = None) -> Filed:
    """Report a matter: the case is made and sent to 研判 in one transaction.

    The same `client_id` with the same content gives the case made before; with other content it is Refused.
    Raises InvalidForm with a sentence per field. Writes what `act(…, "report")` writes.
    """
    return _once(matter, client_id, by, at, _report)


def register_case(matter: Matter, *, by: Scope, at: datetime, client_id: uuid.UUID | None = None) -> Filed:
    """Enter a matter that came by alarm, complaint, video, supervision, leader or import (T2).

    An alarm or a complaint is verified on the spot first. Idempotent like `file_case`.
    """
    if not by.has(Permission.CASE_REGISTER):
        raise Refused("您的岗位不能登记其他来源的办件。", code="not_permitted")
    return _once(matter, client_id, by, at, _register)


def _once(matter: Matter, client_id: uuid.UUID | None, by: Scope, at: datetime, make: _Maker) -> Filed:
    return Filed(*made_once(lambda: _sent_before(matter, client_id, by), lambda: make(matter, client_id, by, at)))


def _sent_before(matter: Matter, client_id: uuid.UUID | None, by: Scope) -> Case | None:
    if client_id is None:
        return None
    sent = Case.objects.filter(client_id=client_id)
    # Nearly every report is new, and to ask whether there is one costs a third of reading it.
    if not sent.exists():
        return None
    before = sent.get()
    if before.reporter_id != by.user_id or before.client_fingerprint != matter.fingerprint():
        raise Refused("这个编号已用于另一份上报，内容不同。请在手机上重新新建一份。", code="different_content")
    return before


def _report(matter: Matter, client_id: uuid.UUID | None, by: Scope, at: datetime) -> Case:
    case, _ = _make(matter, client_id, by, at, State.DRAFT, Permission.CASE_REPORT)
    return act_on_new(case, "report", by=by, at=at, data={"photos": matter.photos})


def _register(matter: Matter, client_id: uuid.UUID | None, by: Scope, at: datetime) -> Case:
    if matter.origin == Origin.REPORT:
        raise InvalidForm({"origin": "请选择来源"})
    verify = matter.origin in VERIFIED_FIRST
    state = State.VERIFYING if verify else State.TRIAGE
    case, grid = _make(matter, client_id, by, at, state, Permission.CASE_REGISTER)
    unit = Unit(grid=case.holder_grid)
    clock = clocks.start(case, Stage.VERIFY if verify else Stage.TRIAGE, unit, at)
    clocks.show_leading(case, [clock] if clock else [])
    case.save(update_fields=["due_at", "stage"])
    step = _first_step(case, by, at)
    attach(step, "register", matter.photos)
    telling.tell_unit(unit, case, "新登记办件", at)
    audit.record(verb="case.register", subject=f"case:{case.number}", by=by, at=at, details={"grid": grid.code})
    return case


def _first_step(case: Case, by: Scope, at: datetime) -> Step:
    return Step.objects.create(
        case=case,
        at=at,
        by=by.user,
        by_name=by.name,
        by_title=by.title[:80],
        code="T2",
        action="register",
        label="登记",
        to_state=case.state,
        to_holder=case.holder_grid.path or case.holder_grid.name if case.holder_grid else "",
        opinion=case.description[:2000],
        facts={"origin": case.get_origin_display()},
    )


def _make(
    matter: Matter, client_id: uuid.UUID | None, by: Scope, at: datetime, state: State, permission: Permission
) -> tuple[Case, Grid]:
    category, source = _check(matter, by)
    grid, point = _place(matter, by, permission)
    holder = responsible_for(grid, localdate(at)).grid or grid if state != State.DRAFT else grid
    case = Case.objects.create(
        number=dated_number("WT", localdate(at), next_number("case", f"{localdate(at):%Y%m%d}")),
        client_id=client_id,
        client_fingerprint=matter.fingerprint() if client_id else "",
        line=category.line,
        origin=matter.origin,
        category=category,
        severity=matter.severity,
        title=matter.title or f"{grid.name}{category.name}"[:LONGEST_TITLE],
        description=matter.description,
        grid=grid,
        source=source,
        place=matter.place,
        no_photo_reason=matter.no_photo_reason,
        state=state,
        holder_grid=holder,
        arrived_by=Arrival.REPORTED,
        arrived_at=at,
        reporter=by.user,
        created_at=at,
        reported_at=None if state == State.DRAFT else at,
        **point,
    )
    return case, grid


def _check(matter: Matter, by: Scope) -> tuple[CaseCategory, Source | None]:
    errors: dict[str, str] = {}
    category = _one(CaseCategory.objects.filter(code=matter.category, is_active=True))
    if category is None:
        errors["category"] = "问题类别不存在，请从列表中选择"
    if matter.severity not in Severity.values:
        errors["severity"] = "严重程度不存在，请选择 一般、较重、重大 或 紧急"
    if matter.origin not in Origin.values:
        errors["origin"] = "来源不存在，请从列表中选择"
    if len(matter.title) > LONGEST_TITLE:
        errors["title"] = f"标题最多 {LONGEST_TITLE} 字，现有 {len(matter.title)} 字，请删减"
    if len(matter.description) > LONGEST_DESCRIPTION:
        errors["description"] = f"情况最多 {LONGEST_DESCRIPTION} 字，现有 {len(matter.description)} 字，请删减"
    if len(matter.place) > 120:
        errors["place"] = f"地点最多 120 字，现有 {len(matter.place)} 字，请删减"
    if len(matter.no_photo_reason) > 120:
        errors["no_photo_reason"] = "无照片原因最多 120 字，请删减"
    source = Source.objects.visible_to(by).filter(code=matter.source).first() if matter.source else None
    if matter.source and source is None:
        errors["source"] = "污染源不存在，请从列表中选择"
    if errors or category is None:
        raise InvalidForm(errors)
    return category, source


def _one(rows: QuerySet[Row]) -> Row | None:
    """The one row that there can be, or None. `first()` would put it in order first, which costs as much as reading."""
    return next(iter(rows.order_by()), None)


def _place(matter: Matter, by: Scope, permission: Permission) -> tuple[Grid, dict[str, object]]:
    """The grid, given or found by the point, and the point's fields. The grid must lie where the person may report."""
    point: dict[str, object] = {}
    located = None
    if matter.location is not None:
        located = locate(matter.location.lon, matter.location.lat, matter.location.coord_sys)
        if located is None:
            raise InvalidForm({"location": "位置不在本县范围内，请重新定位，或不用定位、直接选择所在网格"})
        lon, lat = to_wgs84(matter.location.lon, matter.location.lat, matter.location.coord_sys)
        point = {
            "lon": lon,
            "lat": lat,
            "coord_sys": matter.location.coord_sys,
            "original_lon": matter.location.lon,
            "original_lat": matter.location.lat,
            "located_by": located.how,
        }
    grid = _chosen_grid(matter.grid, by) if matter.grid else located.grid if located else None
    if grid is None:
        raise InvalidForm({"grid": "请选择问题所在的网格，或允许定位"})
    if not _may_file_at(grid, by, permission):
        raise InvalidForm({"grid": "所选网格或位置不在您的责任范围内，请选择自己的网格"})
    return grid, point


def _chosen_grid(code: str, by: Scope) -> Grid:
    """A grid that the person does not see is answered as one that does not exist: its name is not theirs to learn."""
    grid = _one(Grid.objects.active_on(by.day).filter(code=code))
    if grid is None or not by.sees(grid):
        raise InvalidForm({"grid": "网格编码不存在、已停用或不在您的责任范围内，请重新选择"})
    return grid


def _may_file_at(grid: Grid, by: Scope, permission: Permission) -> bool:
    """In one's own grids; a department's people may report from anywhere in the county."""
    return by.covers(grid, permission) or any(
        holding.department_id and permission in holding.permissions for holding in by.holdings
    )
