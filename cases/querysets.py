"""The domain's questions about cases. `visible_to(scope)` first."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.permissions import Permission
from cases.choices import (
    ACTIVE_STATES,
    OPEN_STATES,
    SERIOUS_AND_ABOVE,
    Arrival,
    CardColour,
    PartRole,
    PartState,
    RequestState,
    State,
)
from grids.models import Grid
from grids.querysets import inside
from kernel.moments import end_of, start_of

if TYPE_CHECKING:
    from grids.scope import Holding, Scope

# Who has to act in a state: the permission that the acting post holds at the holder.
ACTING = {
    State.VERIFYING: Permission.CASE_VERIFY,
    State.TRIAGE: Permission.CASE_TRIAGE,
    State.SELF_HANDLING: Permission.CASE_TRIAGE,
    State.SELF_REVIEW: Permission.CASE_REVIEW,
    State.DISPATCHED: Permission.CASE_HANDLE,
    State.HANDLING: Permission.CASE_HANDLE,
    State.JOINT: Permission.CASE_HANDLE,
    State.CHECKING: Permission.CASE_CHECK,
}

# While a matter is in these a cooperating unit can answer.
_ANSWERED_IN = (State.DISPATCHED, State.HANDLING)


class CaseQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> CaseQuerySet:
        """Cases that lie in, are held in or were handled by one's places and departments, and one's own reports.

        A draft is seen by its reporter alone. Without a post nothing is seen, own reports included.
        """
        if scope.is_system:
            return self
        viewing = [holding for holding in scope.holdings if Permission.CASE_VIEW in holding.permissions]
        if not viewing:
            return self.none()
        reach = Q(reporter_id=scope.user_id)
        for holding in viewing:
            reach |= _reach_of(holding)
        return self.filter(reach).filter(~Q(state=State.DRAFT) | Q(reporter_id=scope.user_id))

    def open(self) -> CaseQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def active(self) -> CaseQuerySet:
        """On somebody's desk: open, without drafts and transferred ones."""
        return self.filter(state__in=ACTIVE_STATES)

    def overdue(self) -> CaseQuerySet:
        return self.active().filter(is_overdue=True)

    def due_before(self, moment: datetime) -> CaseQuerySet:
        return self.active().filter(due_at__lt=moment)

    def reported_between(self, first: date | None, last: date | None) -> CaseQuerySet:
        """Reported on the local days `first` to `last`, both included; None leaves that end open."""
        rows = self
        if first is not None:
            rows = rows.filter(reported_at__gte=start_of(first))
        return rows if last is None else rows.filter(reported_at__lt=end_of(last))

    def in_grid(self, code: str) -> CaseQuerySet:
        """Lying in the grid of `code` or below it; nothing when there is no such grid."""
        grid = Grid.objects.filter(code=code).first()
        return self.filter(grid__in=Grid.objects.under(grid).values("pk")) if grid else self.none()

    def waiting_for(self, scope: Scope) -> CaseQuerySet:
        """The to-do list: held by exactly one's own place or department, in a state where one's post acts."""
        return self.filter(_waiting_for(scope))

    def co_handled_by(self, scope: Scope) -> CaseQuerySet:
        """Where one's department or grid owes the answer of a cooperating unit."""
        from cases.models import Part

        mine = Part.objects.owed_by_cooperating(scope)
        return self.filter(state__in=_ANSWERED_IN, pk__in=mine.values("case_id"))

    def tasks_of(self, scope: Scope) -> CaseQuerySet:
        """The to-do list together with what one's unit owes as a cooperating one.

        Each with `co_due_at`, the limit of that answer (None where one handles the case oneself), and `task_due_at`,
        whichever of the two limits is this person's.
        """
        from cases.models import Part

        owed = Part.objects.owed_by_cooperating(scope).filter(case=models.OuterRef("pk"), case__state__in=_ANSWERED_IN)
        tasks = self.waiting_for(scope) | self.co_handled_by(scope)
        tasks = tasks.annotate(co_due_at=models.Subquery(owed.order_by("due_at").values("due_at")[:1]))
        return tasks.annotate(task_due_at=Coalesce("co_due_at", "due_at"))

    def with_request_for(self, scope: Scope) -> CaseQuerySet:
        """Where a request waits for the decision of a place of one's own, applied for by somebody else."""
        from cases.models import Request

        grids = decided_at(scope)
        waiting = Request.objects.filter(state=RequestState.PENDING, decider_grid_id__in=grids)
        return self.filter(pk__in=waiting.exclude(applicant_id=scope.user_id).values("case_id"))

    def climbed_to(self, scope: Scope) -> CaseQuerySet:
        """Of the to-do list, what came up from below: by a person or by itself."""
        return self.waiting_for(scope).filter(arrived_by__in=(Arrival.ESCALATED, Arrival.CLIMBED))

    def sent_on_by(self, scope: Scope) -> CaseQuerySet:
        """Still open, once sent up, down or out by this person, and no longer waiting for them."""
        from cases.models import Step

        sent = Step.objects.filter(by_id=scope.user_id, action__in=("report", "escalate", "refer", "send_down"))
        return self.active().filter(pk__in=sent.values("case_id")).exclude(_waiting_for(scope))

    def reported_by(self, user_id: int | None) -> CaseQuerySet:
        """One's own reports; nobody has reported what came in without a name."""
        return self.filter(reporter_id=user_id) if user_id else self.none()

    def for_list(self) -> CaseQuerySet:
        """With the category, the grid and the holder of each."""
        return self.select_related("category", "grid", "holder_grid", "holder_department")

    def for_rows(self) -> CaseQuerySet:
        """With all that a line of a page shows: the names of category, grid and holder, and the running clocks. Names
        alone, because whole rows of four other tables take as long again. One query more, whatever the rows.
        """
        holder = Coalesce(F("holder_grid__name"), F("holder_department__name"), models.Value(""))
        names = {"category_name": F("category__name"), "grid_name": F("grid__name"), "grid_path": F("grid__path")}
        return self.annotate(**names, holder_name=holder).with_running_clocks()

    def page_for_rows(self) -> CaseQuerySet:
        """The cases of this slice, in its order, `for_rows`. Two steps in one query: of all that has to be sorted only
        the keys are read. Joined at once, 7,000 cases of a town cost SQLite 160 ms, so 15 ms.
        """
        page = self.model._default_manager.filter(pk__in=self.values("pk"))
        return page.order_by(*self.query.order_by).for_rows()

    def with_running_clocks(self) -> CaseQuerySet:
        """Each case with `running_clocks`, without those of cooperating units. One query more, whatever the rows."""
        from cases.models import StageClock

        clocks = StageClock.objects.running().filter(part__isnull=True)
        return self.prefetch_related(models.Prefetch("clocks", clocks, to_attr="running_clocks"))

    def matching(self, text: str) -> CaseQuerySet:
        """Where the number, the title or the place holds `text`."""
        return self.filter(Q(number__icontains=text) | Q(title__icontains=text) | Q(place__icontains=text))

    def with_red_card_in(self, first: date, last: date) -> CaseQuerySet:
        """Where a red card, not withdrawn since, was issued on the local days `first` to `last`, both included."""
        from cases.models import Card

        issued = Card.objects.filter(colour=CardColour.RED, withdrawn_at__isnull=True, issued_at__gte=start_of(first))
        return self.filter(pk__in=issued.filter(issued_at__lt=end_of(last)).values("case_id"))

    def soonest_first(self) -> CaseQuerySet:
        """By due time; what has none comes last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "id")

    def most_pressing_first(self, at: datetime) -> CaseQuerySet:
        """Of tasks: late ones and red cards, then yellow cards, then the rest; each by this person's limit."""
        rank = models.Case(models.When(is_red(at), then=0), models.When(IS_YELLOW, then=1), default=2)
        return self.order_by(rank, F("task_due_at").asc(nulls_last=True), "id")

    def newest_first(self) -> CaseQuerySet:
        return self.order_by("-created_at", "-id")


