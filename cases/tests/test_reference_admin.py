"""Categories and limits are changed by those who may, through the services, with a trace."""

import pytest

from cases.models import Limit
from kernel.models import AuditEntry


@pytest.fixture
def limit(reference):
    return Limit.objects.get(stage="S6", severity="ordinary")


def form(limit: Limit, **values) -> dict:
    return {
        "stage": limit.stage,
        "severity": limit.severity,
        "category": "",
        "amount": limit.amount,
        "unit": limit.unit,
        "source": limit.source,
        "valid_from": limit.valid_from.isoformat(),
        "valid_to": "",
        **values,
    }


@pytest.mark.parametrize("name", ["county", "admin"])
def test_a_limit_is_changed_by_the_county_office_and_the_administrator(cast, limit, name):
    path = f"/admin/cases/limit/{limit.pk}/change/"
    answer = cast.client(name).post(path, form(limit, amount=7, source="县政府通知"))
    assert answer.status_code == 302
    limit.refresh_from_db()
    assert (limit.amount, limit.source) == (7, "县政府通知")
    entry = AuditEntry.objects.get(verb="limit.change")
    assert entry.details["changed"] == ["amount", "source"]


@pytest.mark.parametrize("name", ["town", "member", "leader", "audit"])
def test_nobody_else_enters(cast, limit, name):
    path = f"/admin/cases/limit/{limit.pk}/change/"
    assert cast.client(name).get(path).status_code in (302, 403)
    cast.client(name).post(path, form(limit, amount=7))
    limit.refresh_from_db()
    assert limit.amount == 5


def test_a_term_that_ends_before_it_starts_is_refused_in_chinese(cast, limit):
    path = f"/admin/cases/limit/{limit.pk}/change/"
    answer = cast.client("county").post(path, form(limit, valid_to="2019-01-01"))
    assert "失效日期须晚于生效日期" in answer.content.decode()


def test_the_county_office_sees_what_it_keeps_and_no_more(cast, reference):
    page = cast.client("county").get("/admin/").content.decode()
    assert ("问题类别" in page, "时限" in page, "节假日与调休" in page) == (True, True, True)
    assert "/admin/accounts/department/" not in page
