"""May this happen? Pure functions over the facts of a case and the scope of a person.

Each `who_…` answers whether somebody's post is among those who may ever do it; each guard gives the Chinese reason
why not now, or None. Nothing here queries, reads the clock or knows HTTP. Source: the transitions of the case workflow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Department
from accounts.permissions import Permission as P
from cases.choices import SERIOUS_AND_ABOVE, RequestKind, Severity
from grids.models import Grid
from grids.scope import Scope


@dataclass(frozen=True)
class Unit:
    """A grid or a department that handles; exactly one of the two."""

    grid: Grid | None = None
    department: Department | None = None

    @property
    def key(self) -> str:
        """How a form names it: `grid:371326101` or `department:water`."""
        return f"grid:{self.grid.code}" if self.grid else f"department:{self.department.code}"  # type: ignore[union-attr]

    @property
    def name(self) -> str:
        return (self.grid.path or self.grid.name) if self.grid else self.department.name  # type: ignore[union-attr]

    def is_own(self, by: Scope, permission: P) -> bool:
        """True when the person holds `permission` in exactly this unit: nobody signs for another."""
        if self.grid:
            return by.at_grid(self.grid.pk, permission)
        return by.in_department(self.department.pk, permission)  # type: ignore[union-attr]


@dataclass(frozen=True)
class PendingRequest:
    """A request that waits for a decision."""

    applicant_id: int
    decider: Grid


@dataclass(frozen=True)
class CaseFacts:
    """All that the rules need to know of a case, read in a fixed number of queries."""

    at: datetime
    severity: str
    grid: Grid
    holder: Unit | None
    self_handling_allowed: bool
    reporter_id: int | None
    handler_id: int | None
    dispatch_grid: Grid | None
    lead: Unit | None
    open_co_units: tuple[Unit, ...] = ()
    pending: dict[RequestKind, PendingRequest] = field(default_factory=dict)
    return_window_is_open: bool = False

    @property
    def is_serious(self) -> bool:
        return self.severity in SERIOUS_AND_ABOVE

    @property
    def holder_grid(self) -> Grid | None:
        return self.holder.grid if self.holder else None

    @property
    def has_level_above(self) -> bool:
        return self.holder_grid is not None and self.holder_grid.parent_id is not None


# --- who ----------------------------------------------------------------------------------------------------------


def who_reported(facts: CaseFacts, by: Scope) -> bool:
    return by.is_system or (facts.reporter_id is not None and facts.reporter_id == by.user_id)


def who_verifies(facts: CaseFacts, by: Scope) -> bool:
    """The grid members of the place; the parent grid may verify instead."""
    return by.covers(facts.holder_grid, P.CASE_VERIFY)


def who_triages(facts: CaseFacts, by: Scope) -> bool:
    return facts.holder_grid is not None and by.covers(facts.holder_grid, P.CASE_TRIAGE)


def who_reviews(facts: CaseFacts, by: Scope) -> bool:
    return facts.holder_grid is not None and by.covers(facts.holder_grid, P.CASE_REVIEW)


def who_refers(facts: CaseFacts, by: Scope) -> bool:
    """镇网格办 inside its town, 县网格办 anywhere."""
    return facts.holder_grid is not None and by.covers(facts.holder_grid, P.CASE_REFER)


def who_leads(facts: CaseFacts, by: Scope) -> bool:
    return facts.lead is not None and facts.lead.is_own(by, P.CASE_HANDLE)


def who_cooperates(facts: CaseFacts, by: Scope) -> bool:
    return any(unit.is_own(by, P.CASE_HANDLE) for unit in facts.open_co_units)


def who_decides_return(facts: CaseFacts, by: Scope) -> bool:
    """The dispatching office, of what it sent out itself."""
    waits = RequestKind.RETURN in facts.pending
    return waits and facts.dispatch_grid is not None and by.covers(facts.dispatch_grid, P.CASE_DECIDE_REQUEST)


def who_checks(facts: CaseFacts, by: Scope) -> bool:
    return facts.holder_grid is not None and by.covers(facts.holder_grid, P.CASE_CHECK)


def who_closes(facts: CaseFacts, by: Scope) -> bool:
    """The dispatching level; 较重 and above need its leader."""
    permission = P.CASE_CLOSE_SERIOUS if facts.is_serious else P.CASE_CLOSE
    return by.covers(facts.dispatch_grid or facts.grid, permission)


def who_archives(facts: CaseFacts, by: Scope) -> bool:
    return by.is_system or by.covers(facts.grid, P.CASE_ARCHIVE)


def who_may_ask_void(facts: CaseFacts, by: Scope) -> bool:
    """The reporter, whoever decides at the holder, or the leading unit."""
    return who_reported(facts, by) or who_triages(facts, by) or who_leads(facts, by)


def who_decides_void(facts: CaseFacts, by: Scope) -> bool:
    """At least one level above the holder."""
    request = facts.pending.get(RequestKind.VOID)
    return request is not None and by.covers(request.decider, P.CASE_DECIDE_REQUEST)


def who_merges(facts: CaseFacts, by: Scope) -> bool:
    """An office over the place and over whoever has the case or sent it out."""
    authority = facts.holder_grid or facts.dispatch_grid or facts.grid
    return by.covers(facts.grid, P.CASE_MERGE) and by.covers(authority, P.CASE_MERGE)


def who_is_system(_facts: CaseFacts, by: Scope) -> bool:
    return by.is_system


def who_withdraws_return(facts: CaseFacts, by: Scope) -> bool:
    return RequestKind.RETURN in facts.pending and who_leads(facts, by)


def who_withdraws_void(facts: CaseFacts, by: Scope) -> bool:
    request = facts.pending.get(RequestKind.VOID)
    return request is not None and request.applicant_id == by.user_id


def who_urges(facts: CaseFacts, by: Scope) -> bool:
    return by.covers(facts.grid, P.CASE_URGE)


# --- guards -------------------------------------------------------------------------------------------------------


def always(_facts: CaseFacts, _by: Scope) -> str | None:
    return None


def not_while_asked(facts: CaseFacts, _by: Scope) -> str | None:
    """A request that waits would be decided on something that is no longer so."""
    for kind in facts.pending:
        return f"有一份{kind.label}申请待审批，请先等审批结果，或由申请人撤回。"
    return None


def can_handle_itself(facts: CaseFacts, by: Scope) -> str | None:
    if facts.severity != Severity.ORDINARY:
        return f"“{Severity(facts.severity).label}”问题不能自处置，请上报上级或转办。"
    if not facts.self_handling_allowed:
        return "该类问题不允许自处置，请上报上级或转办。"
    if not facts.has_level_above:
        return "已在县级，没有上级可以审核自处置，请转办。"
    return not_while_asked(facts, by)


def can_review(facts: CaseFacts, by: Scope) -> str | None:
    if facts.handler_id == by.user_id and not by.is_system:
        return "自处置由您完成，须由上级其他人审核。"
    return not_while_asked(facts, by)


def can_escalate(facts: CaseFacts, by: Scope) -> str | None:
    if not facts.has_level_above:
        return "已到县网格办，没有上级可以上报，请转办相关部门。"
    return not_while_asked(facts, by)


def can_send_down(facts: CaseFacts, by: Scope) -> str | None:
    if facts.holder_grid is not None and facts.holder_grid.is_leaf_node():
        return "已是最末一级网格，没有下级可以下派。"
    return not_while_asked(facts, by)


def can_climb(facts: CaseFacts, _by: Scope) -> str | None:
    return "已到县网格办，不再自动升级。" if not facts.has_level_above else None


def can_submit(facts: CaseFacts, by: Scope) -> str | None:
    return not_while_asked(facts, by)


def can_ask_return(facts: CaseFacts, by: Scope) -> str | None:
    if RequestKind.RETURN in facts.pending:
        return "已有一份退回申请待审批。"
    signed_by_head = facts.lead is not None and facts.lead.is_own(by, P.CASE_HANDLE_HEAD)
    if not facts.return_window_is_open and not signed_by_head:
        return "已过退回期限，须由单位主要负责人申请退回。"
    return None


def can_decide_return(facts: CaseFacts, by: Scope) -> str | None:
    return _not_own_request(facts.pending[RequestKind.RETURN], by)


def can_decide_void(facts: CaseFacts, by: Scope) -> str | None:
    return _not_own_request(facts.pending[RequestKind.VOID], by)


def can_ask_void(facts: CaseFacts, by: Scope) -> str | None:
    return not_while_asked(facts, by)


def can_check(facts: CaseFacts, by: Scope) -> str | None:
    """Handler ≠ checker: neither the person who submitted, nor anyone of the unit that handled."""
    if facts.handler_id is not None and facts.handler_id == by.user_id:
        return "处置结果由您提交，须由他人核查。"
    if facts.lead is not None and facts.lead.is_own(by, P.CASE_HANDLE):
        return f"“{facts.lead.name}”是处置单位，须由其他单位的人员核查。"
    return not_while_asked(facts, by)


def can_close(facts: CaseFacts, by: Scope) -> str | None:
    if facts.handler_id is not None and facts.handler_id == by.user_id:
        return "处置结果由您提交，须由他人审批办结。"
    return not_while_asked(facts, by)


def _not_own_request(request: PendingRequest, by: Scope) -> str | None:
    return "申请由您提出，须由他人审批。" if request.applicant_id == by.user_id else None
