"""Which limit holds for a stage of a case, from the table of limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate

from cases.choices import Stage
from cases.deadlines import pick_limit
from cases.models import Case, Limit
from kernel.choices import Unit
from kernel.clock import Term

# All that `pick_limit` looks at.
_COLUMNS = ("stage", "severity", "category_id", "amount", "unit", "source", "valid_from", "valid_to")


@dataclass(frozen=True)
class SourcedTerm:
    """An amount of time with the document that sets it."""

    term: Term
    source: str


def term_for(stage: Stage, case: Case, at: datetime) -> SourcedTerm | None:
    """The limit of `stage` for this case on the day of `at`; None when the table sets none. One query."""
    rows = Limit.objects.filter(stage=stage, severity=case.severity).order_by("id").values_list(*_COLUMNS, named=True)
    row = pick_limit(rows, stage, case.severity, case.category_id, localdate(at))
    return SourcedTerm(Term(row.amount, Unit(row.unit)), row.source) if row else None
