"""The REST door to cases: shapes, refusals as problems, nothing for a stranger."""

from __future__ import annotations

import hashlib
import uuid

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.tests.conftest import picture
from conftest import NOW, VILLAGE

ROOT = "/api/v1/cases/"


@pytest.fixture(autouse=True)
def _at_nine_on_monday():
    with time_machine.travel(NOW, tick=False):
        yield


def post(client: Client, path: str, body: dict, **headers):
    return client.post(path, body, content_type="application/json", headers=headers)


def matter(**values) -> dict:
    return {"category": "A05", "grid": VILLAGE, "title": "村东焚烧秸秆", "no_photo_reason": "夜间", **values}


def test_a_report_is_201_once_200_again_and_409_with_other_content(desk):
    member = desk.cast.client("member")
    client_id = str(uuid.uuid4())
    answers = [post(member, ROOT, matter(client_id=client_id, title=title)) for title in ("火点", "火点", "水塘")]
    assert [answer.status_code for answer in answers] == [201, 200, 409]
    assert answers[0].json()["number"] == answers[1].json()["number"] == "WT-20261123-0001"
    assert answers[2].json()["code"] == "different_content"
    assert answers[2]["Content-Type"].startswith("application/problem+json")


def test_the_detail_says_where_it_stands_and_what_may_be_done(desk):
    number = desk.file().number
    body = desk.cast.client("member").get(f"{ROOT}{number}/").json()
    assert (body["state"], body["holder"]["code"], body["due_at"]) == ("triage", VILLAGE, "2026-11-24T17:30:00+08:00")
    assert body["time_left"] == {"seconds": 52200, "overdue": False, "text": "剩 1 个工作日 7 小时"}
    assert [action["action"] for action in body["allowed_actions"]] == ["self_handle", "escalate", "ask_void"]
    assert body["allowed_actions"][1]["fields"] == [
        {"name": "opinion", "label": "意见", "kind": "long_text", "required": True, "help": "", "options": []}
    ]
    assert body["blocked_actions"] == [
        {"action": "send_down", "label": "下派", "reason": "已是最末一级网格，没有下级可以下派。"}
    ]


def test_an_action_answers_with_the_case_after_it_and_a_refusal_is_a_sentence(desk):
    number = desk.file().number
    member = desk.cast.client("member")
    path = f"{ROOT}{number}/actions/escalate/"
    assert post(member, path, {"opinion": ""}).json()["errors"] == {"opinion": ["请填写“意见”"]}
    assert post(member, path, {"opinion": "请处理"}).json()["holder"]["name"] == "仲村甲工作区"
    refused = post(member, path, {"opinion": "请处理"})
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "您的岗位不能“上报上级”此件" in refused.json()["detail"]
    assert post(member, f"{ROOT}{number}/actions/explode/", {}).json()["detail"] == "没有“explode”这个操作。"


def test_the_version_seen_is_honoured(desk):
    case = desk.file()
    path = f"{ROOT}{case.number}/actions/escalate/"
    body = {"opinion": "请处理", "version": case.version}
    assert post(desk.cast.client("member"), path, body).status_code == 200
    late = post(desk.cast.client("area"), path, body)
    assert (late.status_code, late.json()["code"]) == (409, "changed")


def test_the_same_idempotency_key_gives_the_same_answer(desk):
    member, key = desk.cast.client("member"), str(uuid.uuid4())
    first = post(member, ROOT, matter(), **{"Idempotency-Key": key})
    again = post(member, ROOT, matter(), **{"Idempotency-Key": key})
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert Case.objects.count() == 1


def test_announced_photos_are_missing_until_they_arrive(desk):
    member, client_id, upload = desk.cast.client("member"), str(uuid.uuid4()), picture()
    sha256 = hashlib.sha256(upload.read()).hexdigest()
    filed = post(member, ROOT, matter(photos=[{"client_id": client_id, "sha256": sha256}])).json()
    assert filed["missing_photos"] == [client_id]
    path = f"{ROOT}{filed['number']}/photos/"
    for _ in range(2):
        upload.seek(0)
        answer = member.post(path, {"client_id": client_id, "photo": upload})
        assert (answer.status_code, answer.json()) == (200, {"received": client_id, "missing_photos": []})
    other = member.post(path, {"client_id": client_id, "photo": picture(size=(32, 32))})
    assert other.status_code == 409


