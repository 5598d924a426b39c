"""The stranger from the next town: no row and no number of 仲村镇, at any address, by any question, in any sentence.

What somebody is shown in a county where 仲村镇 has data must be, to the letter, what they are shown where it has none.
So a total, a list of choices or an error that knows of the other town shows as a difference, not only a name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.models import Case
from cases.services.sweeping import sweep_cases
from cases.tests.conftest import Desk, refer_to
from cases.transitions import LIFECYCLE
from conftest import COUNTY, LONG_AGO, NOW, OTHER_VILLAGE, SECOND_AREA, Cast
from grids.choices import GridKind, SponsorClass
from grids.models import Grid, Post, Sponsorship
from grids.services import GridRow, create_grid, set_boundary, set_centre
from tests.addresses import SAMPLES, Things, gone_routes, paths_of, plain_paths, reference_paths, unknown_routes
from tests.doors import body_of
from tests.furnishing import Corner, Furnished, furnish
from tests.rows import row_counts

MARK = "鲸落"
SECRET_VILLAGE = "371326101099"
SECRET_PHONE = "13987650123"
SECRET_PLACE = (117.52, 35.42)
OWN = Corner(OTHER_VILLAGE, "strangermember", "strangerarea", "stranger", "武台")
THEIRS = Corner(SECRET_VILLAGE, "secretmember", "area2", "town", MARK)
# Long enough ago that everything in it is overdue, so that cards and totals of lateness are there to leak.
LONG_BEFORE = NOW - timedelta(days=30)

ACTIONS = sorted({row.action for row in LIFECYCLE.rows})
NOWHERE = Things(
    case="WT-20200101-9999",
    report=str(uuid.UUID(int=9)),
    photo=999_999,
    kept_photo=str(uuid.UUID(int=9)),
    grid="371326199999",
    source="371326-99999",
    notice=999_999,
    person=999_999,
    post=999_999,
    sponsorship=999_999,
)
_VARIES = [
    re.compile(r'name="csrfmiddlewaretoken" value="\w+"'),
    # The number of a form that was not sent yet.
    re.compile(r'name="client_id" value="[-0-9a-f]{36}"'),
]


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    """Two pages of one moment: what is left of a deadline must not differ by the second between."""
    with time_machine.travel(NOW, tick=False):
        yield


@dataclass(frozen=True)
class World:
    """The county as it is for both: the cast, and the stranger's own town with its data."""

    cast: Cast
    desk: Desk
    own: Furnished

    def client(self, name: str) -> Client:
        client = self.cast.client(name)
        client.raise_request_exception = False
        return client


@pytest.fixture
def world(cast) -> World:
    refer_to(cast)
    cast.users["postless"] = User.objects.create(username="postless", name="未任职", phone="13900000001")
    desk = Desk(cast)
    return World(cast, desk, furnish(desk, OWN))


@contextmanager
def their_data(world: World) -> Iterator[Furnished]:
    """仲村镇 gets a village, people, an outline, sites, patrols and cases; all of it is gone when the block ends."""
    with transaction.atomic():
        county = world.cast.scope("county")
        row = GridRow(SECRET_VILLAGE, f"{MARK}村", GridKind.VILLAGE, SECOND_AREA)
        village = create_grid(row=row, active_from=LONG_AGO, by=county, at=NOW)
        set_centre(grid=village, lon=SECRET_PLACE[0], lat=SECRET_PLACE[1], coord_sys="wgs84", by=county, at=NOW)
        set_boundary(grid=village, geometry=_square_around(*SECRET_PLACE), is_schematic=True, by=county, at=NOW)
        _seat_their_people(world.cast, village)
        made = furnish(world.desk, THEIRS, LONG_BEFORE)
        assert sweep_cases(NOW).fired > 0
        yield made
        del world.cast.users["secretmember"]
        transaction.set_rollback(True)


def _seat_their_people(cast: Cast, village: Grid) -> None:
    person = User.objects.create(username="secretmember", name=f"{MARK}网格员", phone=SECRET_PHONE)
    cast.users["secretmember"] = person
    Post.objects.create(user=person, role=Role.MEMBER, grid=village, title=f"{MARK}组长", starts_on=LONG_AGO)
    Sponsorship.objects.create(
        user=cast.users["sponsor"], grid=village, sponsor_class=SponsorClass.DEPT_STAFF, starts_on=LONG_AGO
    )


def _square_around(lon: float, lat: float) -> dict[str, object]:
    d = 0.01
    ring = [[lon - d, lat - d], [lon + d, lat - d], [lon + d, lat + d], [lon - d, lat + d], [lon - d, lat - d]]
    return {"type": "Polygon", "coordinates": [ring]}


# --- asking -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Question:
    """One request; a `body` makes it a POST, of a form for pages and of JSON for the API."""

    path: str
    body: dict[str, object] | None = None
    method: str = "GET"

    def __str__(self) -> str:
        return f"{'POST' if self.body is not None else self.method} {self.path} {self.body or ''}".strip()


@dataclass(frozen=True)
class Answer:
    """What came back, without what differs from request to request."""

    status: int
    target: str
    text: str


