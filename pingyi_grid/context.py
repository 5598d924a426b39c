"""What every page shows around its content: who is signed in, where they may go, what waits to be read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Notice
from accounts.permissions import Permission as P
from grids.scope import Scope, nobody

SITE_NAME = "平邑网格"


@dataclass(frozen=True)
class Destination:
    """A line of the navigation, shown to those who hold one of `permissions`; none: to everybody."""

    path: str
    label: str
    icon: str
    permissions: frozenset[P] = frozenset()

    def is_open_to(self, scope: Scope) -> bool:
        return not self.permissions or any(scope.has(permission) for permission in self.permissions)

    def holds(self, path: str) -> bool:
        """True when the page at `path` belongs to this line: its own address, or one below it."""
        return path == self.path if self.path in _EXACT else path.startswith(self.path)


_EXACT = frozenset({"/", "/field/"})

DESK = (
    Destination("/", "我的待办", "home"),
    Destination("/cases/", "办件", "case", frozenset({P.CASE_VIEW})),
    Destination("/grids/", "网格", "grid", frozenset({P.GRID_VIEW})),
    Destination("/sources/", "污染源", "source", frozenset({P.SOURCE_VIEW})),
    Destination("/patrols/", "巡查记录", "patrol", frozenset({P.PATROL_VIEW})),
    Destination("/posts/", "人员任职", "people", frozenset({P.GRID_VIEW})),
    Destination("/people/", "账号", "lock", frozenset({P.USER_EDIT})),
    Destination("/notices/", "消息", "bell"),
    Destination("/field/", "手机端", "phone", frozenset({P.CASE_REPORT, P.PATROL_RECORD})),
    Destination("/admin/", "管理", "settings", frozenset({P.USER_EDIT, P.CALENDAR_EDIT, P.CATEGORY_EDIT})),
    Destination("/audit/", "审计", "audit", frozenset({P.AUDIT_VIEW})),
)

FIELD = (
    Destination("/field/", "任务", "list", frozenset({P.CASE_VIEW})),
    Destination("/field/report/", "上报", "camera", frozenset({P.CASE_REPORT})),
    Destination("/field/mine/", "我的", "user", frozenset({P.CASE_VIEW})),
)


@dataclass(frozen=True)
class Line:
    """A destination on one page: whether it is where we are, and how much waits there."""

    destination: Destination
    is_current: bool
    waiting: int = 0


class Shell:
    """Built for each request, worked out only where a template asks."""

    site_name = SITE_NAME
    version = settings.VERSION

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def scope(self) -> Scope:
        """The scope of the person; nobody's when a page is refused before the scope was put on the request."""
        return getattr(self._request, "scope", None) or nobody(timezone.localdate())

    @cached_property
    def navigation(self) -> list[Line]:
        return [self._line(destination) for destination in DESK if destination.is_open_to(self.scope)]

    @cached_property
    def tabs(self) -> list[Line]:
        return [self._line(destination) for destination in FIELD if destination.is_open_to(self.scope)]

    @cached_property
    def unread_count(self) -> int:
        if self.scope.user_id is None:
            return 0
        return Notice.objects.visible_to(self.scope).unread().count()

    def _line(self, destination: Destination) -> Line:
        waiting = self.unread_count if destination.path == "/notices/" else 0
        return Line(destination, destination.holds(self._request.path), waiting)


def page(request: HttpRequest) -> dict[str, Shell]:
    """The context processor: one name, `shell`."""
    return {"shell": Shell(request)}
