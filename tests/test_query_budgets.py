"""How many statements a page sends: as many with thirty rows as with one, and no more than its budget.

A budget is what the page needed when it was set, sign-in and scope included. Whoever needs more says why here.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Department, User
from accounts.roles import Role
from cases.models import Case
from cases.services.photos import attach
from cases.tests.conftest import Desk, announced, refer_to
from conftest import AREA, LONG_AGO, NOW, TOWN, VILLAGE, Cast
from grids.choices import GridKind
from grids.models import Grid, Post
from grids.services import SourceDraft, register_source
from inspections.services import PatrolDraft, record_patrol

# Of each kind, how many more there are the second time; a page shows thirty lines or more.
MORE = 30

# page: who opens it, the most statements
LISTS = {
    "/": ("town", 24),
    "/cases/": ("county", 10),
    "/cases/?box=todo": ("town", 11),
    "/cases/?box=sent&overdue=1": ("town", 9),
    "/grids/": ("county", 8),
    "/grids/?q=仲村": ("county", 8),
    f"/grids/{AREA}/": ("county", 15),
    "/posts/": ("county", 7),
    "/sources/": ("county", 7),
    "/patrols/": ("county", 8),
    "/people/": ("admin", 6),
    "/notices/": ("town", 6),
    "/audit/": ("audit", 7),
    "/field/": ("member", 9),
    "/field/mine/": ("member", 7),
    "/api/v1/cases/": ("county", 4),
    "/api/v1/grids/": ("county", 5),
    f"/api/v1/grids/{AREA}/tree/": ("county", 4),
    "/api/v1/posts/": ("county", 4),
    "/api/v1/sources/": ("county", 4),
    "/api/v1/patrols/": ("county", 5),
    "/api/v1/departments/": ("county", 4),
}
# A case whose history grows by thirty steps, as many clocks and photos.
DETAILS = {
    "/cases/{}/": ("town", 27),
    "/cases/{}/clock/": ("town", 9),
    "/field/cases/{}/": ("town", 27),
    "/api/v1/cases/{}/": ("town", 14),
    "/api/v1/cases/{}/steps/": ("town", 6),
    "/api/v1/cases/{}/clock/": ("town", 7),
}


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(cast: Cast) -> Desk:
    refer_to(cast)
    return Desk(cast)


def test_a_list_of_thirty_sends_as_many_statements_as_a_list_of_one(desk: Desk) -> None:
    _grow_county(desk, 0)
    with_one = _counts(desk, LISTS)
    for number in range(1, MORE):
        _grow_county(desk, number)
    assert _counts(desk, LISTS) == with_one


def test_a_case_of_thirty_steps_sends_as_many_statements_as_a_new_one(desk: Desk) -> None:
    case = desk.up(desk.file(), "member", "area")
    pages = {page.format(case.number): limit for page, limit in DETAILS.items()}
    with_few = _counts(desk, pages)
    for _ in range(MORE // 2):
        case = _sent_down_and_up(desk, case)
    assert _counts(desk, pages) == with_few


def test_no_page_needs_more_statements_than_its_budget(desk: Desk) -> None:
    _grow_county(desk, 0)
    case = desk.up(desk.file(), "member", "area")
    pages = LISTS | {page.format(case.number): limit for page, limit in DETAILS.items()}
    needed = _counts(desk, pages)
    assert {page: count for page, count in needed.items() if count > pages[page][1]} == {}


def _counts(desk: Desk, pages: dict[str, tuple[str, int]]) -> dict[str, int]:
    clients = {username: desk.cast.client(username) for username, _budget in pages.values()}
    return {page: _count(clients[username], page) for page, (username, _budget) in pages.items()}


def _count(client: Client, page: str) -> int:
    """The statements of a page when what a process reads once has been read."""
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(page)
    assert response.status_code == HTTPStatus.OK, page
    return len(asked)


def _grow_county(desk: Desk, number: int) -> None:
    """One more of everything: a village with its member, a site, a patrol, a department, two cases, notices."""
    village = _village(number)
    user = User.objects.create(name=f"网格员{number}", username=f"more{number}")
    Post.objects.create(user=user, role=Role.MEMBER, grid=village, starts_on=LONG_AGO)
    Department.objects.create(code=f"more{number}", name=f"部门{number}")
    member = desk.cast.scope("member")
    draft = SourceDraft(
        name=f"养殖场{number}", category="livestock", grid=desk.cast.grid(VILLAGE), address=f"{number} 号"
    )
    register_source(draft=draft, by=member, at=NOW)
    ended = NOW - timedelta(minutes=number + 1)
    patrol = PatrolDraft(started_at=ended - timedelta(minutes=30), ended_at=ended, grid=VILLAGE)
    record_patrol(patrol, client_id=uuid.uuid4(), by=member, at=NOW)
    desk.file()
    desk.register(origin="video", grid=TOWN)


def _village(number: int) -> Grid:
    """Another village of the work area; test rows, so the tree needs no lock."""
    area, sister = Grid.objects.get(code=AREA), Grid.objects.get(code=VILLAGE)
    return Grid.objects.create(
        code=f"{AREA}{number:03d}",
        name=f"村{number}",
        kind=GridKind.VILLAGE,
        rank=sister.rank,
        parent=area,
        path=f"{area.path}/村{number}",
        active_from=LONG_AGO,
    )


def _sent_down_and_up(desk: Desk, case: Case) -> Case:
    case = desk.act(case, "send_down", "town", grid=AREA, opinion="请先到现场核实", override_reason="情况有变")
    case = desk.act(case, "escalate", "area", opinion="核实了，超出本级能力")
    attach(case.steps.latest("id"), "escalate", announced())
    return case
