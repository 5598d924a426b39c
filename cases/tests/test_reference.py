"""The shipped reference data: whole, loaded once, never over what the county set."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.choices import Affiliation
from accounts.models import Department
from cases.choices import Severity, Stage
from cases.models import CaseCategory, Limit
from cases.services.reference import ReferenceLoaded, load_reference
from conftest import NOW, TODAY
from grids.scope import system_scope
from kernel.models import AuditEntry
from kernel.refusal import Refused

pytestmark = pytest.mark.django_db

ALL = ReferenceLoaded(departments=18, categories=42, limits=40)
NOTHING = ReferenceLoaded(departments=0, categories=0, limits=0)


def load() -> ReferenceLoaded:
    return load_reference(by=system_scope(TODAY), at=NOW)


def limit(stage: str, severity: str) -> tuple[int, str] | None:
    return Limit.objects.filter(stage=stage, severity=severity).values_list("amount", "unit").first()


def test_all_is_loaded_once():
    assert load() == ALL
    assert load() == NOTHING
    assert AuditEntry.objects.filter(verb="reference.load").count() == 1


def test_what_the_county_changed_stays():
    load()
    CaseCategory.objects.filter(code="A01").update(name="改过的名称")
    Limit.objects.filter(stage="S6", severity="ordinary").update(amount=3)
    Department.objects.filter(code="water").update(name="水务局")
    CaseCategory.objects.filter(code="A02").delete()
    assert load() == ReferenceLoaded(departments=0, categories=1, limits=0)
    assert CaseCategory.objects.get(code="A01").name == "改过的名称"
    assert limit("S6", "ordinary") == (3, "working_day")
    assert Department.objects.get(code="water").name == "水务局"


def test_lead_and_cooperating_units_follow_the_responsibility_table():
    load()
    livestock = CaseCategory.objects.get(code="W03")
    assert livestock.lead_department.code == "env"
    assert set(livestock.cooperating_departments.values_list("code", flat=True)) == {"livestock", "water"}
    assert livestock.town_cooperates
    straw = CaseCategory.objects.get(code="A05")
    assert straw.lead_department is None
    assert set(straw.cooperating_departments.values_list("code", flat=True)) == {
        "agriculture",
        "env",
        "police",
        "emergency",
    }


def test_what_may_be_handled_on_the_spot():
    load()
    allowed = CaseCategory.objects.filter(self_handling_allowed=True).values_list("code", flat=True)
    assert list(allowed) == ["A04", "A05", "A06", "W05", "N04", "S04", "S06"]


def test_every_category_says_when_to_file_and_when_to_close_and_that_the_county_has_to_confirm():
    load()
    for category in CaseCategory.objects.all():
        assert category.filing_condition.endswith("（待县确认）")
        assert category.closing_condition.endswith("（待县确认）")
        assert category.line == "poverty" or category.legal_basis


def test_articles_not_read_in_the_original_are_marked():
    load()
    unread = CaseCategory.objects.filter(basis_was_read=False).values_list("code", flat=True)
    assert list(unread) == ["W07", "E01", "E02", "F01", "F02"]


@pytest.mark.parametrize(
    ("stage", "limits"),
    [
        (Stage.TRIAGE, [(1, "working_day"), (4, "working_hour"), (2, "working_hour"), (30, "minute")]),
        (Stage.VERIFY, [(2, "working_day"), (1, "working_day"), (4, "working_hour"), (1, "hour")]),
        (Stage.SELF_HANDLE, [(3, "working_day"), None, None, None]),
        (Stage.SIGN, [(1, "working_day"), (4, "working_hour"), (2, "working_hour"), (10, "minute")]),
        (Stage.RETURN_WINDOW, [(2, "working_day"), (1, "working_day"), (4, "working_hour"), None]),
        (Stage.HANDLE, [(5, "working_day"), (10, "working_day"), (15, "working_day"), (5, "working_day")]),
        (Stage.CHECK, [(2, "working_day"), (2, "working_day"), (1, "working_day"), (4, "hour")]),
        (Stage.CLOSE, [(1, "working_day"), (1, "working_day"), (1, "working_day"), (4, "hour")]),
        (Stage.REWORK, [(5, "working_day"), (5, "working_day"), (10, "working_day"), (1, "working_day")]),
        (Stage.ARCHIVE, [(5, "working_day"), (5, "working_day"), (10, "working_day"), (10, "working_day")]),
    ],
)
def test_the_limits_of_a_stage_for_the_four_severities(stage, limits):
    load()
    assert [limit(stage, severity) for severity in Severity] == limits


def test_the_bureau_of_the_environment_is_a_vertical_agency():
    load()
    vertical = Department.objects.filter(affiliation=Affiliation.VERTICAL)
    assert [(row.code, row.name, row.former_name) for row in vertical] == [
        ("env", "市生态环境局平邑县分局", "县环境保护局")
    ]


def test_without_the_right_nothing_is_loaded(cast):
    with pytest.raises(Refused):
        load_reference(by=cast.scope("member"), at=NOW)
    assert CaseCategory.objects.count() == 0


def test_the_command_says_what_was_new():
    answer = StringIO()
    call_command("load_reference", "--json", stdout=answer)
    assert json.loads(answer.getvalue()) == {"departments": 18, "categories": 42, "limits": 40}
    answer = StringIO()
    call_command("load_reference", stdout=answer)
    assert answer.getvalue() == "新增部门 0 个、类别 0 个、时限 0 条。\n"