def test_steps_and_clock_explain_the_case(desk):
    number = desk.dispatched().number
    county = desk.cast.client("county")
    steps = county.get(f"{ROOT}{number}/steps/").json()
    assert [step["action"] for step in steps] == ["report", "escalate", "escalate", "escalate", "refer"]
    clocks = county.get(f"{ROOT}{number}/clock/").json()
    handling = next(clock for clock in clocks if clock["stage"] == "S6")
    assert (handling["due_at"], handling["amount"], handling["unit"]) == ("2026-11-30T17:30:00+08:00", 5, "working_day")
    counted = [interval for interval in handling["intervals"] if interval["counted"]]
    assert len(counted) == 10


@pytest.mark.parametrize("tail", ["", "steps/", "clock/"])
def test_a_stranger_gets_404_and_an_empty_list(desk, tail):
    number = desk.dispatched().number
    stranger = desk.cast.client("stranger")
    assert stranger.get(f"{ROOT}{number}/{tail}").status_code == 404
    assert stranger.get(ROOT).json()["results"] == []
    assert post(stranger, f"{ROOT}{number}/actions/urge/", {"opinion": "x"}).status_code == 404


def test_an_assessor_reads_cases_without_the_names_of_people(desk):
    number = desk.file().number
    assessor = desk.cast.client("assessor")
    assert assessor.get(f"{ROOT}{number}/").json()["reporter"] is None
    assert {step["by"] for step in assessor.get(f"{ROOT}{number}/steps/").json()} == {""}


def test_without_signing_in_it_is_401(db):
    answer = Client().get(ROOT)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_filters_narrow_the_list(desk):
    first, second = desk.file(), desk.dispatched()
    county = desk.cast.client("county")

    def found(query: str) -> list[str]:
        return [row["number"] for row in county.get(f"{ROOT}?{query}").json()["results"]]

    assert found("state=triage") == [first.number]
    assert found("state=triage&state=dispatched") == [second.number, first.number]
    assert found("grid=371326102") == []
    assert found("reported_from=2026-11-23&reported_to=2026-11-23") == [second.number, first.number]
    assert found("reported_from=2026-11-24") == []
    assert county.get(f"{ROOT}?state=nonsense").status_code == 422


def test_pages_follow_each_other_by_cursor(desk):
    numbers = [desk.file().number for _ in range(3)]
    member = desk.cast.client("member")
    first = member.get(f"{ROOT}?page_size=2").json()
    second = member.get(first["next"]).json()
    assert [row["number"] for row in [*first["results"], *second["results"]]] == numbers[::-1]


def test_the_list_asks_the_same_number_of_queries_for_one_row_and_for_ten(desk, django_assert_num_queries):
    member = desk.cast.client("member")
    desk.file()
    member.get(ROOT)
    with CaptureQueriesContext(connection) as one:
        member.get(ROOT)
    for _ in range(9):
        desk.file()
    with django_assert_num_queries(len(one)):
        assert len(member.get(ROOT).json()["results"]) == 10


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"category": "X99"}, "category"),
        ({"grid": "000"}, "grid"),
        ({"severity": "huge"}, "severity"),
        ({"description": "烟" * 100_000}, "description"),
        ({"location": {"lon": 121.47, "lat": 31.23, "coord_sys": "wgs84"}}, "location"),
        ({"location": {"lon": 1e9, "lat": 0, "coord_sys": "wgs84"}}, "location.lon"),
        ({"client_id": "not-a-uuid"}, "client_id"),
        ({"photos": [{"client_id": "x"}]}, "photos.0.client_id"),
    ],
)
def test_bad_input_is_422_with_a_chinese_sentence_and_leaves_nothing(desk, body, field):
    answer = post(desk.cast.client("member"), ROOT, matter(**body))
    assert answer.status_code == 422
    assert field in answer.json()["errors"], answer.json()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in "".join(answer.json()["errors"][field]))
    assert Case.objects.count() == 0
