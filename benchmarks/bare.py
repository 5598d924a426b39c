"""The same work as a bare Django view does it: the same rows, read by the ORM in the same statements, in a minimal
template behind the same middleware.

A bare page reads what our page reads (statement by statement, the lists for its filters and forms included) and writes
the same rows with as many cells of each by one loop of a template that has no layout, no component and no word of its
own. It decides nothing, translates no code, counts no time and offers no act.

The bare report is a view and a plain serializer of Django REST framework that writes the same rows through the ORM in
one transaction and answers with the new case. It reads only what those rows are made of: the category, the grid, who
answers there (they get the notices), the limit (the clock keeps it), the next number and the end of the audit chain.
It asks neither who may report here nor whether this was sent before, counts no working hours, offers no acts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.timezone import localdate
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Department, Notice
from cases.models import Case, CaseCategory, CasePhoto, Limit, StageClock, Step
from grids.models import Boundary, Grid, GridLevel, Post
from kernel.calendar import current_calendar
from kernel.models import AuditEntry, AuditHead, Counter

_RELATED = ("category", "grid", "holder_grid", "holder_department", "dispatch_grid", "reporter", "source")


@login_required
def case_list(request: HttpRequest) -> HttpResponse:
    scope = request.scope  # type: ignore[attr-defined]
    seen = Case.objects.visible_to(scope)
    values = {
        "categories": CaseCategory.objects.values_list("code", "name"),
        "grids": Grid.objects.visible_to(scope).filter(rank__lte=2).in_order(),
        "counts": seen.order_by().values_list("state").annotate(count=Count("pk")),
        "cases": seen.newest_first()[:50].page_for_rows(),
        "unread": _unread(request),
        "calendar": current_calendar().version,
    }
    return render(request, "bare/case_list.html", values)


@login_required
def case_detail(request: HttpRequest, number: str) -> HttpResponse:
    case, values = _whole(request, number)
    return render(request, "bare/case_detail.html", {"case": case, **values})


@login_required
def case_with_form(request: HttpRequest, number: str) -> HttpResponse:
    """With the rows that a referral can be sent to."""
    case, values = _whole(request, number)
    below = Grid.objects.under(case.holder_grid)
    values |= {
        "grids": below.in_order(),
        "above": Grid.objects.above(case.holder_grid),
        "lead": Department.objects.filter(pk=case.category.lead_department_id).first(),
        "units": case.category.cooperating_departments.all(),
        "parent": Grid.objects.filter(pk=case.holder_grid.parent_id).first(),
        "children": below.filter(parent=case.holder_grid).in_order(),
        "limits": Limit.objects.filter(stage="S6", severity=case.severity),
    }
    return render(request, "bare/case_detail.html", {"case": case, **values})


def _whole(request: HttpRequest, number: str) -> tuple[Case, dict[str, Any]]:
    scope = request.scope  # type: ignore[attr-defined]
    seen = Case.objects.visible_to(scope)
    case = get_object_or_404(seen.select_related(*_RELATED), number=number)
    holder = case.holder_grid or case.grid
    return case, {
        "clocks": case.clocks.select_related("grid", "department"),
        "parts": case.parts.select_related("grid", "department", "sheet", "submitted_by").order_by("-role", "id"),
        "sheets": case.sheets.select_related("dispatch_grid", "issued_by"),
        "requests": case.requests.select_related("applicant", "decider_grid", "decided_by"),
        "cards": case.cards.select_related("grid", "department").order_by("issued_at", "id"),
        "steps": case.steps.all(),
        "photos": case.photos.all(),
        "limits": Limit.objects.filter(stage="S5", severity=case.severity),
        "merged": seen.filter(merged_into=case).order_by("id"),
        "posts": Post.objects.filter(grid=holder).select_related("user"),
        "outlines": Boundary.objects.visible_to(scope).filter(grid=case.grid).select_related("grid"),
        "unread": _unread(request),
        "calendar": current_calendar().version,
    }


@login_required
def tree(request: HttpRequest) -> HttpResponse:
    return _tree(request, "bare/tree.html", _grids(request))


@login_required
def recursetree(request: HttpRequest) -> HttpResponse:
    """The tree as the documentation of mptt draws one, with the names of the people beside it."""
    return _tree(request, "bare/recursetree.html", sorted(_grids(request), key=lambda grid: grid.rank_id))


def _grids(request: HttpRequest) -> list[Grid]:
    scope = request.scope  # type: ignore[attr-defined]
    grids = list(Grid.objects.visible_to(scope).active_on(scope.day).in_order())
    posts = Post.objects.visible_to(scope).held_on(scope.day)
    people = dict(posts.order_by("starts_on", "id").values_list("grid_id", "user__name"))
    for grid in grids:
        grid.people = people.get(grid.pk, "")
    return grids


def _tree(request: HttpRequest, template: str, grids: list[Grid]) -> HttpResponse:
    return render(request, template, {"grids": grids, "levels": GridLevel.objects.all(), "unread": _unread(request)})


def _unread(request: HttpRequest) -> int:
    return Notice.objects.filter(recipient=request.user.pk, read_at=None).count()


# --- the report -------------------------------------------------------------------------------------------------------
class PhotoBody(serializers.Serializer):
    client_id = serializers.UUIDField()
    sha256 = serializers.CharField(max_length=64)


class Body(serializers.Serializer):
    client_id = serializers.UUIDField()
    grid = serializers.CharField(max_length=20)
    category = serializers.CharField(max_length=10)
    severity = serializers.CharField(max_length=10)
    title = serializers.CharField(max_length=60)
    description = serializers.CharField(max_length=2000)
    photos = PhotoBody(many=True)


class CaseBody(serializers.ModelSerializer):
    class Meta:
        model = Case
        fields = ("number", "client_id", "title", "description", "severity", "state", "place", "due_at", "created_at")


class Report(APIView):
    def post(self, request: Request) -> Response:
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            case = _write(body.validated_data, request.user)
        return Response(CaseBody(case).data, status=201)


def _write(values: dict[str, Any], user: Any) -> Case:
    """The rows that our report leaves behind: case, clock, step, photos, notice, number and audit."""
    at = timezone.now()
    grid = Grid.objects.get(code=values["grid"])
    case = Case.objects.create(
        number=f"BARE-{_next_number()}",
        client_id=values["client_id"],
        category=CaseCategory.objects.get(code=values["category"]),
        severity=values["severity"],
        title=values["title"],
        description=values["description"],
        grid=grid,
        state="draft",
        holder_grid=grid,
        reporter=user,
        created_at=at,
    )
    limit = Limit.objects.filter(stage="S1", severity=case.severity, category=None)[0]
    due_at = at + timedelta(days=limit.amount)
    StageClock.objects.create(
        case=case,
        stage="S1",
        grid=grid,
        amount=limit.amount,
        unit=limit.unit,
        source=limit.source,
        started_at=at,
        due_at=due_at,
        next_action_at=due_at,
    )
    Case.objects.filter(pk=case.pk).update(state="triage", reported_at=at, stage="S1", due_at=due_at)
    step = Step.objects.create(case=case, at=at, by=user, by_name=user.name, action="report", to_state="triage")
    CasePhoto.objects.bulk_create(CasePhoto(case=case, step=step, **photo) for photo in values["photos"])
    posts = Post.objects.filter(grid=grid).held_on(localdate(at)).select_related("user")
    Notice.objects.bulk_create(Notice(recipient=post.user, subject=case.title, created_at=at) for post in posts)
    _note(case, user, at)
    return case


def _next_number() -> int:
    counter = Counter.objects.filter(series="bare", period="")
    if not counter.update(value=F("value") + 1):
        Counter.objects.create(series="bare", period="")
    return counter.get().value


def _note(case: Case, user: Any, at: Any) -> None:
    head = AuditHead.objects.select_for_update().get(pk=1)
    sequence, digest = head.sequence + 1, f"{head.sequence:064d}"
    AuditEntry.objects.create(
        sequence=sequence, at=at, actor_id=user.pk, verb="case.report", subject=case.number, hash=digest
    )
    AuditHead.objects.filter(pk=1).update(sequence=sequence, hash=digest)
