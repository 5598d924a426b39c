"""Reference data as shipped: departments, categories with their responsibilities, limits. Sources: docs/sources.md."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

import accounts
from accounts.models import Department
from accounts.permissions import Permission
from accounts.services import save_department
from cases.models import CaseCategory, Limit
from grids.scope import Scope
from kernel import audit
from kernel.refusal import Refused

_HERE = Path(__file__).resolve().parent.parent / "data"
_DEPARTMENTS = Path(accounts.__file__).resolve().parent / "data" / "departments.csv"

# The year of the county's grid system: cases of earlier days are not expected.
VALID_FROM = date(2017, 1, 1)
# Conditions of filing and closing are our own wording in the manner of CJJ/T 106; a county has to confirm them.
UNCONFIRMED = "（待县确认）"


@dataclass(frozen=True)
class ReferenceLoaded:
    """How many rows were new; all zero when everything was there."""

    departments: int
    categories: int
    limits: int


@transaction.atomic
def load_reference(*, by: Scope, at: datetime) -> ReferenceLoaded:
    """Create the shipped departments, categories and limits that are missing; what is there stays as the county has it.

    A department and a category are known by their code, a limit by stage and severity: where the county has set any
    limit for all categories of a stage and severity, none is added. Refused without the right to edit categories.
    """
    _require_edit(by)
    loaded = ReferenceLoaded(
        departments=_load_departments(by, at), categories=_load_categories(), limits=_load_limits()
    )
    if loaded.categories or loaded.limits:
        audit.record(verb="reference.load", subject="reference", by=by, at=at, details=asdict(loaded))
    return loaded


@transaction.atomic
def save_category(*, category: CaseCategory, changed: Sequence[str], by: Scope, at: datetime) -> CaseCategory:
    """Store a new or changed category; `changed` names the fields, for the audit chain."""
    _require_edit(by)
    verb = "category.change" if category.pk else "category.create"
    category.save()
    details = {"name": category.name, "changed": list(changed)}
    audit.record(verb=verb, subject=f"category:{category.code}", by=by, at=at, details=details)
    return category


@transaction.atomic
def save_limit(*, limit: Limit, changed: Sequence[str], by: Scope, at: datetime) -> Limit:
    """Store a new or changed limit. Clocks that run keep the limit by which they started."""
    _require_edit(by)
    verb = "limit.change" if limit.pk else "limit.create"
    limit.save()
    details = {"limit": str(limit), "changed": list(changed)}
    audit.record(verb=verb, subject=f"limit:{limit.pk}", by=by, at=at, details=details)
    return limit


def _require_edit(by: Scope) -> None:
    if not by.has(Permission.CATEGORY_EDIT):
        raise Refused("只有县网格办和系统管理员可以维护基础资料。", code="not_permitted")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Position (10, 20, …) and columns of each row."""
    with path.open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file), start=1):
            yield position * 10, row


def _load_departments(by: Scope, at: datetime) -> int:
    known = set(Department.objects.values_list("code", flat=True))
    new = [Department(position=position, **row) for position, row in _rows(_DEPARTMENTS) if row["code"] not in known]
    for department in new:
        save_department(department=department, by=by, at=at)
    return len(new)


def _load_categories() -> int:
    known = set(CaseCategory.objects.values_list("code", flat=True))
    departments = {row.code: row for row in Department.objects.all()}
    new = [(position, row) for position, row in _rows(_HERE / "categories.csv") if row["code"] not in known]
    for position, row in new:
        category = CaseCategory.objects.create(
            code=row["code"],
            name=row["name"],
            pollution_type=row["pollution_type"],
            line=row["line"],
            filing_condition=row["filing_condition"] + UNCONFIRMED,
            closing_condition=row["closing_condition"] + UNCONFIRMED,
            self_handling_allowed=row["self_handling_allowed"] == "Y",
            lead_department=departments[row["lead"]] if row["lead"] else None,
            town_cooperates=row["town_cooperates"] == "Y",
            legal_basis=row["legal_basis"],
            basis_was_read=row["basis_was_read"] == "Y",
            valid_from=VALID_FROM,
            position=position,
        )
        category.cooperating_departments.set(departments[code] for code in row["cooperating"].split(";") if code)
    return len(new)


def _load_limits() -> int:
    set_by_county = set(Limit.objects.filter(category__isnull=True).values_list("stage", "severity"))
    new = [
        Limit(valid_from=VALID_FROM, **row)
        for _position, row in _rows(_HERE / "limits.csv")
        if (row["stage"], row["severity"]) not in set_by_county
    ]
    Limit.objects.bulk_create(new)
    return len(new)
