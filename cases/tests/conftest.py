"""What the tests of cases stand on: two categories, the limits, and a case in any state made by the real services."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.choices import Severity, Stage
from cases.models import Case, CaseCategory, Limit
from cases.services.filing import Matter, file_case, register_case
from cases.services.machine import act
from cases.services.photos import AnnouncedPhoto
from conftest import NOW, VILLAGE, Cast, assemble

_LONG_AGO = date(2020, 1, 1)
WORKING_DAY, WORKING_HOUR, HOUR, MINUTE = "working_day", "working_hour", "hour", "minute"
# The default limits of the case workflow: 一般, 较重, 重大, 紧急. None: no such limit.
LIMITS = {
    Stage.TRIAGE: [(1, WORKING_DAY), (4, WORKING_HOUR), (2, WORKING_HOUR), (30, MINUTE)],
    Stage.VERIFY: [(2, WORKING_DAY), (1, WORKING_DAY), (4, WORKING_HOUR), (1, HOUR)],
    Stage.SELF_HANDLE: [(3, WORKING_DAY), None, None, None],
    Stage.SELF_REVIEW: [(2, WORKING_DAY), None, None, None],
    Stage.SIGN: [(1, WORKING_DAY), (4, WORKING_HOUR), (2, WORKING_HOUR), (10, MINUTE)],
    Stage.RETURN_WINDOW: [(2, WORKING_DAY), (1, WORKING_DAY), (4, WORKING_HOUR), None],
    Stage.HANDLE: [(5, WORKING_DAY), (10, WORKING_DAY), (15, WORKING_DAY), (5, WORKING_DAY)],
    Stage.CHECK: [(2, WORKING_DAY), (2, WORKING_DAY), (1, WORKING_DAY), (4, HOUR)],
    Stage.CLOSE: [(1, WORKING_DAY), (1, WORKING_DAY), (1, WORKING_DAY), (4, HOUR)],
    Stage.REWORK: [(5, WORKING_DAY), (5, WORKING_DAY), (10, WORKING_DAY), (1, WORKING_DAY)],
    Stage.ARCHIVE: [(5, WORKING_DAY), (5, WORKING_DAY), (10, WORKING_DAY), (10, WORKING_DAY)],
}


def refer_to(cast: Cast) -> dict[str, CaseCategory]:
    """A05 may be handled on the spot, W01 may not; the limits of the domain's table."""
    made = {}
    for code, name, allowed in [("A05", "秸秆露天焚烧", True), ("W01", "工业废水", False)]:
        made[code] = CaseCategory.objects.create(
            code=code,
            name=name,
            pollution_type="大气" if allowed else "水",
            self_handling_allowed=allowed,
            lead_department=cast.departments["water"],
            valid_from=_LONG_AGO,
        )
        made[code].cooperating_departments.add(cast.departments["env"])
    Limit.objects.bulk_create(
        Limit(stage=stage, severity=severity, amount=term[0], unit=term[1], source="办件流程", valid_from=_LONG_AGO)
        for stage, terms in LIMITS.items()
        for severity, term in zip(Severity, terms, strict=True)
        if term
    )
    return made


@pytest.fixture
def reference(cast) -> dict[str, CaseCategory]:
    return refer_to(cast)


def announced() -> list[AnnouncedPhoto]:
    """A photo that the phone will send later: enough for the text to be complete."""
    return [AnnouncedPhoto(client_id=uuid.uuid4(), sha256="0" * 64)]


class Desk:
    """Walks cases through the real services as the people of the cast."""

    def __init__(self, cast) -> None:
        self.cast = cast

    def file(self, by: str = "member", at: datetime = NOW, grid: str = VILLAGE, **values) -> Case:
        matter = Matter(**{"category": "A05", "grid": grid, "photos": announced(), "title": "村东焚烧秸秆", **values})
        return file_case(matter, by=self.cast.scope(by), at=at).case

    def register(self, by: str = "county", at: datetime = NOW, origin: str = "alarm", **values) -> Case:
        matter = Matter(**{"category": "A05", "grid": VILLAGE, "title": "报警", "origin": origin, **values})
        return register_case(matter, by=self.cast.scope(by), at=at).case

    def act(self, case: Case, action: str, by: str, at: datetime = NOW, **data) -> Case:
        return act(case, action, by=self.cast.scope(by), at=at, data=data)

    def up(self, case: Case, *people: str, at: datetime = NOW) -> Case:
        for by in people:
            case = self.act(case, "escalate", by, at, opinion="超出本级能力，请上级处理")
        return case

    def at_county(self, at: datetime = NOW, **values) -> Case:
        return self.up(self.file(at=at, **values), "member", "area", "town", at=at)

    def dispatched(self, at: datetime = NOW, co: tuple[str, ...] = ("department:env",), **values) -> Case:
        case = self.at_county(at, **values)
        return self.act(
            case, "refer", "county", at, lead="department:water", co=list(co), opinion="请依法查处", days=None
        )

    def handling(self, at: datetime = NOW, **values) -> Case:
        return self.act(self.dispatched(at, **values), "sign", "water", at)

    def checking(self, at: datetime = NOW, **values) -> Case:
        case = self.act(self.handling(at, **values), "answer_part", "env", at, feedback="已配合到场")
        return self.submit(case, at)

    def submit(self, case: Case, at: datetime = NOW, by: str = "water", **data) -> Case:
        return self.act(
            case, "submit", by, at, **{"measures": "已清理", "cause": "管理不到位", "photos": announced(), **data}
        )

    def closing(self, at: datetime = NOW, **values) -> Case:
        return self.pass_check(self.checking(at, **values), at)

    def pass_check(self, case: Case, at: datetime = NOW, by: str = "area") -> Case:
        return self.act(case, "pass_check", by, at, opinion="现场已恢复", photos=announced())

    def closed(self, at: datetime = NOW, **values) -> Case:
        return self.act(self.closing(at, **values), "close", "county", at, opinion="同意办结")

    def self_handling(self, at: datetime = NOW) -> Case:
        return self.act(self.file(at=at), "self_handle", "member", at)

    def self_review(self, at: datetime = NOW) -> Case:
        return self.act(self.self_handling(at), "finish", "member", at, measures="已扑灭", photos=announced())


def open_desk() -> Desk:
    """A desk in the database at hand, for the processes of a race."""
    cast = assemble()
    refer_to(cast)
    return Desk(cast)


@pytest.fixture
def desk(cast, reference) -> Desk:
    return Desk(cast)


def picture(name: str = "photo.jpg", size: tuple[int, int] = (64, 48)) -> SimpleUploadedFile:
    """A real little JPEG as a browser uploads it."""
    buffer = BytesIO()
    Image.new("RGB", size, (120, 160, 90)).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")