# Of tasks: cards are against whoever handles the case, not against those who only owe an answer.
IS_YELLOW = Q(card=CardColour.YELLOW, co_due_at__isnull=True)


def is_red(at: datetime) -> Q:
    """Of tasks: with a red card, or with a limit that has passed, whether or not the sweep has seen it yet."""
    return Q(card=CardColour.RED, co_due_at__isnull=True) | Q(task_due_at__lt=at)


def decided_at(scope: Scope) -> frozenset[int]:
    """The grids where the person's own post decides requests."""
    return frozenset(
        holding.home_grid_id
        for holding in scope.holdings
        if holding.home_grid_id and Permission.CASE_DECIDE_REQUEST in holding.permissions
    )


def _reach_of(holding: Holding) -> Q:
    from cases.models import Part

    line = Q(line=holding.line) if holding.line else Q()
    if holding.department_id:
        parts = Part.objects.filter(department_id=holding.department_id).values("case_id")
        return line & (Q(holder_department_id=holding.department_id) | Q(pk__in=parts))
    # A case never leaves its county, nor do those who hold or handle it there: where it lies says everything.
    reach = inside(tuple(span for span in holding.spans if span.is_county), "grid")
    if holding.grid_ids:
        grids = holding.grid_ids
        parts = Part.objects.filter(grid__in=grids).order_by().values("case_id")
        reach |= Q(grid__in=grids) | Q(holder_grid__in=grids) | Q(pk__in=parts)
    return line & reach


