"""Reporting from a phone: few taps, photos, location; whatever is wrong, nothing is lost."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.choices import Severity, State
from cases.models import Case, CaseCategory, CasePhoto
from cases.tests.conftest import picture
from conftest import AREA, COUNTY, FAR_VILLAGE, NEXT_VILLAGE, NOW, OTHER_VILLAGE, TODAY, TOWN, VILLAGE, Cast
from grids.models import Post
from grids.scope import system_scope
from grids.services import set_boundary
from kernel.models import Photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
REPORT = "/field/report/"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def send(cast: Cast):
    """Sends the form as `name`, filled in as a member with two taps would."""

    def post(name: str = "member", **values):
        sent = {"client_id": str(uuid.uuid4()), "grid": VILLAGE, "category": "A05", "photos": [picture()], **values}
        return cast.client(name).post(REPORT, sent)

    return post


@pytest.fixture
def county(cast: Cast) -> None:
    """The county from 117° to 118° east, the village in its south-western corner, the next one beside it."""
    for code, west, size in [(COUNTY, 117.0, 1.0), (VILLAGE, 117.0, 0.1), (NEXT_VILLAGE, 117.1, 0.1)]:
        east, north = west + size, 35.0 + size
        ring = [[west, 35.0], [east, 35.0], [east, north], [west, north], [west, 35.0]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        set_boundary(grid=cast.grid(code), geometry=geometry, is_schematic=True, by=system_scope(TODAY), at=NOW)


def at(lon: float, lat: float, accuracy: str = "12") -> dict[str, str]:
    return {"lon": str(lon), "lat": str(lat), "accuracy": accuracy}


def file_of(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def kept(answer) -> list[str]:
    """The numbers of the photos that the form which comes back carries."""
    return re.findall(r'name="kept" value="([0-9a-f-]+)" checked', answer.content.decode())


# --- the form -----------------------------------------------------------------------------------------------------


def test_a_member_has_nothing_to_fill_in_but_photo_and_category(cast):
    page = cast.client("member").get(REPORT).content.decode()
    assert f'<input type="hidden" name="grid" value="{VILLAGE}">' in page
    assert '<input type="radio" name="severity" value="ordinary" checked>' in page
    assert '<input type="radio" name="category" value="A05" required>' in page
    assert 'capture="environment"' in page


def test_the_usual_categories_of_ones_own_place_are_on_tiles_in_the_order_of_the_register(cast, desk):
    rare = [CaseCategory(code=f"R{n}", name=f"其他{n}", pollution_type="其他", valid_from=TODAY) for n in range(9)]
    CaseCategory.objects.bulk_create(rare)
    desk.file(by="strangermember", grid=OTHER_VILLAGE, category="R8")
    for _ in range(2):
        desk.file(category="R7")
    form = cast.client("member").get(REPORT).context["form"]
    assert [tile.code for tile in form.tiles] == ["A05", "R0", "R1", "R2", "R3", "R4", "R5", "R7"]
    assert [(name, [tile.code for tile in tiles]) for name, tiles in form.other_tiles] == [
        ("其他", ["R6", "R8"]), ("水", ["W01"])
    ]  # fmt: skip


def test_a_tile_sets_the_explanation_of_a_category_apart(cast):
    CaseCategory.objects.create(code="A00", name="恶臭（工业/养殖）", pollution_type="大气", valid_from=TODAY)
    tile = cast.client("member").get(REPORT).context["form"].tiles[0]
    assert (tile.name, tile.hint) == ("恶臭", "工业/养殖")


def test_who_has_several_grids_chooses_one_or_leaves_it_to_the_location(cast):
    groups = cast.client("area").get(REPORT).context["form"].grid_groups
    grids = [(AREA, "仲村甲工作区（本级）"), (VILLAGE, "仲村甲一村"), (NEXT_VILLAGE, "仲村甲二村")]
    assert groups == [("仲村甲工作区", [(code, label, False) for code, label in grids])]


def test_who_reports_from_anywhere_chooses_a_town_first_or_leaves_it_to_the_location(cast):
    page = cast.client("water").get(REPORT)
    assert (page.context["places"].has_several_towns, page.context["form"].grid_groups) == (True, [])
    page = cast.client("water").get(f"{REPORT}?town={TOWN}")
    assert FAR_VILLAGE in page.content.decode()


# --- what becomes of it -------------------------------------------------------------------------------------------


def test_a_photo_and_a_category_make_a_case(send):
    answer = send()
    case = Case.objects.get()
    assert answer["Location"] == f"/field/report/{case.client_id}/"
    assert (case.state, case.severity, case.grid.code, case.lon) == (State.TRIAGE, Severity.ORDINARY, VILLAGE, None)
    assert case.photos.get().photo.watermark == "2026-11-23 09:00\n仲村镇/仲村甲工作区/仲村甲一村\n甲一村网格员"


def test_the_receipt_says_the_number_who_has_it_and_until_when(cast, send):
    page = cast.client("member").get(send()["Location"]).content.decode()
    assert "WT-20261123-0001" in page
    assert "<dd>仲村镇/仲村甲工作区/仲村甲一村</dd>" in page
    assert "2026-11-24 17:30" in page
    assert "甲一村支书" in page


def test_an_urgent_report_goes_to_the_county(cast, send):
    page = cast.client("member").get(send(severity="urgent")["Location"]).content.decode()
    assert "<dd>平邑县</dd>" in page
    assert Case.objects.get().holder_grid.code == COUNTY


def test_a_form_sent_twice_files_one_case_and_shows_the_same_receipt(send):
    number = str(uuid.uuid4())
    first, second = send(client_id=number), send(client_id=number)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1
    assert CasePhoto.objects.count() == 1


def test_a_form_corrected_and_then_sent_twice_files_one_case(send):
    number = str(uuid.uuid4())
    photo = kept(send(client_id=number, category=""))
    first, second = (send(client_id=number, photos=[], kept=photo) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_other_content_under_the_same_number_is_refused_with_the_way_to_what_was_received(send):
    number = str(uuid.uuid4())
    send(client_id=number)
    answer = send(client_id=number, description="另一件事")
    page = answer.content.decode()
    assert (answer.status_code, Case.objects.count()) == (409, 1)
    assert f'href="/field/report/{number}/"' in page
    assert "另一件事" in page
    renewed = answer.context["form"]["client_id"].value()
    assert send(client_id=renewed, description="另一件事", photos=[], kept=kept(answer)).status_code == 302


def test_the_receipt_of_somebody_else_is_nowhere(cast, send):
    url = send()["Location"]
    assert cast.client("member").get(url).status_code == 200
    assert [cast.client(name).get(url).status_code for name in ("villagehead", "stranger", "county")] == [404, 404, 404]


# --- location -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("county")
def test_a_fix_inside_the_county_is_kept_with_the_case(send):
    send(**at(117.05, 35.05))
    case = Case.objects.get()
    assert (case.lon, case.lat, case.coord_sys, case.located_by) == (117.05, 35.05, "wgs84", "boundary")


@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("accuracy", ["0", "", "800", "nan", "rubbish"])
def test_a_fix_that_cannot_be_trusted_is_not_used(send, accuracy):
    assert send(**at(117.05, 35.05, accuracy)).status_code == 302
    assert Case.objects.get().lon is None


@pytest.mark.usefixtures("county")
def test_the_location_chooses_the_grid_and_the_photo_tells_it(send):
    send("area", grid="", **at(117.15, 35.05))
    case = Case.objects.get()
    assert case.grid.code == NEXT_VILLAGE
    assert "仲村甲二村" in case.photos.get().photo.watermark


def test_without_grid_and_location_the_form_comes_back_with_its_photo(send):
    answer = send("area", grid="")
    assert answer.status_code == 422
    assert answer.context["form"].sentences == ["请选择问题所在的网格，或允许定位"]
    assert len(kept(answer)) == 1


def test_a_photo_that_came_before_the_grid_was_chosen_tells_the_grid_of_the_case(send):
    answer = send("area", grid="")
    assert send("area", grid=NEXT_VILLAGE, photos=[], kept=kept(answer)).status_code == 302
    assert Case.objects.get().photos.get().photo.watermark.splitlines()[1] == "仲村镇/仲村甲工作区/仲村甲二村"


@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("point", [(121.47, 31.23), (999.0, -999.0)])
def test_a_point_outside_the_county_does_not_cost_the_report(send, point):
    number = str(uuid.uuid4())
    answer = send(client_id=number, description="河边", **at(*point))
    assert answer.status_code == 422
    assert answer.context["form"].sentences == ["位置不在本县范围内，请重新定位，或不用定位、直接选择所在网格"]
    assert 'name="without_location" value="1" checked' in answer.content.decode()
    send(client_id=number, description="河边", photos=[], kept=kept(answer), without_location="1", **at(*point))
    case = Case.objects.get()
    assert (case.description, case.lon, case.photos.count()) == ("河边", None, 1)


# --- what is wrong with it ----------------------------------------------------------------------------------------

BAD_FILES = [
    (b"", "第 1 张没有收下：照片是空文件（0 字节），请重新拍摄或重新选择。"),
    (
        b"<!doctype html><html></html>",
        "第 1 张没有收下：这是网页，不是照片（可能是下载时没有登录）。请重新选择照片上传。",
    ),
    (b"%PDF-1.7", "第 1 张没有收下：这是 PDF 文档，不是照片。请把需要的页面拍照或截图后上传。"),
    (b"MZ\x90\x00" * 64, "第 1 张没有收下：无法识别这个文件，只能上传 JPEG、PNG 或 WebP 格式的照片。"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD_FILES)
def test_a_file_that_is_no_photo_is_named_and_the_others_are_kept(send, content, sentence):
    answer = send(photos=[file_of(content), picture()], description="村东")
    assert answer.status_code == 422
    assert answer.context["form"].sentences == [sentence]
    assert (len(kept(answer)), Case.objects.count()) == (1, 0)
    number = answer.context["form"]["client_id"].value()
    assert send(client_id=number, photos=[], kept=kept(answer), description="村东").status_code == 302


def test_of_ten_photos_nine_are_kept_and_the_tenth_is_told(send):
    answer = send(photos=[picture(size=(64, 40 + n)) for n in range(10)])
    assert answer.context["form"].sentences == ["最多 9 张照片，多出的 1 张没有收下。"]
    assert (answer.status_code, len(kept(answer))) == (422, 9)
    answer = send(photos=[picture()], kept=kept(answer))
    assert (answer.status_code, len(kept(answer))) == (422, 9)


def test_neither_photo_nor_reason_is_told_and_what_was_typed_comes_back(send):
    answer = send(photos=[], description="夜里有人倾倒", place="村东桥头", severity="major", category="W01")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert answer.context["form"].sentences == ["请至少附一张现场照片；确实无法拍照的，请填写无照片原因"]
    assert ">夜里有人倾倒</textarea>" in page
    assert 'name="place" value="村东桥头"' in page
    assert 'name="severity" value="major" checked' in page
    assert 'name="category" value="W01" required checked' in page


def test_a_reason_stands_for_a_photo(send):
    assert send(photos=[], no_photo_reason="夜间无光线").status_code == 302


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"description": "长" * 100_000}, "情况最多 2000 字，现有 100000 字，请删减"),
        ({"category": ""}, "请选择问题类别"),
        ({"category": "A99"}, "问题类别不存在，请从列表中选择"),
        ({"severity": "dreadful"}, "严重程度不存在，请选择 一般、较重、重大 或 紧急"),
        ({"description": "a\x00b"}, "含有无法保存的控制字符，请删除后重新输入。"),
        ({"place": "a\x07b"}, "含有无法保存的控制字符，请删除后重新输入。"),
        ({"grid": OTHER_VILLAGE}, "网格编码不存在、已停用或不在您的责任范围内，请重新选择"),
        ({"grid": "nowhere"}, "网格编码不存在、已停用或不在您的责任范围内，请重新选择"),
        ({"client_id": "rubbish"}, "此页已过时，请再提交一次。"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_lost(send, values, sentence):
    answer = send(**{"description": "村东", **values})
    assert (answer.status_code, Case.objects.count()) == (422, 0)
    assert sentence in answer.context["form"].sentences
    assert len(kept(answer)) == 1
    assert answer.context["form"]["description"].value() == values.get("description", "村东")


def test_a_page_that_is_out_of_date_can_be_sent_again(send):
    number = send(client_id="rubbish").context["form"]["client_id"].value()
    assert send(client_id=number).status_code == 302


def test_kept_photos_of_somebody_else_are_not_taken(cast, send):
    stolen = kept(send("member2", grid=NEXT_VILLAGE, category=""))
    answer = send(photos=[], kept=stolen)
    assert (answer.status_code, kept(answer)) == (422, [])
    own = cast.client("member2").get(f"/field/photos/{stolen[0]}/")
    assert (own["Content-Type"], own.getvalue()[:2]) == ("image/jpeg", b"\xff\xd8")
    assert cast.client("member").get(f"/field/photos/{stolen[0]}/").status_code == 404


def test_a_kept_photo_that_was_unticked_is_left_out(send):
    answer = send(category="", photos=[picture(), picture(size=(32, 24))])
    assert send(photos=[], kept=kept(answer)[:1]).status_code == 302
    assert Case.objects.get().photos.count() == 1
    assert Photo.objects.count() == 2


# --- who may ------------------------------------------------------------------------------------------------------


def test_a_post_that_ended_yesterday_is_told_and_the_words_are_shown(cast, send):
    Post.objects.filter(user=cast.member).update(ends_on=TODAY)
    answer = send(description="村东有人烧秸秆")
    page = answer.content.decode()
    assert (answer.status_code, Case.objects.count(), Photo.objects.count()) == (403, 0, 0)
    assert "任职可能已经结束" in page
    assert "村东有人烧秸秆" in page
    assert [cast.client("member").get(f"/field/{page}").status_code for page in ("", "report/", "mine/")] == [403] * 3


def test_a_post_that_ends_tomorrow_still_reports(cast, send):
    Post.objects.filter(user=cast.member).update(ends_on=TODAY + timedelta(days=1))
    assert send().status_code == 302


@pytest.mark.parametrize("name", ["admin", "audit", "clerk", "assessor"])
def test_posts_that_do_not_report_are_told_so(cast, send, name):
    assert "您现在的岗位不在手机端上报和办理问题" in send(name).content.decode()
    assert cast.client(name).get(REPORT).status_code == 403


def test_a_visitor_is_sent_to_sign_in(client):
    assert client.get(REPORT)["Location"] == "/login/?next=/field/report/"
    assert client.post(REPORT)["Location"] == "/login/?next=/field/report/"
