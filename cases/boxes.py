"""The lists of a desk by name: the home page counts them, `/cases/?box=…` opens them. One table, so that they agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.permissions import Permission as P
from cases.querysets import CaseQuerySet
from grids.scope import Scope


@dataclass(frozen=True)
class Box:
    """One list: what of the visible cases it holds, for whose posts it is, and what it means that it is empty."""

    name: str
    label: str
    icon: str
    permissions: frozenset[P]
    pick: Callable[[CaseQuerySet, Scope], CaseQuerySet]
    empty: str

    @property
    def url(self) -> str:
        return f"/cases/?box={self.name}"

    def is_for(self, scope: Scope) -> bool:
        return any(scope.has(permission) for permission in self.permissions)


_ACTS = frozenset({P.CASE_VERIFY, P.CASE_TRIAGE, P.CASE_REVIEW, P.CASE_HANDLE, P.CASE_CHECK, P.CASE_CLOSE})
TODO = Box("todo", "我的待办", "home", _ACTS, CaseQuerySet.waiting_for, "没有等您办理的办件。")
CO = Box("co", "协办待反馈", "people", frozenset({P.CASE_HANDLE}), CaseQuerySet.co_handled_by, "没有等您反馈的协办。")
REQUESTS = Box(
    "requests", "待我审批的申请", "document", frozenset({P.CASE_DECIDE_REQUEST}), CaseQuerySet.with_request_for,
    "没有等您审批的退回、作废申请。",
)  # fmt: skip
CLIMBED = Box(
    "climbed", "上来的", "up", frozenset({P.CASE_TRIAGE}), CaseQuerySet.climbed_to, "没有下级上报或逾期升级上来的办件。"
)
SENT = Box(
    "sent", "我转出去的", "send", frozenset({P.CASE_REPORT}), CaseQuerySet.sent_on_by, "没有您转出去而未办结的办件。"
)
ALL = Box("all", "全部", "case", frozenset({P.CASE_VIEW}), lambda rows, _scope: rows, "还没有办件。")

BOXES = {box.name: box for box in (ALL, TODO, CO, REQUESTS, CLIMBED, SENT)}
