"""Tasks and one's own reports on the phone: order, words, nothing of others, and a fixed number of queries."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.services.sweeping import sweep_cases
from conftest import NOW, later

pytestmark = pytest.mark.django_db
# The session, the person, posts, notices read: what any page asks, and the lists.
MOST_QUERIES = {"/field/": 14, "/field/mine/": 11}


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def see(cast):
    """What a person finds on a page of the phone."""
    return lambda name, path="/field/": cast.client(name).get(path)


def titles(page) -> list[str]:
    return [row.title for row in page.context["tasks"].rows]


# --- tasks --------------------------------------------------------------------------------------------------------


def test_without_tasks_a_sentence_says_so(see, desk):
    page = see("member").content.decode()
    assert "没有等您办理的办件。" in page
    assert 'href="/field/report/"' in page


def test_late_tasks_stand_first_then_yellow_ones_then_by_due_time(see, desk):
    desk.file(title="还早，先到期", severity="urgent", at=later(hours=7, minutes=58))
    desk.at_county(title="黄牌，后到期", at=later(days=-3))
    desk.at_county(title="红牌", at=later(days=-7))
    evening = later(hours=8)
    with time_machine.travel(evening, tick=False):
        sweep_cases(evening)
        page = see("county")
        assert titles(page) == ["红牌", "黄牌，后到期", "还早，先到期"]
        assert page.context["tasks"].summary == "3 件待办，其中红牌或超期 1 件、黄牌 1 件"


def test_a_limit_that_passed_counts_as_late_before_the_sweep_has_seen_it(see, desk):
    desk.file(title="早已超期", at=later(days=-7))
    tasks = see("villagehead").context["tasks"]
    assert tasks.summary == "1 件待办，其中红牌或超期 1 件"


def test_a_task_says_what_where_and_until_when(see, desk):
    desk.file(title="村东焚烧秸秆", place="河坝北 50 米", severity="serious")
    page = see("member").content.decode()
    words = ("村东焚烧秸秆", "仲村甲一村，河坝北 50 米", "待研判", "较重", "剩 4 个工作时", "2026-11-23 14:30")
    assert [word for word in words if word not in page] == []


def test_a_cooperating_unit_sees_the_limit_of_its_own_answer(see, desk):
    case = desk.handling()
    row = see("env").context["tasks"].rows[0]
    part = case.parts.get(role="co")
    assert (row.stage, row.clock.due_at) == ("协办反馈", part.due_at)
    assert [flag.label for flag in row.flags] == ["协办"]
    assert see("water").context["tasks"].rows[0].clock.due_at == Case.objects.get().due_at
    assert part.due_at < Case.objects.get().due_at


def test_an_answer_given_is_no_task_any_more(see, desk):
    desk.act(desk.handling(), "answer_part", "env", feedback="已到场")
    assert see("env").context["tasks"].count == 0


def test_a_request_waits_for_whoever_decides_it(see, desk):
    case = desk.act(desk.file(), "ask_void", "member", void_reason="test", reason="误报")
    assert [row.number for row in see("area").context["tasks"].requests] == []
    assert [row.number for row in see("town").context["tasks"].requests] == [case.number]


@pytest.mark.parametrize("name", ["stranger", "strangermember", "area2", "member2"])
def test_others_have_none_of_it(see, desk, name):
    desk.file()
    desk.up(desk.file(), "member", "area")
    assert (see(name).context["tasks"].count, see(name, "/field/mine/").context["rows"]) == (0, [])


def test_twenty_stand_on_a_page(see, desk):
    for _ in range(22):
        desk.file()
    assert [len(see("member", f"/field/?page={page}").context["tasks"].rows) for page in (1, 2)] == [20, 2]
    assert len(see("member", "/field/?page=nonsense").context["tasks"].rows) == 20


# --- one's own reports --------------------------------------------------------------------------------------------


def test_ones_own_reports_newest_first_with_what_happened_last(see, desk):
    desk.act(desk.file(title="先报的"), "escalate", "member", later(hours=1), opinion="请处理")
    desk.file(title="后报的", at=later(minutes=5))
    rows = see("member", "/field/mine/").context["rows"]
    assert [row.title for row in rows] == ["后报的", "先报的"]
    assert rows[1].last == "11-23 10:00 仲村甲一村网格员 甲一村网格员 上报上级，到仲村镇/仲村甲工作区：请处理"
    assert (rows[1].state.label, rows[1].now) == ("待研判", "研判（第 2 步，共 8 步），仲村甲工作区")


def test_what_others_reported_in_ones_place_is_not_ones_own(see, desk):
    desk.file(by="area")
    assert see("member", "/field/mine/").context["rows"] == []
    assert "您还没有上报过问题。" in see("member", "/field/mine/").content.decode()


def test_what_the_program_did_is_told_without_a_person(see, desk):
    desk.file(at=later(days=-7))
    sweep_cases(NOW)
    assert "甲一村网格员" not in see("member", "/field/mine/").context["rows"][0].last


# --- queries ------------------------------------------------------------------------------------------------------


def queries(client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", MOST_QUERIES)
@pytest.mark.parametrize("name", ["member", "env", "town"])
def test_the_number_of_queries_does_not_grow_with_the_rows(cast, desk, path, name):
    def fill() -> None:
        desk.file()
        desk.file(by=name if name != "env" else "member")
        desk.dispatched()
        desk.up(desk.file(), "member", "area")
        desk.act(desk.file(), "ask_void", "member", void_reason="test", reason="误报")

    fill()
    client = cast.client(name)
    client.get(path)
    few = queries(client, path)
    for _ in range(3):
        fill()
    assert queries(client, path) == few <= MOST_QUERIES[path]
