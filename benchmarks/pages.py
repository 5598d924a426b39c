"""The pages and the report: ours, the bare view and the floor in turns, with the statements of ours and of the bare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks import floor
from benchmarks.browser import Answer, Browser
from benchmarks.race import Times, race
from benchmarks.replay import Statement, recording
from benchmarks.reporting import BARE, OURS, Reporter
from cases.choices import State
from cases.models import Case
from grids.models import Grid, Post

# Session and person: the middleware of a bare view asks them itself.
_OF_MIDDLEWARE = ("django_session", "accounts_user")


@dataclass(frozen=True)
class Compared:
    """One page or report: what each took, how many statements ours and the bare one sent, KB of our answer."""

    name: str
    ours: Times
    bare: Times
    floor: Times | None
    statements: int
    bare_statements: int
    kilobytes: float
    goal: str

    @property
    def ratio(self) -> float:
        """Time of the processor, ours by the bare one's."""
        return self.ours.cpu_ms / self.bare.cpu_ms


def compared_pages(rounds: int) -> Iterator[Compared]:
    """List, case and tree as the county office sees them, and a case with a form as its town does."""
    county, town = Browser("scale_county"), Browser("scale_town")
    handled = Case.objects.filter(state=State.HANDLING).order_by("id")[0].number
    waiting = Case.objects.filter(state=State.TRIAGE, holder_grid=_place_of("scale_town")).order_by("id")[0].number
    for browser, name, label, path, bare_path in [
        (county, "list", "办件列表（50 行）", "/cases/", "/bare/cases/"),
        (county, "detail", "办件详情（办理中）", f"/cases/{handled}/", f"/bare/cases/{handled}/"),
        (town, "detail_with_form", "办件详情（带转办表单）", f"/cases/{waiting}/", f"/bare/form/{waiting}/"),
        (county, "tree", "网格树（635 个）", "/grids/", "/bare/tree/"),
    ]:
        floor.RECORDED[name] = _statements_of(browser, path)
        get = {"ours": path, "bare": bare_path, "floor": f"/floor/{name}/"}
        yield _compare(label, {key: partial(browser.get, url) for key, url in get.items()}, rounds, "≤ 1.5 ×")


def compared_recursetree(rounds: int) -> Compared:
    """What `recursetree` makes of the rows of the tree page, against the flat loop."""
    get = {"ours": "/bare/recursetree/", "bare": "/bare/tree/"}
    county = Browser("scale_county")
    runners = {key: partial(county.get, url) for key, url in get.items()}
    return _compare("recursetree（对照）", runners, rounds, "")


def _statements_of(browser: Browser, path: str) -> list[Statement]:
    browser.get(path)
    with recording() as asked:
        browser.get(path)
    return [one for one in asked if not _is_of_middleware(one)]


def _is_of_middleware(statement: Statement) -> bool:
    return statement.columns[0].partition(".")[0] in _OF_MIDDLEWARE and " JOIN " not in statement.sql


def compared_report(rounds: int) -> Compared:
    """One report in this process, without a server in between; `benchmarks.load` sends them through one."""
    reporter = Reporter.ready()

    def send(path: str) -> Answer:
        return reporter.browser.post(path, reporter.matter())

    runners = {"ours": partial(send, OURS), "bare": partial(send, BARE)}
    return _compare("上报（API）", runners, rounds, "≤ 1.43 ×")


def _place_of(username: str) -> Grid | None:
    return Post.objects.get(user__username=username).grid


def _compare(label: str, runners: Mapping[str, Callable[[], Answer]], rounds: int, goal: str) -> Compared:
    times = race(runners, rounds)
    with recording() as asked:
        answer = runners["ours"]()
    with recording() as bare_asked:
        runners["bare"]()
    return Compared(
        name=label,
        ours=times["ours"],
        bare=times["bare"],
        floor=times.get("floor"),
        statements=len(asked),
        bare_statements=len(bare_asked),
        kilobytes=len(answer.body) / 1024,
        goal=goal,
    )