def ask(client: Client, question: Question) -> Answer:
    """The answer, with whatever it wrote taken back."""
    with transaction.atomic():
        if question.body is None:
            response = client.generic(question.method, question.path)
        elif question.path.startswith("/api/"):
            response = client.post(question.path, question.body, content_type="application/json")
        else:
            response = client.post(question.path, question.body)
        text = _settled(body_of(response).decode("utf-8", "replace"))
        transaction.set_rollback(True)
    return Answer(response.status_code, response.get("Location", ""), text)


def _settled(text: str) -> str:
    for pattern in _VARIES:
        text = pattern.sub("…", text)
    return text


def ask_all(client: Client, questions: Iterable[Question]) -> dict[str, Answer]:
    once = {str(question): question for question in questions}
    return {name: ask(client, question) for name, question in once.items()}


# Names of filters of all lists, each with what a curious person would put in.
_CURIOUS = {
    "q": (MARK, f"WT-{LONG_BEFORE:%Y%m%d}-0001", "371326-00002", SECRET_PHONE, SECRET_VILLAGE),
    "grid": (SECRET_VILLAGE, MARK),
    "below": (SECRET_VILLAGE,),
    "parent": (SECRET_VILLAGE, SECOND_AREA),
    "town": (SECRET_VILLAGE,),
    "member": (MARK,),
    "source": ("371326-00002",),
}
_POINT = {"lon": SECRET_PLACE[0], "lat": SECRET_PLACE[1], "coord_sys": "wgs84"}


def reading_questions(world: World) -> list[Question]:
    """Every address, those of objects with one's own; each list narrowed to what lies in the other town."""
    plain = [Question(path) for path in [*plain_paths(), *reference_paths()]]
    own = [Question(path) for things in world.own.things for path in paths_of(things, ["escalate"])]
    narrowed = [
        Question(f"{path}?{urlencode({name: value})}")
        for path in plain_paths()
        for name, values in _CURIOUS.items()
        for value in values
        if not path.startswith("/admin/") and path not in SAMPLES
    ]
    place = Question(f"/api/v1/grids/locate/?{urlencode(_POINT)}")
    past = [Question(f"/api/v1/grids/?at=2021-01-01&parent={SECOND_AREA}"), Question("/api/v1/posts/?at=2021-01-01")]
    return [*plain, *own, *narrowed, place, *past]


_ACTS_THAT_NAME = {
    "merge": {"target": f"WT-{LONG_BEFORE:%Y%m%d}-0001", "opinion": "同一件"},
    "send_down": {"grid": SECRET_VILLAGE, "opinion": "请办"},
    "refer": {"lead": f"grid:{SECRET_VILLAGE}", "co": [], "opinion": "请办"},
}


def writing_questions(world: World) -> list[Question]:
    """Forms and bodies that name what belongs to the other town: as unknown as what does not exist."""
    case, source = world.own.cases[0], world.own.source
    matter = {"category": "A05", "grid": OTHER_VILLAGE, "no_photo_reason": "夜间", "client_id": str(uuid.UUID(int=7))}
    times = {"started_at": f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%S%z}", "ended_at": f"{NOW:%Y-%m-%dT%H:%M:%S%z}"}
    patrol = {"client_id": str(uuid.UUID(int=8)), "grid": OTHER_VILLAGE, **times}
    site = {"name": "新厂", "category": "industry", "supervision_class": "ordinary", "grid": OTHER_VILLAGE}
    theirs = [{"grid": SECRET_VILLAGE}, {"grid": "", "location": _POINT}, {"source": "371326-00002"}]
    rows = [("cases", matter, theirs), ("patrols", patrol, theirs), ("sources", site, theirs[:2])]
    questions = [Question(f"/api/v1/{path}/", {**body, **one}) for path, body, changes in rows for one in changes]
    for action, body in _ACTS_THAT_NAME.items():
        questions.append(Question(f"/api/v1/cases/{case.number}/actions/{action}/", body))
        questions.append(Question(f"/cases/{case.number}/actions/{action}/", {**body, "version": case.version}))
        questions.append(Question(f"/field/cases/{case.number}/actions/{action}/", {**body, "version": case.version}))
    point = {"lon": SECRET_PLACE[0], "lat": SECRET_PLACE[1], "accuracy": 10, "grid": ""}
    for path in ("/cases/new/", "/field/report/"):
        forms = [{"grid": SECRET_VILLAGE}, {"town": SECRET_VILLAGE}, {"source": "371326-00002"}, point]
        questions += [Question(path, {**matter, "severity": "ordinary", "origin": "report", **form}) for form in forms]
    for path in ("/sources/new/", f"/sources/{source.code}/edit/"):
        point = {"lon": SECRET_PLACE[0], "lat": SECRET_PLACE[1], "coord_sys": "wgs84"}
        questions += [Question(path, {**site, "grid": SECRET_VILLAGE}), Question(path, {**site, "grid": "", **point})]
    return questions


# --- the proofs ---------------------------------------------------------------------------------------------------
def test_every_address_that_names_an_object_is_known_to_these_tests():
    assert unknown_routes() == []
    assert gone_routes() == []


