"""One case on the phone: the same acts and refusals as at the desk, and nothing lost."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.choices import PhotoKind, State
from cases.models import Case
from cases.tests.conftest import picture
from conftest import NOW

pytestmark = pytest.mark.django_db
MOST_QUERIES = 27


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def address(case: Case) -> str:
    return f"/field/cases/{case.number}/"


@pytest.fixture
def do(cast):
    """Act on a case from the phone, with the version as it is now unless another is given."""

    def act(name: str, case: Case, action: str, **data):
        data.setdefault("version", Case.objects.get(pk=case.pk).version)
        return cast.client(name).post(f"{address(case)}actions/{action}/", data)

    return act


def kept(answer) -> str:
    return re.search(r'name="kept" value="([^"]*)"', answer.content.decode())[1]


# --- what it shows ------------------------------------------------------------------------------------------------


def test_it_says_what_where_who_and_until_when_with_a_number_to_call(cast, desk):
    case = desk.up(desk.file(place="河坝北 50 米", description="夜间焚烧"), "member")
    page = cast.client("member").get(address(case)).content.decode()
    words = (
        case.number,
        "夜间焚烧",
        "河坝北 50 米",
        "仲村镇/仲村甲工作区",
        "2026-11-24 17:30",
        "请上级处理",
        "甲工作区长",
    )
    assert [word for word in words if word not in page] == []
    assert 'href="tel:13900000000"' in page


def test_acts_are_posted_to_the_phone_and_not_to_the_desk(cast, desk):
    case = desk.file()
    page = cast.client("member").get(address(case)).content.decode()
    assert f'action="/field/cases/{case.number}/actions/escalate/"' in page
    assert 'action="/cases/' not in page


def test_only_who_has_to_act_is_led_to_the_acts(cast, desk):
    case = desk.up(desk.file(), "member")
    led = {
        name: 'href="#actions"' in cast.client(name).get(address(case)).content.decode() for name in ("member", "area")
    }
    assert led == {"member": False, "area": True}


@pytest.mark.parametrize("name", ["stranger", "member2", "area2", "admin", "clerk"])
def test_what_one_may_not_see_does_not_exist(cast, desk, do, name):
    case = desk.file()
    there, nowhere = (cast.client(name).get(f"/field/cases/{number}/") for number in (case.number, "WT-1"))
    assert (there.status_code, there.content) == (404, nowhere.content)
    assert do(name, case, "escalate", opinion="请处理").status_code == 404
    assert Case.objects.get().state == State.TRIAGE


def test_a_masked_reader_is_told_no_names(cast, desk):
    page = cast.client("assessor").get(address(desk.up(desk.file(), "member"))).content.decode()
    assert "甲一村网格员" not in page.replace("仲村甲一村网格员", "")
    assert "tel:" not in page


# --- acts ---------------------------------------------------------------------------------------------------------


def test_a_member_puts_a_matter_right_with_a_photo(cast, desk, do):
    case = desk.file()
    answer = do("member", case, "self_handle")
    assert answer["Location"] == address(case)
    assert "已办理“自处置”。" in answer.client.get(answer["Location"]).content.decode()
    do("member", case, "finish", measures="已扑灭", photos=[picture()])
    case.refresh_from_db()
    assert (case.state, case.measures) == (State.SELF_REVIEW, "已扑灭")
    assert case.photos.filter(kind=PhotoKind.AFTER, photo__isnull=False).count() == 1


def test_a_member_checks_with_a_photo_at_the_place(desk, do):
    case = desk.checking()
    assert do("member", case, "pass_check", opinion="已恢复", photos=[picture()]).status_code == 302
    assert Case.objects.get().state == State.CLOSING


def test_what_is_missing_is_told_above_and_at_its_field_and_the_rest_comes_back(desk, do):
    case = desk.self_handling()
    bad = SimpleUploadedFile("photo.jpg", b"", "image/jpeg")
    answer = do("member", case, "finish", measures="已扑灭余火", photos=[picture(), bad])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("第 2 张没有收下：照片是空文件（0 字节），请重新拍摄或重新选择。") == 2
    assert "已扑灭余火</textarea>" in page
    assert do("member", case, "finish", measures="已扑灭余火", kept=kept(answer)).status_code == 302
    assert case.photos.filter(kind=PhotoKind.AFTER, photo__isnull=False).count() == 1


def test_a_text_that_is_too_long_is_told_and_comes_back(desk, do):
    answer = do("member", desk.file(), "escalate", opinion="长" * 100_000)
    assert answer.status_code == 422
    assert "“意见”最多 1000 字，现有 100000 字，请删减" in answer.content.decode()
    assert "长" * 100_000 in answer.content.decode()


def test_an_act_on_what_has_moved_on_is_refused_and_the_words_come_back(desk, do):
    case = desk.file()
    desk.act(case, "urge", "town", opinion="请抓紧")
    answer = do("member", case, "escalate", opinion="请镇里处理", version=case.version)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "此件刚被他人处理过" in page
    assert "请镇里处理</textarea>" in page


def test_words_for_an_act_that_is_open_no_more_are_shown_to_be_copied(desk, do):
    case = desk.file()
    desk.act(case, "self_handle", "villagehead")
    answer = do("member", case, "escalate", opinion="请镇里处理", version=case.version)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "此件现为“自处置中”，不能“上报上级”。请刷新查看最新情况。" in page
    assert '<p class="typed">请镇里处理</p>' in page


def test_an_act_sent_twice_is_done_once(desk, do):
    case = desk.file()
    first, second = (do("member", case, "escalate", opinion="请处理", version=case.version) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 409)
    assert case.steps.filter(action="escalate").count() == 1


@pytest.mark.parametrize("action", ["explode", "close", "climb"])
def test_what_cannot_be_done_is_a_sentence(desk, do, action):
    answer = do("member", desk.file(), action, opinion="好")
    assert answer.status_code == 409
    assert 'role="status"' in answer.content.decode()


def test_acts_are_posted_only(cast, desk):
    assert cast.client("member").get(f"{address(desk.file())}actions/escalate/").status_code == 405


def test_the_number_of_queries_does_not_grow_with_the_history(cast, desk):
    short, long = desk.file(), desk.handling()
    for _ in range(3):
        desk.act(long, "urge", "county", opinion="请抓紧")
    counts = {}
    client = cast.client("member")
    client.get(address(short))
    for case in (desk.handling(), long):
        with CaptureQueriesContext(connection) as captured:
            client.get(address(case))
        counts[case.number] = len(captured)
    assert len(set(counts.values())) == 1
    assert max(counts.values()) <= MOST_QUERIES
