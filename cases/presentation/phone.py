"""What the phone shows of cases: tasks, one's own reports, and what became of a report just sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch

from accounts.models import User
from cases.boxes import REQUESTS
from cases.forms.acting import Attempt
from cases.models import Case, Part, StageClock, Step
from cases.presentation.actions import ActionRow
from cases.presentation.faces import face_of
from cases.presentation.flow import flow_of, now_words
from cases.presentation.lists import CountedPaginator
from cases.presentation.rows import CaseRow, rows_of
from cases.presentation.words import STATES, flags_of, minute
from cases.querysets import IS_YELLOW, CaseQuerySet, is_red
from cases.services.dossier import people_to_call
from cases.services.facts import holder_of
from grids.scope import Scope
from kernel.calendar import current_calendar
from kernel.display import Badge, Stage, Tone

ROWS_A_PAGE = 20
# What waits for a decision is read at a desk; the phone shows that it is there.
_MOST_REQUESTS = 5
_CO = Badge("协办", Tone.ACTIVE, "people")


@dataclass(frozen=True)
class TaskList:
    """What waits for one person: how much of it is pressing, one page of it, and requests for their decision."""

    count: int
    red: int
    yellow: int
    page: Page
    rows: list[CaseRow]
    requests: list[CaseRow]

    @property
    def summary(self) -> str:
        """As `12 件待办，其中红牌或超期 2 件、黄牌 1 件`."""
        pressing = [f"{word} {count} 件" for word, count in (("红牌或超期", self.red), ("黄牌", self.yellow)) if count]
        return f"{self.count} 件待办" + (f"，其中{'、'.join(pressing)}" if pressing else "")


def tasks_of(cases: CaseQuerySet, by: Scope, at: datetime, page: str | None) -> TaskList:
    """Of the visible `cases`, those that wait for `by`: red first, then yellow, then by due time."""
    tasks = cases.tasks_of(by)
    counts = tasks.aggregate(
        count=Count("pk"), red=Count("pk", filter=is_red(at)), yellow=Count("pk", filter=IS_YELLOW & ~is_red(at))
    )
    shown = tasks.most_pressing_first(at).for_rows()
    found = CountedPaginator(shown, counts["count"], ROWS_A_PAGE).get_page(page)
    return TaskList(**counts, page=found, rows=_task_rows(found.object_list, by, at), requests=_requests(cases, by, at))


def _task_rows(cases: Iterable[Case], by: Scope, at: datetime) -> list[CaseRow]:
    """Rows with the limit of this person: a cooperating unit sees that of its own answer."""
    tasks = list(cases)
    owed = [case.pk for case in tasks if case.co_due_at]  # type: ignore[attr-defined]
    mine = StageClock.objects.running().filter(part__in=Part.objects.owed_by_cooperating(by), case__in=owed)
    clocks = {clock.case_id: clock for clock in mine}
    calendar = current_calendar()
    rows = (replace(row, grid=case.grid_name) for case, row in zip(tasks, rows_of(tasks, at), strict=True))
    return [
        replace(row, clock=face_of(clocks[case.pk], at, calendar), stage="协办反馈", flags=(_CO,))
        if case.pk in clocks
        else row
        for case, row in zip(tasks, rows, strict=True)
    ]


def _requests(cases: CaseQuerySet, by: Scope, at: datetime) -> list[CaseRow]:
    if not REQUESTS.is_for(by):
        return []
    waiting = REQUESTS.pick(cases, by).soonest_first().for_rows()
    return rows_of(waiting[:_MOST_REQUESTS], at)


@dataclass(frozen=True)
class ReportRow:
    """One of one's own reports: where it is on its way, and what happened to it last."""

    number: str
    title: str
    state: Badge
    flags: tuple[Badge, ...]
    reported: str
    flow: list[Stage]
    now: str
    last: str


def reports_of(cases: CaseQuerySet, by: Scope, page: str | None) -> tuple[Page, list[ReportRow]]:
    """One page of what `by` reported, newest first. Three queries whatever the rows and however long their history."""
    mine = cases.reported_by(by.user_id).newest_first().for_list()
    told = Prefetch("steps", Step.objects.defer("facts"), to_attr="told_steps")
    found = Paginator(mine.prefetch_related(told), ROWS_A_PAGE).get_page(page)
    return found, [_report(case, by) for case in found.object_list]


def _report(case: Case, by: Scope) -> ReportRow:
    steps: list[Step] = case.told_steps  # type: ignore[attr-defined]
    flow = flow_of(case, steps)
    return ReportRow(
        number=case.number,
        title=case.title,
        state=STATES[case.state],
        flags=flags_of(case),
        reported=minute(case.reported_at),
        flow=flow,
        now=now_words(flow),
        last=sentence_of(steps[-1], by) if steps else "",
    )


def sentence_of(step: Step, by: Scope) -> str:
    """A step in one sentence, as `11-24 09:12 水利局张三签收：请尽快` - without the name for a masked reader."""
    who = step.by_title or step.by_name if by.is_masked else f"{step.by_title} {step.by_name}".strip()
    act = step.label if step.is_automatic else f"{who} {step.label}"
    moved = f"，到{step.to_holder}" if step.to_holder and step.to_holder != step.from_holder else ""
    said = f"：{step.opinion}" if step.opinion else ""
    return f"{minute(step.at)[5:]} {act}{moved}{said}"


def words_without_form(actions: Iterable[ActionRow], attempt: Attempt | None) -> list[str]:
    """What was typed for an act that can no longer be done, so that it has no form to come back in."""
    if attempt is None or any(row.is_open and row.form for row in actions):
        return []
    return [text for name, text in attempt.sent.items() if name not in _NOT_TYPED and text]


_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "version", "kept"})


@dataclass(frozen=True)
class Receipt:
    """What the person who reported takes away: the number, who has it now, whom else to call, until when."""

    case: Case
    row: CaseRow
    holder: str
    people: list[User]
    photos: int


def receipt_of(case: Case, by: Scope, at: datetime) -> Receipt:
    row = rows_of([case], at)[0]
    unit = holder_of(case)
    others = [person for person in people_to_call(unit, by, at) if person.pk != by.user_id]
    return Receipt(case, row, unit.name if unit else "", others, case.photos.count())