@pytest.mark.parametrize("who", ["stranger", "strangermember", "postless"])
def test_what_the_stranger_is_shown_does_not_depend_on_the_other_town(world, who):
    client, questions = world.client(who), reading_questions(world)
    with their_data(world):
        with_them = ask_all(client, questions)
    without_them = ask_all(client, questions)
    assert _differences(with_them, without_them) == {}
    assert [path for path, answer in with_them.items() if "?" not in path and MARK in answer.text] == []


@pytest.mark.parametrize("who", ["stranger", "strangermember", "postless"])
def test_naming_what_belongs_to_the_other_town_is_answered_as_naming_nothing(world, who):
    client, questions = world.client(who), writing_questions(world)
    # The county has an outline, so that a point in it is in the county in both worlds.
    square = _square_around(*SECRET_PLACE)
    set_boundary(
        grid=world.cast.grid(COUNTY), geometry=square, is_schematic=True, by=world.cast.scope("county"), at=NOW
    )
    with their_data(world):
        with_them = ask_all(client, questions)
    without_them = ask_all(client, questions)
    assert _differences(with_them, without_them) == {}


def _differences(first: dict[str, Answer], second: dict[str, Answer]) -> dict[str, str]:
    return {path: _first_difference(first[path], second[path]) for path in first if first[path] != second[path]}


def _first_difference(first: Answer, second: Answer) -> str:
    if (first.status, first.target) != (second.status, second.target):
        return f"{first.status} {first.target} / {second.status} {second.target}: {first.text[:300]}"
    start = next(n for n, (a, b) in enumerate(zip(f"{first.text}\0", f"{second.text}\0\0", strict=False)) if a != b)
    return f"{first.text[max(0, start - 60) : start + 60]} / {second.text[max(0, start - 60) : start + 60]}"


@pytest.mark.parametrize("who", ["stranger", "postless"])
def test_their_objects_are_not_there_for_the_stranger(world, who):
    """Whatever is done to them: the answer is the one for an object that does not exist, and nothing changes."""
    client = world.client(who)
    with their_data(world) as made:
        before = row_counts()
        nothing = [ask(client, question) for question in _object_questions(NOWHERE, ACTIONS)]
        told = _told_of(client, _object_questions(made.things[0], ACTIONS), nothing)
        nothing = [ask(client, question) for question in _object_questions(NOWHERE, ["escalate"])]
        for things in made.things[1:]:
            told |= _told_of(client, _object_questions(things, ["escalate"]), nothing)
        assert told == {}
        assert {answer.status for answer in nothing} <= {403, 404, 405}
        assert row_counts() == before


def _told_of(client: Client, questions: list[Question], nothing: list[Answer]) -> dict[str, int]:
    """The status of each answer that differs from the one for nothing by more than the address asked for."""
    told = {}
    for question, expected in zip(questions, nothing, strict=True):
        answer = ask(client, question)
        if answer.status != expected.status or MARK in answer.text:
            told[str(question)] = answer.status
    return told


def _object_questions(things: Things, actions: list[str]) -> list[Question]:
    """Each address of an object in each way that a browser or a program could ask; the acts of a case by POST."""
    paths = [path for path in paths_of(things, actions) if not path.startswith("/admin/")]
    acts = [path for path in paths if "/actions/" in path]
    rest = [Question(path, None, method) for path in paths if path not in acts for method in _METHODS]
    return [*rest, *(Question(path, {"opinion": "看看", "version": "1"}) for path in paths)]


_METHODS = ("GET", "HEAD", "PUT", "DELETE")


def test_there_is_something_that_could_leak(world):
    """The proofs above would hold in an empty county as well: here the county sees what the stranger must not."""
    with their_data(world) as made:
        shown = ask(world.client("county"), Question("/cases/")).text
        assert [case.number for case in made.cases if case.number not in shown] == []
        assert MARK in ask(world.client("town"), Question("/")).text
        assert MARK in ask(world.client("county"), Question(f"/grids/{SECOND_AREA}/")).text
        assert Case.objects.filter(card="red", title__contains=MARK).exists()


def test_who_holds_no_post_is_shown_nothing_of_the_county(world):
    client, names = world.client("postless"), _names_of_everything(world)
    with their_data(world):
        answers = ask_all(client, reading_questions(world))
    rows = {path: answer for path, answer in answers.items() if "?" not in path and path[4:] not in SAMPLES}
    told = {path: [name for name in names if name in answer.text] for path, answer in rows.items()}
    assert {path: found for path, found in told.items() if found} == {}


# Names of people of the cast that are words of the program as well.
_WORDS = (*Role.labels, "未任职")


def _names_of_everything(world: World) -> list[str]:
    """Names and numbers of what is there; the county itself is no secret, its name stands in that of the program."""
    grids = [name for row in Grid.objects.exclude(code=COUNTY) for name in (row.name, row.code)]
    people = [user.name for user in world.cast.users.values() if not any(user.name in label for label in _WORDS)]
    cases = [case.number for case in world.own.cases]
    return [*grids, *people, *cases, world.own.source.name, world.own.source.code]
