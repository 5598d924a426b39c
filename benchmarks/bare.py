"""The same work without the program: what Django alone needs for it, behind the same middleware.

A bare page asks the database the very statements that our page asked (recorded once, sent again through a cursor,
fetched; those of session and person are the middleware's own) and writes the same rows, with as many cells as our page
shows of each, by one loop of a template that has no layout, no component and no word of its own. It decides nothing,
translates no code, counts no time and knows no rights: a floor, not a rival.

The bare report is a view and a plain serializer of Django REST framework that writes the same rows through the ORM in
one transaction and answers with the new case. It reads what it cannot do without: the category, the grid, the next
number and the end of the audit chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Notice
from benchmarks.replay import Statement, replay
from cases.models import Case, CaseCategory, CasePhoto, StageClock, Step
from grids.models import Grid
from kernel.models import AuditEntry, AuditHead, Counter

# By the name of a page: the statements that ours asked. Filled by `benchmarks.pages`.
RECORDED: dict[str, list[Statement]] = {}

Columns = tuple[str, ...]

_ROW: Columns = (
    "cases_case.number",
    "cases_case.title",
    "cases_case.reported_at",
    "cases_case.state",
    "cases_casecategory.name",
    "cases_case.severity",
    "grids_grid.path",
    "cases_case.place",
    "T4.name",
    "accounts_department.name",
    "cases_case.stage",
    "cases_case.due_at",
)
_MATTER: Columns = (
    "cases_case.number",
    "cases_case.title",
    "cases_case.state",
    "cases_case.severity",
    "cases_case.description",
    "grids_grid.path",
    "cases_case.place",
    "cases_case.lon",
    "cases_case.lat",
    "cases_casecategory.pollution_type",
    "cases_casecategory.name",
    "cases_casecategory.legal_basis",
    "cases_case.origin",
    "accounts_user.name",
    "cases_case.reported_at",
    "cases_case.line",
    "cases_case.measures",
    "cases_case.cause",
    "cases_case.closed_at",
    "cases_case.archived_at",
)
_CLOCK: Columns = (
    "cases_stageclock.stage",
    "grids_grid.name",
    "accounts_department.name",
    "cases_stageclock.amount",
    "cases_stageclock.unit",
    "cases_stageclock.source",
    "cases_stageclock.started_at",
    "cases_stageclock.due_at",
)
_PART: Columns = (
    "cases_part.role",
    "grids_grid.name",
    "accounts_department.name",
    "cases_part.state",
    "cases_part.due_at",
    "cases_part.submitted_at",
    "cases_part.feedback",
    "cases_referralsheet.number",
)
_SHEET: Columns = (
    "cases_referralsheet.number",
    "grids_grid.name",
    "accounts_user.name",
    "cases_referralsheet.issued_at",
    "cases_referralsheet.amount",
    "cases_referralsheet.unit",
    "cases_referralsheet.override_reason",
)
_STEP: Columns = (
    "cases_step.at",
    "cases_step.by_name",
    "cases_step.by_title",
    "cases_step.action",
    "cases_step.label",
    "cases_step.from_holder",
    "cases_step.to_holder",
    "cases_step.opinion",
)
_PERSON: Columns = ("accounts_user.name", "accounts_user.phone", "grids_post.role")
_UNIT: Columns = ("accounts_department.code", "accounts_department.name")

# By the name of a page: what it shows of which statements. Each takes the first that asked for all its columns.
_SHOWN: dict[str, Sequence[Columns]] = {
    "list": [_ROW],
    "detail": [_MATTER, _CLOCK, _PART, _SHEET, _STEP, _PERSON],
    "detail_with_form": [_MATTER, _CLOCK, _PART, _SHEET, _STEP, _PERSON, _UNIT],
}
_GRID: Columns = ("grids_grid.id", "grids_grid.code", "grids_grid.name")


@login_required
def page(request: HttpRequest, name: str) -> HttpResponse:
    statements = RECORDED[name]
    answers = replay(statements)
    tables = [_rows(statements, answers, columns) for columns in _SHOWN[name]]
    return render(request, "bare/tables.html", {"tables": tables})


@login_required
def tree(request: HttpRequest) -> HttpResponse:
    statements = RECORDED["tree"]
    answers = replay(statements)
    people = _people(statements, answers)
    lines = [(code, name, people.get(key, "")) for key, code, name in _rows(statements, answers, _GRID)]
    return render(request, "bare/tree.html", {"lines": lines})


@login_required
def recursetree(request: HttpRequest) -> HttpResponse:
    """The tree as the documentation of mptt draws one, with the names of the people beside it."""
    statements = RECORDED["tree"]
    people = _people(statements, replay(statements))
    grids = list(Grid.objects.visible_to(request.scope).in_order())  # type: ignore[attr-defined]
    grids.sort(key=lambda grid: grid.rank_id)
    for grid in grids:
        grid.people = people.get(grid.pk, "")
    return render(request, "bare/recursetree.html", {"grids": grids})


def _rows(statements: Sequence[Statement], answers: Sequence[list[tuple]], columns: Columns) -> list[tuple]:
    for statement, rows in zip(statements, answers, strict=True):
        asked = statement.columns
        if all(column in asked for column in columns):
            places = [asked.index(column) for column in columns]
            return [tuple(row[place] for place in places) for row in rows]
    raise LookupError(f"no statement asks for {columns}")


def _people(statements: Sequence[Statement], answers: Sequence[list[tuple]]) -> dict[int, str]:
    rows = next(rows for one, rows in zip(statements, answers, strict=True) if one.columns[0] == "grids_post.grid_id")
    return {grid: name for grid, _role, name in rows}


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
    due_at = at + timedelta(days=1)
    StageClock.objects.create(
        case=case, stage="S1", grid=grid, amount=1, unit="working_day", source="", started_at=at, due_at=due_at
    )
    Case.objects.filter(pk=case.pk).update(state="triage", reported_at=at, stage="S1", due_at=due_at)
    step = Step.objects.create(case=case, at=at, by=user, by_name=user.name, action="report", to_state="triage")
    CasePhoto.objects.bulk_create(CasePhoto(case=case, step=step, **photo) for photo in values["photos"])
    Notice.objects.bulk_create(Notice(recipient=user, subject=case.title, created_at=at) for _ in range(2))
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


def nothing(_request: HttpRequest) -> HttpResponse:
    """What a request costs before any view: the middleware alone."""
    return HttpResponse("")
