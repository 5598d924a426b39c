"""Every address as every role: it answers, in Chinese, from this host alone, and lets no visitor in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from cases.tests.conftest import Desk, refer_to
from conftest import NOW, VILLAGE, Cast
from tests.addresses import SAMPLES, paths_of, plain_paths, reference_paths
from tests.doors import body_of
from tests.furnishing import Corner, furnish
from tests.pages import Page

CORNER = Corner(VILLAGE, "member", "area", "town", "仲村")
# Open to a visitor: the way in, and what says how the program is and how its API is used.
OPEN = SAMPLES - {"/gallery/", "/gallery/field/"} | {"/login/", "/logout/"}
ACTS = ("escalate", "refer", "sign", "close")


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def paths(cast) -> list[str]:
    """Every address, filled in with what is there at 仲村甲一村."""
    refer_to(cast)
    cast.users["postless"] = User.objects.create(username="postless", name="未任职")
    made = furnish(Desk(cast), CORNER)
    objects = [path for things in made.things for path in paths_of(things, ACTS)]
    return list(dict.fromkeys([*plain_paths(), *reference_paths(), *objects]))


def is_of_api(path: str) -> bool:
    return path.startswith("/api/")


def patient(client: Client) -> Client:
    """A client to which a bug is a page of its own, not the end of the test."""
    client.raise_request_exception = False
    return client


def test_a_page_from_another_host_and_in_english_is_seen():
    page = Page('<a href="/x" title="Search">查</a><script src="//cdn.net/a.js">let x</script><p>Loading 中</p>')
    assert (page.foreign_addresses, page.links) == (["//cdn.net/a.js"], ["/x"])
    assert page.latin_words == {"Loading", "Search"}


# --- everybody everywhere -----------------------------------------------------------------------------------------
# Those who see different things of the program, and one who sees nothing.
ROLES = ("admin", "audit", "county", "leader", "assessor", "clerk", "water", "town", "member", "sponsor", "postless")
# What is no English: units, names of coordinate systems and formats, the first letters of numbers.
ALLOWED = frozenset({"API", "BD", "CGCS", "GCJ", "ID", "MB", "WGS", "WT"})
# Django's own lists of reference data: names of icons, which cannot be translated, and of keys.
_OF_DJANGO = frozenset({"Search", "True", "False", "Control", "Command", "Mac"})
# It names the icons as templates do, for those who write templates.
_FOR_BUILDERS = "/gallery/"


def test_no_address_breaks_for_anybody(cast, paths):
    broken = set()
    # Whether all is well is another question: here no timetable runs.
    asked = [(path, method) for path in paths if path != "/healthz" for method in ("get", "post")]
    for name in _one_of_each_role(cast):
        client = patient(cast.client(name))
        broken |= {f"{name} {method} {path}" for path, method in asked if _status(client, method, path) >= 500}
    assert broken == set()


def _one_of_each_role(cast: Cast) -> list[str]:
    return list({cast.scope(name).roles: name for name in cast.users}.values())


def _status(client: Client, method: str, path: str) -> int:
    """The status of the answer; what was done is taken back, so that the next one finds the same."""
    with transaction.atomic():
        response = getattr(client, method)(path)
        body_of(response)
        transaction.set_rollback(True)
    return response.status_code


@pytest.mark.parametrize("name", ROLES)
def test_pages_are_in_chinese_guarded_and_from_this_host_and_their_links_lead_somewhere(cast, paths, name):
    client = patient(cast.client(name))
    pages = dict(_pages(client, paths))
    read = {path: Page(response.content.decode()) for path, response in pages.items()}
    known = ALLOWED | _OF_DJANGO | {*cast.users, *cast.departments}
    english = {path: page.latin_words - known for path, page in read.items() if path != _FOR_BUILDERS}
    assert {path: words for path, words in english.items() if words} == {}
    assert {path: found for path, page in read.items() if (found := page.foreign_addresses)} == {}
    assert [path for path, response in pages.items() if not _is_guarded(response)] == []
    links = {urlsplit(urljoin(path, link)).path: path for path, page in read.items() for link in page.links}
    assert {link: path for link, path in links.items() if not _leads_somewhere(client, link)} == {}


def _pages(client: Client, paths: list[str]) -> Iterator[tuple[str, HttpResponse]]:
    for path in paths:
        if is_of_api(path) and path not in SAMPLES:
            continue
        response = client.get(path)
        if response.get("Content-Type", "").startswith("text/html"):
            yield path, response
        body_of(response)


def _is_guarded(response: HttpResponse) -> bool:
    policy = response.get("Content-Security-Policy", "")
    return all(rule in policy for rule in ("default-src 'self'", "script-src 'self'", "style-src 'self'"))


def _leads_somewhere(client: Client, path: str) -> bool:
    if path.startswith("/static/"):
        return finders.find(path.removeprefix("/static/")) is not None
    response = client.get(path)
    body_of(response)
    return response.status_code < 400


def test_a_visitor_is_sent_to_sign_in_and_a_program_is_told_so(paths, client):
    let_in = {}
    for path in paths:
        if path in OPEN:
            continue
        answer = client.get(path, follow=not is_of_api(path))
        ended_at = answer.request["PATH_INFO"]
        if answer.status_code != 401 if is_of_api(path) else ended_at != "/login/":
            let_in[path] = f"{answer.status_code} {ended_at}"
    assert let_in == {}
