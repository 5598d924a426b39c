"""What should never be sent, through every door: a clear Chinese sentence, nothing lost, nothing half done, no 500."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import User
from cases.models import Case, Step
from cases.tests.conftest import Desk, open_desk, refer_to
from conftest import COUNTY, OTHER_VILLAGE, VILLAGE, Cast
from grids.models import Post
from grids.services import set_boundary
from kernel.lifecycle import CHANGED_MEANWHILE
from kernel.models import Photo
from tests.doors import Reporter, Told, told_by, upload
from tests.processes import BACKENDS, scratch_database
from tests.rows import row_counts

MATTER = {
    "category": "A05",
    "grid": VILLAGE,
    "severity": "ordinary",
    "description": "村东有人焚烧秸秆",
    "no_photo_reason": "夜间无光线",
}
LONG = "烟" * 100_000
SHANGHAI_CITY = {"lon": 121.47, "lat": 31.23}


@pytest.fixture
def desk(cast) -> Desk:
    """The county has an outline, so that there is an outside."""
    refer_to(cast)
    square = [[117.4, 35.2], [118.0, 35.2], [118.0, 35.8], [117.4, 35.8], [117.4, 35.2]]
    outline = {"type": "Polygon", "coordinates": [square]}
    by = cast.scope("county")
    set_boundary(grid=cast.grid(COUNTY), geometry=outline, is_schematic=True, by=by, at=timezone.now())
    return Desk(cast)


@pytest.fixture
def member(desk) -> Reporter:
    return Reporter(desk.cast.client("member"), MATTER)


# --- photos -------------------------------------------------------------------------------------------------------
def jpeg(size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (120, 160, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


def bomb() -> bytes:
    """Twelve kilobytes that would be a hundred million pixels."""
    buffer = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(buffer, "PNG")
    return buffer.getvalue()


NO_PHOTOS: dict[str, tuple[Callable[[], bytes], str]] = {
    "0 字节": (lambda: b"", "照片是空文件（0 字节）"),
    "网页": (lambda: b"<!DOCTYPE html><html><body>login</body></html>", "这是网页，不是照片"),
    "文字": (lambda: "今天没有照片".encode(), "无法识别这个文件"),
    "PDF": (lambda: b"%PDF-1.7\n", "这是 PDF 文档"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 64, "这是 HEIC 格式的照片"),
    "断了的照片": (lambda: jpeg()[:900], "照片不完整或已损坏"),
    "一亿像素": (bomb, "照片超过 6000 万像素"),
    "21 MB": (lambda: b"\xff\xd8\xff" + b"0" * (21 << 20), "超过 20 MB 的上限"),
}


@pytest.mark.parametrize("kind", NO_PHOTOS)
def test_a_file_that_is_no_photo_is_told_by_every_door_and_leaves_nothing(desk, member, kind):
    content, sentence = NO_PHOTOS[kind][0](), NO_PHOTOS[kind][1]
    case = desk.handling(at=timezone.now(), co=())
    before = row_counts()
    answers = [
        member.by_desk([content]),
        member.by_phone([content]),
        _submit(desk.cast, "", case, content),
        _submit(desk.cast, "/field", case, content),
        _send_photo(desk.cast, case, content),
    ]
    assert [(answer.status, sentence in answer.sentence) for answer in answers] == [(422, True)] * 4 + [(409, True)]
    assert all(MATTER["description"] in answer.text for answer in answers[:2])
    assert all("已清理现场" in answer.text for answer in answers[2:4])
    assert row_counts() == before


def _submit(cast: Cast, door: str, case: Case, content: bytes) -> Told:
    form = {"measures": "已清理现场", "cause": "管理不到位", "version": case.version, "photos": upload(content)}
    return told_by(cast.client("water").post(f"{door}/cases/{case.number}/actions/submit/", form))


def _send_photo(cast: Cast, case: Case, content: bytes) -> Told:
    """The photo that the report of this case announced."""
    [announced] = case.photos.filter(photo__isnull=True)
    announced.sha256 = hashlib.sha256(content).hexdigest()
    announced.save()
    form = {"client_id": str(announced.client_id), "photo": upload(content)}
    return told_by(cast.client("member").post(f"/api/v1/cases/{case.number}/photos/", form))


@pytest.mark.parametrize("door", ["by_desk", "by_phone"])
def test_a_photo_of_48_megapixels_is_taken(member, door):
    assert getattr(member, door)([jpeg((8000, 6000))]).status == 302
    photo = Photo.objects.get()
    assert (photo.width, photo.height, Case.objects.get().photos.get().photo) == (8000, 6000, photo)


# --- matters ------------------------------------------------------------------------------------------------------
WRONG = {
    "未知网格": ({"grid": "371326999999"}, "选择"),
    "别镇的网格": ({"grid": OTHER_VILLAGE}, "选择"),
    "没有的类别": ({"category": "Z99"}, "选择"),
    "没有的程度": ({"severity": "huge"}, "选"),
    "十万字": ({"description": LONG}, "2000 字"),
    "地点十万字": ({"place": LONG}, "120 字"),
    "空字符": ({"description": "村东\0冒烟"}, "无法保存的"),
    "控制字符": ({"place": "河\x07北"}, "无法保存的"),
}


@pytest.mark.parametrize("door", ["by_desk", "by_phone", "by_api"])
@pytest.mark.parametrize("kind", WRONG)
def test_a_matter_that_cannot_be_is_told_and_leaves_nothing(member, door, kind):
    values, words = WRONG[kind]
    before = row_counts()
    answer = getattr(member, door)(**values)
    assert (answer.status, row_counts()) == (422, before)
    assert words in answer.sentence
    if door != "by_api":
        kept = "description" if "place" in values else "no_photo_reason"
        assert MATTER[kept] in answer.text


@pytest.mark.parametrize("point", [SHANGHAI_CITY, {"lon": 117.6, "lat": 95}, {"lon": "nan", "lat": 35.5}])
def test_a_place_outside_the_county_is_told_by_the_api(member, point):
    before = row_counts()
    answer = member.by_api(grid="", location={**point, "coord_sys": "wgs84"})
    assert (answer.status, row_counts()) == (422, before)
    assert "不在本县范围内" in answer.sentence or "应" in answer.sentence


def test_a_phone_outside_the_county_may_send_the_report_without_its_location(member):
    """Somebody photographs from across the border: the place of the matter is the one that they choose."""
    asked = member.by_phone(**SHANGHAI_CITY, accuracy=10)
    assert (asked.status, "不在本县范围内" in asked.sentence, Case.objects.count()) == (422, True, 0)
    assert member.by_phone(**SHANGHAI_CITY, accuracy=10, without_location="1").status == 302
    assert Case.objects.get().grid.code == VILLAGE


# --- people -------------------------------------------------------------------------------------------------------
def test_who_left_the_post_yesterday_does_nothing_by_any_door(desk, member):
    case = desk.file(at=timezone.now())
    Post.objects.filter(user=desk.cast.member).update(ends_on=timezone.localdate() - timedelta(days=1))
    client, before = desk.cast.client("member"), row_counts()
    reports = [member.by_phone(), member.by_api()]
    assert [answer.status for answer in reports] == [403, 422]
    assert "任职可能已经结束" in reports[0].sentence
    assert MATTER["description"] in reports[0].text
    assert "不在您的责任范围内" in reports[1].sentence
    assert member.by_desk().status == 403
    act_of = f"cases/{case.number}/actions/escalate/"
    form = {"opinion": "请上级处理", "version": case.version}
    statuses = [client.post(f"{door}{act_of}", form).status_code for door in ("/", "/field/")]
    statuses.append(client.post(f"/api/v1/{act_of}", form, content_type="application/json").status_code)
    assert statuses == [404, 404, 404]
    assert row_counts() == before


def test_the_second_of_two_people_is_told_and_keeps_the_words(desk):
    case = desk.file(at=timezone.now())
    form = {"opinion": "火已蔓延，请上级处理", "version": case.version}
    path = f"/cases/{case.number}/actions/escalate/"
    first, second = desk.cast.client("member").post(path, form), desk.cast.client("villagehead").post(path, form)
    answer = told_by(second)
    assert (first.status_code, answer.status) == (302, 409)
    assert "此件刚被他人处理过" in answer.sentence
    assert Step.objects.filter(action="escalate").count() == 1


def case_to_sign() -> str:
    return open_desk().dispatched(at=timezone.now()).number


def sign_over_http(index: int, number: str, version: int) -> tuple[int, str]:
    """What one of two officers is told, each with a session of their own."""
    client = Client(HTTP_HOST="localhost")
    user = User.objects.get(username=["water", "waterhead"][index])
    client.force_login(user, backend="accounts.backends.PersonBackend")
    path = f"/api/v1/cases/{number}/actions/sign/"
    answer = told_by(client.post(path, {"version": version}, content_type="application/json"))
    return answer.status, answer.sentence


def version_of(number: str) -> int:
    return Case.objects.get(number=number).version


def signatures() -> int:
    return Step.objects.filter(action="sign").count()


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_act_of_two_people_in_one_moment_is_done_once(backend):
    with scratch_database(backend) as database:
        number = database.run(case_to_sign)
        version = database.run(version_of, number)
        answers = database.run_together(sign_over_http, count=2, arguments=(number, version))
        signed = database.run(signatures)
    assert sorted(answers) == [[200, ""], [409, CHANGED_MEANWHILE]]
    assert signed == 1


def test_a_form_without_its_mark_is_refused_in_chinese(desk):
    """A page of another site that posts with this person's session, or a page that stood open over the weekend."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.cast.member, backend="accounts.backends.PersonBackend")
    before = row_counts()
    page = told_by(client.post("/field/report/", MATTER))
    program = told_by(client.post("/api/v1/cases/", MATTER, content_type="application/json"))
    assert (page.status, program.status, row_counts()) == (403, 403, before)
    assert "表单的安全标记已失效，您填的内容没有保存" in page.sentence
    assert "页面令牌（X-CSRFToken），请刷新页面后重试" in program.sentence
