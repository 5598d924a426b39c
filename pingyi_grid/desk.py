"""The home page: what waits for this person, and for those who see no cases where their work is."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission as P
from accounts.roles import Role
from cases.models import Case
from cases.presentation.briefing import Briefing, briefing_of
from cases.presentation.sections import sections_of, tiles_of, worth_showing
from grids.models import Grid
from grids.rules import TOWN_RANK
from grids.scope import Scope
from kernel.calendar import current_calendar

_WEEKDAYS = "一二三四五六日"
_BRIEFED = frozenset({Role.LEADER, Role.COUNTY_OFFICE})


@dataclass(frozen=True)
class Errand:
    """What people do here whose posts see no cases."""

    permissions: frozenset[P]
    url: str
    label: str
    icon: str
    sentence: str


ERRANDS = (
    Errand(frozenset({P.USER_EDIT}), "/people/", "账号", "lock", "谁能登录：新增人员、重置密码、停用与启用。"),
    Errand(frozenset({P.POST_EDIT}), "/posts/", "人员任职", "people", "谁在哪个网格、哪个部门任什么职，何时起止。"),
    Errand(frozenset({P.GRID_EDIT}), "/grids/", "网格", "grid", "网格树的新增、更名、调整和停用，网格边界。"),
    Errand(
        frozenset({P.CALENDAR_EDIT, P.CATEGORY_EDIT}), "/admin/", "管理", "settings",
        "部门、节假日与作息、问题类别、各环节时限。",
    ),
    Errand(frozenset({P.AUDIT_VIEW}), "/audit/", "审计", "audit", "查看每一次操作的记录，校验审计链是否完整。"),
    Errand(
        frozenset({P.API_CLIENT_APPROVE}), "/notices/", "消息", "bell",
        "安全事项和外部系统的申请在消息里告诉您；密钥由命令 api_client 签发。",
    ),
    Errand(
        frozenset({P.GRID_VIEW}), "/grids/", "查询网格", "search", "一处问题归哪个网格、找哪位责任人，在网格页查询。"
    ),
)  # fmt: skip


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    scope, at = request.scope, timezone.now()
    if not scope.has(P.CASE_VIEW):
        return render(request, "desk/errands.html", {"errands": _errands(scope), "missing_years": _missing(scope)})
    cases = Case.objects.visible_to(scope)
    sections = sections_of(cases, scope, at)
    context = {
        "lead": f"{scope.day.year} 年 {scope.day.month} 月 {scope.day.day} 日 星期{_WEEKDAYS[scope.day.weekday()]}",
        "sections": worth_showing(sections),
        "tiles": tiles_of(sections, cases, scope),
        "briefing": _briefing(scope),
        "missing_years": _missing(scope),
        "may_report": scope.has(P.CASE_REPORT),
    }
    return render(request, "desk/home.html", context)


def _errands(scope: Scope) -> list[Errand]:
    """One line for each address, the first that fits."""
    fitting = [errand for errand in ERRANDS if any(scope.has(permission) for permission in errand.permissions)]
    first_of: dict[str, Errand] = {}
    for errand in fitting:
        first_of.setdefault(errand.url, errand)
    return list(first_of.values())


def _missing(scope: Scope) -> str:
    """The years for which whoever keeps the calendar has not entered the days off yet, as `2027`."""
    if not scope.has(P.CALENDAR_EDIT):
        return ""
    return "、".join(str(year) for year in current_calendar().missing_years(scope.day))


def _briefing(scope: Scope) -> Briefing | None:
    """For those who answer for the whole county."""
    if not scope.roles & _BRIEFED:
        return None
    towns = Grid.objects.visible_to(scope).filter(rank=TOWN_RANK).values_list("name", "code")
    return briefing_of(Case.objects.visible_to(scope), dict(towns), scope.day)
