"""The least that a page can cost: its statements without the ORM.

A page of the floor asks the database the very statements that our page asked (recorded once, sent again through a
cursor, fetched as the driver gives them; those of session and person are the middleware's own) and writes the same
rows, with as many cells as our page shows of each, by one loop of a template. No object is made, no query composed.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from benchmarks.replay import Statement, replay

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
    "COALESCE(again.name",
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
    return render(request, "floor/tables.html", {"tables": tables})


@login_required
def tree(request: HttpRequest) -> HttpResponse:
    statements = RECORDED["tree"]
    answers = replay(statements)
    people = _people(statements, answers)
    lines = [(code, name, people.get(key, "")) for key, code, name in _rows(statements, answers, _GRID)]
    return render(request, "floor/tree.html", {"lines": lines})


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