def _waiting_for(scope: Scope) -> Q:
    condition = Q(pk__in=[])
    for holding in scope.holdings:
        condition |= _held_by(holding)
    return condition


def _held_by(holding: Holding) -> Q:
    states = [state for state, permission in ACTING.items() if permission in holding.permissions]
    condition = Q(state__in=states)
    if Permission.CASE_CLOSE in holding.permissions:
        condition |= Q(state=State.CLOSING) & ~Q(severity__in=SERIOUS_AND_ABOVE)
    if Permission.CASE_CLOSE_SERIOUS in holding.permissions:
        condition |= Q(state=State.CLOSING, severity__in=SERIOUS_AND_ABOVE)
    if holding.line:
        condition &= Q(line=holding.line)
    if holding.department_id:
        return condition & Q(holder_department_id=holding.department_id)
    return condition & Q(holder_grid_id=holding.home_grid_id) if holding.home_grid_id else Q(pk__in=[])


class PartQuerySet(models.QuerySet):
    def of(self, scope: Scope) -> PartQuerySet:
        """The parts of one's own department or grid."""
        return self.filter(Q(department_id__in=scope.department_ids) | Q(grid_id__in=scope.home_grid_ids))

    def owed_by_cooperating(self, scope: Scope) -> PartQuerySet:
        """The answers that one's own department or grid still owes as a cooperating unit."""
        return self.of(scope).filter(role=PartRole.CO, state__in=(PartState.SENT, PartState.SIGNED))


class ClockQuerySet(models.QuerySet):
    def running(self) -> ClockQuerySet:
        return self.filter(stopped_at__isnull=True)

    def ringing(self, at: datetime) -> ClockQuerySet:
        """Running, not paused, and something has to happen by `at`; earliest first."""
        return self.running().filter(paused_at__isnull=True, next_action_at__lte=at).order_by("next_action_at", "id")

    def counted_by_another_calendar(self, version: int) -> ClockQuerySet:
        """Running clocks whose due time follows from a rule and was counted by another version of the calendar."""
        return self.running().filter(paused_at__isnull=True, is_fixed=False).exclude(calendar_version=version)

    def after(self, last: tuple[datetime, int] | None) -> ClockQuerySet:
        """In the order of `ringing`, those that come after the moment and id of `last`."""
        if last is None:
            return self
        moment, pk = last
        return self.filter(Q(next_action_at__gt=moment) | Q(next_action_at=moment, pk__gt=pk))
