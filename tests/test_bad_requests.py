"""Rubbish at every address: filters, pages and cursors that cannot be, bodies that are none, forms full of noise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from accounts.models import User
from cases.models import Case
from cases.tests.conftest import Desk, refer_to
from conftest import VILLAGE
from grids.models import Grid, Source
from inspections.models import Patrol
from tests.addresses import SAMPLES, paths_of, plain_paths
from tests.doors import body_of, told_by
from tests.furnishing import Corner, furnish
from tests.rows import row_counts

CHINESE = re.compile(r"[一-鿿]")
CORNER = Corner(VILLAGE, "member", "area", "town", "仲村")
ACTS = ("escalate", "refer", "sign", "submit", "merge", "answer_part")
# A wrong password is counted and written down, as it has to be.
_SIGN_IN = frozenset({"/login/", "/logout/", "/account/password/"})


@pytest.fixture
def paths(cast) -> list[str]:
    refer_to(cast)
    [things, *_] = furnish(Desk(cast), CORNER).things
    return [path for path in [*plain_paths(), *paths_of(things, ACTS)] if path not in SAMPLES]


def _client(cast, name: str) -> Client:
    client = cast.client(name)
    client.raise_request_exception = False
    return client


def _got(client: Client, path: str) -> HttpResponse:
    response = client.get(path)
    body_of(response)
    return response


# --- questions ----------------------------------------------------------------------------------------------------
RUBBISH = (
    "-1", "99999999999999999999", "1e400", "nan", "2026-02-30", "4438-01-01", "' OR 1=1 --<b>", "字" * 1500,
)  # fmt: skip
_INPUT = re.compile(r'<(?:input|select)[^>]* name="(\w+)"')


def _questions_of(client: Client, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Each list with each of its filters: of the API as its document says, of a page as its form has them."""
    documented = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    for path in paths:
        if path.startswith("/api/"):
            asked = documented.get(path, {}).get("get", {}).get("parameters", [])
            yield from ((path, row["name"]) for row in asked if row["in"] == "query")
        elif (answer := _got(client, path)).status_code == 200 and not answer.streaming:
            names = {*_INPUT.findall(answer.content.decode()), "page", "next", "town"} - {"csrfmiddlewaretoken"}
            yield from ((path, name) for name in sorted(names))


def test_no_list_breaks_on_a_filter_that_makes_no_sense(cast, paths):
    client = _client(cast, "county")
    plain = [path for path in paths if path in plain_paths()]
    asked = [
        f"{path}?{urlencode({name: rubbish})}"
        for path, name in {*_questions_of(client, plain), ("/login/", "next")}
        for rubbish in RUBBISH
    ]
    answers = {path: _got(client, path) for path in asked}
    assert [(path[:80], answer.status_code) for path, answer in answers.items() if answer.status_code >= 500] == []
    told = {path: answer.content.decode() for path, answer in answers.items() if answer.status_code in (400, 422)}
    assert told != {}
    assert {path[:80]: text for path, text in told.items() if not CHINESE.search(text)} == {}


@pytest.mark.parametrize("query", ["%00", "q=a%00b&page=2", "q=%ff%fe&grid=%ed%a0%80", "%"])
def test_bytes_that_are_no_text_are_turned_away_everywhere(cast, paths, query):
    client = _client(cast, "county")
    assert [path for path in paths if _got(client, f"{path}?{query}").status_code >= 500] == []


def test_an_address_with_a_nul_is_nowhere(cast):
    assert _client(cast, "county").get(f"/cases/{quote('WT-1' + chr(0))}/").status_code == 404


# --- bodies -------------------------------------------------------------------------------------------------------
JSON = "application/json"
BODIES = {
    "nothing": (JSON, b""),
    "half": (JSON, b'{"category": "A05"'),
    "a list": (JSON, b"[1, 2]"),
    "a number": (JSON, b"7"),
    "null": (JSON, b"null"),
    "not a number": (JSON, b'{"lon": NaN}'),
    "thousands of digits": (JSON, b'{"days": ' + b"9" * 9_000 + b"}"),
    "deep": (JSON, b"[" * 50_000 + b"]" * 50_000),
    "latin-1": (JSON, "é".encode("latin-1")),
    "half a pair": (JSON, b'{"opinion": "\\ud800"}'),
    "6 MB": (JSON, json.dumps({"opinion": "a" * (6 << 20)}).encode()),
    "xml": ("application/xml", b"<case/>"),
    "a form": ("application/x-www-form-urlencoded", b"category=A05"),
    "no type": ("", b"{}"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_no_door_of_the_api_breaks_on_a_body_that_is_none(cast, paths, kind):
    content_type, body = BODIES[kind]
    client, before = _client(cast, "town"), row_counts()
    doors = [path for path in paths if path.startswith("/api/")]
    told = {path: told_by(client.post(path, body, content_type=content_type)) for path in doors}
    assert {path: one.text for path, one in told.items() if not 400 <= one.status < 500} == {}
    assert {path: one.sentence for path, one in told.items() if not CHINESE.search(one.sentence)} == {}
    assert row_counts() == before


# Every name of a field that some form knows.
FIELDS = (
    "opinion", "reason", "basis", "measures", "cause", "feedback", "photos", "co_explanation", "lead", "co", "days",
    "override_reason", "grid", "target", "void_reason", "version", "kept", "category", "severity", "origin", "title",
    "description", "place", "source", "no_photo_reason", "client_id", "lon", "lat", "accuracy", "town", "name", "phone",
    "office_phone", "email", "username", "password", "current", "again", "address", "uscc", "coord_sys",
    "supervision_class", "location", "matters", "started_at", "ended_at", "note", "task", "answers", "next",
)  # fmt: skip
NOISE = {
    "十万字": "烟" * 100_000,
    "空字符": "甲\0乙",
    "控制字符": "甲\x1b[31m乙",
    "大数": "9" * 400,
    "不存在的值": "不存在的值",
}


@pytest.mark.parametrize("kind", NOISE)
@pytest.mark.parametrize("name", ["town", "admin"])
def test_no_form_breaks_on_noise_or_makes_anything_of_it(cast, paths, name, kind):
    client, before = _client(cast, name), _things()
    form = dict.fromkeys(FIELDS, NOISE[kind])
    statuses = {path: client.post(path, form).status_code for path in paths if path not in _SIGN_IN}
    assert [path for path, status in statuses.items() if status >= 500] == []
    assert _things() == before


def _things() -> list[int]:
    """What can be made of a form; an act on a case may take any words for its opinion."""
    return [model.objects.count() for model in (Case, Source, Patrol, Grid, User)]


@pytest.mark.parametrize("kind", NOISE)
def test_no_field_of_the_api_breaks_on_noise_or_makes_anything_of_it(cast, paths, kind):
    client, before, noise = _client(cast, "town"), _things(), NOISE[kind]
    bodies = [dict.fromkeys(FIELDS, shape) for shape in (noise, [noise], {noise: noise}, 7, None, True, [[]])]
    asked = [(path, body) for path in paths if path.startswith("/api/") for body in bodies]
    assert [path for path, body in asked if _status(client, path, body) >= 500] == []
    assert _things() == before


def _status(client: Client, path: str, body: dict[str, object]) -> int:
    """The status of the answer; an act that was done is taken back, so that the next body meets the same case."""
    with transaction.atomic():
        status = client.post(path, body, content_type=JSON).status_code
        transaction.set_rollback(status < 300)
    return status
