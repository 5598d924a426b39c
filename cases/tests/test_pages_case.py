"""The page of one case: what it shows to whom, and what happens when one acts on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.choices import State
from cases.models import Case, CasePhoto
from cases.tests.conftest import picture
from conftest import NOW, later
from kernel.models import Photo

pytestmark = pytest.mark.django_db
OPINION = {"opinion": "超出本级能力，请上级处理"}


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def see(cast):
    """What a person reads on the page of a case."""
    return lambda name, case: cast.client(name).get(address(case)).content.decode()


@pytest.fixture
def do(cast):
    """Act on a case by its page, with the version as it is now unless another is given."""

    def act(name: str, case: Case, action: str, **data):
        data.setdefault("version", Case.objects.get(pk=case.pk).version)
        return cast.client(name).post(f"{address(case)}actions/{action}/", data)

    return act


def address(case: Case) -> str:
    return f"/cases/{case.number}/"


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def labels(page, *, allowed: bool) -> list[str]:
    return [action.label for action in page.context["page"].actions if action.is_allowed is allowed]


# --- who sees it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["", "clock/", "photos/1/thumb/"])
def test_to_a_stranger_it_is_as_if_it_did_not_exist(cast, desk, rest):
    case = desk.file()
    there = cast.client("stranger").get(f"{address(case)}{rest}")
    nowhere = cast.client("stranger").get(f"/cases/WT-20261123-9999/{rest}")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content


def test_a_stranger_cannot_act(do, desk):
    case = desk.file()
    assert do("stranger", case, "escalate", **OPINION).status_code == 404
    assert state_of(case) == State.TRIAGE


@pytest.mark.parametrize("name", ["admin", "audit", "clerk"])
def test_posts_that_see_no_cases_do_not_see_one(cast, desk, name):
    assert cast.client(name).get(address(desk.file())).status_code == 404


def test_a_visitor_is_sent_to_sign_in(client, desk):
    assert client.get(address(desk.file())).status_code == 302


def test_an_assessor_reads_the_matter_but_no_names_and_no_numbers_to_call(see, desk):
    case = desk.act(desk.handling(), "ask_return", "water", reason="不属本局职责", basis="职责清单")
    words = see("assessor", case)
    assert "村东焚烧秸秆" in words
    for name in (">甲一村网格员<", "水利经办", "县办科员", "13900000000"):
        assert name not in words
    assert "（已隐去）" in words


def test_a_merged_case_is_named_only_to_those_who_see_it(see, desk):
    target, case = desk.file(), desk.file()
    desk.act(case, "merge", "town", target=target.number, opinion="同一处")
    assert f'href="/cases/{target.number}/"' in see("town", case)
    assert f'href="/cases/{case.number}/"' in see("town", target)


# --- what it shows ------------------------------------------------------------------------------------------------


def test_the_page_tells_state_holder_limit_and_story(see, desk):
    words = see("water", desk.dispatched(severity="serious"))
    for told in (
        "已转办待签收",
        "较重",
        "平环网转〔2026〕1号",
        "主办",
        "协办",
        "待签收",
        "水利局",
        "水利经办",
        "13900000000",
        "上报上级",
        "请依法查处",
        "仲村镇/仲村甲工作区/仲村甲一村",
    ):
        assert told in words


def test_the_handling_clock_is_shown_beside_the_one_of_signing(cast, desk):
    page = cast.client("water").get(address(desk.dispatched())).context["page"]
    assert [(line.stage, line.limit) for line in page.clocks] == [("签收", "1 个工作日"), ("处置", "5 个工作日")]


def test_the_strip_follows_the_road_that_was_taken(cast, desk):
    def road(case: Case) -> list[tuple[str, str]]:
        page = cast.client("county").get(address(case)).context["page"]
        return [(stage.label, str(stage.place)) for stage in page.flow]

    passed, here, ahead = "passed", "current", "ahead"
    assert road(desk.self_review()) == [
        ("上报", passed), ("研判", passed), ("自处置", passed), ("审核", here), ("办结", ahead), ("归档", ahead),
    ]  # fmt: skip
    assert [label for label, place in road(desk.handling()) if place == here] == ["处置"]
    assert road(desk.register())[:2] == [("上报", passed), ("核实", here)]
    case = desk.file()
    desk.act(case, "merge", "town", target=desk.file().number, opinion="同一处")
    assert road(case) == [("上报", passed), ("研判", passed), ("作废", here)]


def test_an_act_that_is_not_possible_now_stands_there_with_its_reason(cast, desk):
    page = cast.client("county").get(address(desk.at_county(severity="serious")))
    assert labels(page, allowed=False) == ["自处置", "上报上级"]
    assert "“较重”问题不能自处置，请上报上级或转办。" in page.content.decode()


def test_the_only_act_of_the_course_stands_open(cast, desk):
    page = cast.client("member").get(address(desk.self_handling())).context["page"]
    assert [(action.label, action.is_open) for action in page.actions if action.is_allowed] == [
        ("自处置完成", True),
        ("申请作废", False),
    ]


def test_referring_proposes_the_units_of_the_table_and_tells_the_limit(cast, desk):
    page = cast.client("county").get(address(desk.at_county())).context["page"]
    form = next(action.form for action in page.actions if action.label == "转办")
    assert (form["lead"].value(), form["co"].value()) == ("department:water", ["department:env"])
    assert form["days"].help_text == "不填则按时限表：5 个工作日"
    assert form["lead"].help_text == "按职责分工由水利局牵头"


def test_a_town_that_may_not_ask_the_department_is_told_so(cast, desk):
    page = cast.client("town").get(address(desk.up(desk.file(), "member", "area"))).context["page"]
    form = next(action.form for action in page.actions if action.label == "转办")
    assert (form["lead"].value(), form["co"].value()) == ("", [])
    assert form["lead"].help_text == "按职责分工由水利局牵头，须由县网格办转办"


def test_each_deadline_is_explained(cast, desk):
    page = cast.client("water").get(f"{address(desk.dispatched())}clock/")
    words = page.content.decode()
    assert [line.stage for line in page.context["lines"]][:3] == ["签收", "处置", "协办反馈"]
    for told in ("5 个工作日", "办件流程", "当日不计", "工作时间", "计入", "协办单位须在主办时限的 60% 内反馈。"):
        assert told in words


# --- acting -------------------------------------------------------------------------------------------------------


def test_an_act_leads_back_to_the_case_with_a_word(cast, do, desk):
    case = desk.file()
    answer = do("member", case, "escalate", **OPINION)
    assert (answer.status_code, answer["Location"]) == (302, address(case))
    assert Case.objects.get(pk=case.pk).holder_grid.name == "仲村甲工作区"


def test_a_form_that_is_not_complete_comes_back_with_what_was_typed(do, desk):
    case = desk.at_county()
    data = {"lead": "department:water", "co": ["department:env"], "days": "9", "opinion": "请依法查处，注意安全"}
    answer = do("county", case, "refer", **data)
    words = answer.content.decode()
    assert (answer.status_code, state_of(case)) == (422, State.TRIAGE)
    assert "改动了时限表的时限，请填写理由" in words
    assert "请依法查处，注意安全" in words
    row = next(action for action in answer.context["page"].actions if action.is_open)
    assert (row.label, row.form["days"].value(), row.form["co"].value()) == ("转办", "9", ["department:env"])
    assert "autofocus" in words


def test_every_wrong_field_is_told_at_once(do, desk):
    answer = do("water", desk.handling(), "submit", measures="", cause="长" * 501)
    form = next(action.form for action in answer.context["page"].actions if action.is_open)
    assert form.errors == {
        "measures": ["请填写“处置措施”"],
        "cause": ["“问题原因”最多 500 字，现有 501 字，请删减"],
        "photos": ["请填写“处置后照片”"],
    }


@pytest.mark.parametrize("version", ["1", "", "x", "９", "-1", "99999999999999999999"])
def test_a_page_that_is_out_of_date_is_told_and_may_be_sent_again(do, desk, version):
    case = desk.up(desk.file(), "member")
    answer = do("area", case, "escalate", version=version, **OPINION)
    assert answer.status_code == 409
    assert "此件刚被他人处理过，页面内容已过时。请刷新后再操作。" in answer.content.decode()
    form = next(action.form for action in answer.context["page"].actions if action.label == "上报上级")
    assert (form["version"].value(), form["opinion"].value()) == (str(case.version), OPINION["opinion"])


@pytest.mark.parametrize("action", ["nonsense", "climb", "close", "start_joint"])
def test_an_act_that_does_not_fit_is_refused_on_the_page(do, desk, action):
    case = desk.file()
    answer = do("member", case, action)
    assert answer.status_code == 409
    assert answer.context["messages"]
    assert state_of(case) == State.TRIAGE


def test_acting_twice_is_done_once(do, desk):
    case = desk.file()
    version = case.version
    assert do("member", case, "escalate", version=version, **OPINION).status_code == 302
    assert do("member", case, "escalate", version=version, **OPINION).status_code == 409
    assert case.steps.filter(action="escalate").count() == 1


# --- photos -------------------------------------------------------------------------------------------------------


def test_photos_of_an_act_are_taken_in_with_it(do, desk):
    case = desk.self_handling()
    answer = do("member", case, "finish", measures="已扑灭", photos=[picture("a.jpg"), picture("b.jpg", (80, 60))])
    assert answer.status_code == 302
    assert list(case.photos.filter(photo__isnull=False).values_list("kind", flat=True)) == ["after", "after"]


def test_photos_need_not_be_sent_again_with_the_corrected_form(do, desk):
    case = desk.self_handling()
    answer = do("member", case, "finish", measures="", photos=[picture()])
    form = next(action.form for action in answer.context["page"].actions if action.is_open)
    assert form["photos"].help_text == "已收到 1 张，不必重新选择；可再添加"
    assert do("member", case, "finish", measures="已扑灭", kept=form["kept"].value()).status_code == 302
    assert case.photos.filter(kind="after").count() == 1


def test_a_photo_of_another_person_or_case_cannot_be_claimed(do, desk):
    case, other = desk.self_handling(), desk.self_handling()
    do("member", other, "finish", measures="已扑灭", photos=[picture()])
    used = Photo.objects.get()
    answer = do("member", case, "finish", measures="已扑灭", kept=f"{used.uuid},not-a-number")
    assert (answer.status_code, state_of(case)) == (422, State.SELF_HANDLING)
    assert do("area", case, "finish", measures="已扑灭", kept=str(used.uuid)).status_code == 422


BAD_FILES = [
    SimpleUploadedFile("a.jpg", b"", "image/jpeg"),
    SimpleUploadedFile("a.jpg", b"<html><script>alert(1)</script>", "image/jpeg"),
    SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 400, "application/octet-stream"),
]


@pytest.mark.parametrize("file", BAD_FILES, ids=["empty", "html", "program"])
def test_a_file_that_is_no_photo_is_told_at_its_field_and_costs_nothing_else(do, desk, file):
    case = desk.self_handling()
    file.seek(0)
    answer = do("member", case, "finish", measures="已扑灭火点", photos=[picture(), file])
    form = next(action.form for action in answer.context["page"].actions if action.is_open)
    assert (answer.status_code, state_of(case)) == (422, State.SELF_HANDLING)
    assert list(form.errors) == ["photos"]
    assert form["measures"].value() == "已扑灭火点"
    assert len(form["kept"].value().split(",")) == 1


@pytest.fixture
def photo(cast, do, desk) -> CasePhoto:
    case = desk.self_handling()
    do("member", case, "finish", measures="已扑灭", photos=[picture()])
    return case.photos.get(kind="after")


@pytest.mark.parametrize("size", ["thumb", "shown"])
def test_a_photo_is_served_to_those_who_see_the_case(cast, photo, size):
    path = f"{address(photo.case)}photos/{photo.pk}/{size}/"
    answer = cast.client("area").get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert answer["Content-Disposition"] == f'inline; filename="{photo.case.number}-{photo.pk}.jpg"'
    assert cast.client("stranger").get(path).status_code == 404
    again = cast.client("area").get(path, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("size", ["original", "private", ".."])
def test_the_original_of_a_photo_is_never_served(cast, photo, size):
    assert cast.client("county").get(f"{address(photo.case)}photos/{photo.pk}/{size}/").status_code == 404


def test_a_photo_is_served_under_its_own_case_only(cast, desk, photo):
    other = desk.file()
    assert cast.client("area").get(f"{address(other)}photos/{photo.pk}/thumb/").status_code == 404


def test_a_photo_that_has_not_arrived_is_no_picture(cast, see, desk):
    case = desk.file()
    waiting = case.photos.get(photo__isnull=True)
    assert cast.client("member").get(f"{address(case)}photos/{waiting.pk}/thumb/").status_code == 404
    assert "还有 1 张照片在手机上" in see("member", case)


# --- cost ---------------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_history(cast, desk):
    case = desk.handling(at=NOW - timedelta(days=1))
    client = cast.client("county")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address(case)).status_code == 200
        return len(seen)

    client.get(address(case))
    few = queries()
    for number in range(30):
        desk.act(case, "urge", "county", later(minutes=number), opinion="请抓紧")
        desk.act(case, "ask_return", "waterhead", later(minutes=number), reason="不属", basis="清单")
        desk.act(case, "reject_return", "county", later(minutes=number), opinion="属于")
    assert case.steps.count() > 90
    assert queries() == few
    assert few <= 32
