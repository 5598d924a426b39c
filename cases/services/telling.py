"""Who is told what. Notices are rows written in the same transaction as the act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import User
from accounts.roles import Role
from accounts.services import notify
from cases.choices import Severity
from cases.models import Case
from cases.rules import Unit
from grids.models import Grid, Post
from grids.scope import officers_of, responsible_for


def url_of(case: Case) -> str:
    return f"/cases/{case.number}/"


def tell(users: Iterable[User], case: Case, subject: str, at: datetime, body: str = "") -> None:
    """Put a line about `case` into the inboxes of `users`; of an urgent case even at night."""
    notify(
        users=list(users),
        subject=f"{subject}：{case.title}"[:120],
        body=body[:500],
        url=url_of(case),
        urgent=case.severity == Severity.URGENT,
        at=at,
    )


def people_of(unit: Unit, at: datetime) -> tuple[User, ...]:
    """Who answers for a unit on the day of `at`; for a vacant grid those of the next grid above."""
    if unit.department:
        return officers_of(unit.department, localdate(at))
    return responsible_for(unit.grid, localdate(at)).users if unit.grid else ()


def closers_of(case: Case, at: datetime) -> tuple[User, ...]:
    """Who closes a matter of 较重 and above: the leaders of the level that sent it out; may be empty."""
    posts = Post.objects.filter(grid=case.dispatch_grid or case.grid, user__is_active=True)
    held = posts.with_role(Role.LEADER, Role.TOWN_HEAD).held_on(localdate(at)).select_related("user")
    return tuple({post.user_id: post.user for post in held.order_by("id")}.values())


def tell_unit(unit: Unit | None, case: Case, subject: str, at: datetime, body: str = "") -> None:
    if unit is not None:
        tell(people_of(unit, at), case, subject, at, body)


def tell_reporter(case: Case, subject: str, at: datetime, body: str = "") -> None:
    if case.reporter is not None:
        tell([case.reporter], case, subject, at, body)


def tell_all_above(grid: Grid, case: Case, at: datetime) -> None:
    """紧急: every level above the place and the county office at once."""
    day = localdate(at)
    people: list[User] = []
    for level in [grid, *Grid.objects.above(grid)]:
        people.extend(responsible_for(level, day).users)
    tell(people, case, "紧急上报", at)
