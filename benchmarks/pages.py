"""The pages and the report: ours against the bare one, with the number of statements of each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks import bare
from benchmarks.browser import Answer, Browser
from benchmarks.race import race
from benchmarks.replay import Statement, recording
from cases.choices import State
from cases.models import Case, CaseCategory
from grids.models import Post

# Session and person: the middleware of a bare view asks them itself.
_OF_MIDDLEWARE = ("django_session", "accounts_user")


@dataclass(frozen=True)
class Compared:
    """One page: medians in milliseconds of the clock and of the processor, statements, and KB of the answer."""

    name: str
    ours_ms: float
    ours_cpu: float
    bare_ms: float
    bare_cpu: float
    statements: int
    kilobytes: float
    goal: str

    @property
    def ratio(self) -> float:
        """Time of the processor, ours by the bare one's."""
        return self.ours_cpu / self.bare_cpu


def compared_pages(rounds: int) -> Iterator[Compared]:
    """List, case and tree as the county office sees them, and a case with a form as its town does."""
    county, town = Browser("scale_county"), Browser("scale_town")
    handled = Case.objects.filter(state=State.HANDLING).order_by("id")[0]
    waiting = Case.objects.filter(state=State.TRIAGE, holder_grid=_place_of("scale_town")).order_by("id")[0]
    for browser, name, label, path in [
        (county, "list", "办件列表（50 行）", "/cases/"),
        (county, "detail", "办件详情（办理中）", f"/cases/{handled.number}/"),
        (town, "detail_with_form", "办件详情（带转办表单）", f"/cases/{waiting.number}/"),
    ]:
        yield _page(browser, name, label, path, f"/bare/pages/{name}/", rounds)
    yield _page(county, "tree", "网格树（635 个）", "/grids/", "/bare/tree/", rounds)


def compared_recursetree(rounds: int) -> Compared:
    """What `recursetree` makes of the rows of the tree page, against the flat loop. Call it after `compared_pages`."""
    county = Browser("scale_county")
    get = partial(county.get, "/bare/recursetree/")
    return _compare("recursetree（对照）", get, partial(county.get, "/bare/tree/"), rounds, "2–3 ×")


def _page(browser: Browser, name: str, label: str, path: str, bare_path: str, rounds: int) -> Compared:
    ours = partial(browser.get, path)
    ours()
    with recording() as asked:
        ours()
    bare.RECORDED[name] = [one for one in asked if not _is_of_middleware(one)]
    return _compare(label, ours, partial(browser.get, bare_path), rounds, "≤ 1.5 ×")


def _is_of_middleware(statement: Statement) -> bool:
    return statement.columns[0].partition(".")[0] in _OF_MIDDLEWARE and " JOIN " not in statement.sql


def compared_report(rounds: int) -> Compared:
    """A village member reports a matter with one announced photo."""
    member, grid = Browser("scale_member"), _place_of("scale_member")
    category = CaseCategory.objects.get(code="A05").code

    def send(path: str) -> Answer:
        photo = {"client_id": str(uuid.uuid4()), "sha256": "0" * 64}
        body = {
            "client_id": str(uuid.uuid4()),
            "grid": grid.code,
            "category": category,
            "severity": "ordinary",
            "title": "村东焚烧秸秆",
            "description": "村东地里有明火，烟往大路上飘。",
            "photos": [photo],
        }
        return member.post(path, body)

    return _compare(
        "上报（API）", partial(send, "/api/v1/cases/"), partial(send, "/bare/report/"), rounds, "≥ 0.7 × 次/秒"
    )


def _place_of(username: str):
    return Post.objects.get(user__username=username).grid


def _compare(
    label: str, ours: Callable[[], Answer], bare_one: Callable[[], Answer], rounds: int, goal: str
) -> Compared:
    bare_one()
    with recording() as asked:
        answer = ours()
    times = race({"ours": ours, "bare": bare_one}, rounds)
    return Compared(
        name=label,
        ours_ms=times["ours"].wall_ms,
        ours_cpu=times["ours"].cpu_ms,
        bare_ms=times["bare"].wall_ms,
        bare_cpu=times["bare"].cpu_ms,
        statements=len(asked),
        kilobytes=len(answer.body) / 1024,
        goal=goal,
    )
