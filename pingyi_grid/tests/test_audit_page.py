"""The audit log is read and verified by the auditor, and by nobody else."""

import pytest

from conftest import NOW
from grids.scope import system_scope
from kernel import audit
from kernel.models import AuditEntry


@pytest.fixture
def acts(cast):
    for number in range(3):
        audit.record(verb="case.report", subject=f"case:{number}", by=cast.scope("member"), at=NOW)
    audit.record(verb="grid.rename", subject="grid:371326101", by=system_scope(NOW.date()), at=NOW)
    return cast


def test_the_auditor_sees_who_did_what(acts):
    page = acts.client("audit").get("/audit/").content.decode()
    assert page.count("case.report") == 3
    assert "甲一村网格员" in page


def test_a_word_narrows_the_log(acts):
    page = acts.client("audit").get("/audit/?q=grid.rename").content.decode()
    assert (page.count("grid.rename") > 0, page.count("case.report")) == (True, 0)
    assert "没有符合条件的记录" in acts.client("audit").get("/audit/?until=2020-01-01").content.decode()


def test_verifying_says_whether_the_chain_is_whole(acts):
    client = acts.client("audit")
    assert "审计链完整" in client.get("/audit/?verify=1").content.decode()
    AuditEntry.objects.filter(verb="grid.rename").update(subject="grid:371326102")
    page = client.get("/audit/?verify=1").content.decode()
    assert "审计链完整" not in page
    assert "共 1 处问题" in page


@pytest.mark.parametrize("name", ["admin", "county", "leader", "member", "stranger"])
def test_nobody_else_reads_it(acts, name):
    assert acts.client(name).get("/audit/").status_code == 403
    assert AuditEntry.objects.visible_to(acts.scope(name)).count() == 0
