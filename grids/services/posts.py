"""Who holds which role where: appoint and end posts, sponsor grids (包保)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Department, User
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.rules import separated
from grids.choices import SponsorClass
from grids.models import Grid, Post, Sponsorship
from grids.rules import post_fault
from grids.scope import Scope
from kernel import audit
from kernel.refusal import Refused

Row = TypeVar("Row", Post, Sponsorship)

NOT_PERMITTED = "您的岗位不能调整这里的任职，请联系县网格办或系统管理员。"
TERM_ENDS_FIRST = "离任日期须晚于任职日期。"


def appoint(
    *,
    user: User,
    role: Role,
    grid: Grid | None = None,
    department: Department | None = None,
    title: str = "",
    line: str = "",
    is_fulltime: bool = False,
    is_acting: bool = False,
    starts_on: date,
    ends_on: date | None = None,
    by: Scope,
    at: datetime,
) -> Post:
    """Give `user` a post from `starts_on` until before `ends_on`; the reach counts from the first day.

    Refused: a place that does not fit the role, a retired grid, a disabled person, the same post twice at a time, two
    of the three separated administrators at a time, oneself, or without the right there. One post, one audit entry.
    """
    role = Role(role)
    with transaction.atomic():
        user = _locked(user)
        _require_right(by, user, role, grid, department)
        _require_fitting(role, grid, department, starts_on, ends_on)
        _require_free(user, role, grid, department, line, starts_on, ends_on)
        post = Post.objects.create(
            user=user,
            role=role,
            grid=grid,
            department=department,
            title=title[:40],
            line=line,
            is_fulltime=is_fulltime,
            is_acting=is_acting,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        audit.record(verb="post.appoint", subject=_subject(user), by=by, at=at, details=_details(post))
    return post


def end_post(*, post: Post, ends_on: date, by: Scope, at: datetime) -> Post:
    """End `post`: on `ends_on` it is held no more. Refused: before it began, ended already, or without the right."""
    with transaction.atomic():
        post = _locked_row(Post.objects.filter(pk=post.pk))
        if not may_edit_post(by, Role(post.role), post.grid):
            raise Refused(NOT_PERMITTED, code="not_permitted")
        if post.ends_on is not None and post.ends_on <= ends_on:
            raise Refused(f"该任职已于 {post.ends_on:%Y-%m-%d} 结束。")
        if ends_on <= post.starts_on:
            raise Refused(TERM_ENDS_FIRST)
        post.ends_on = ends_on
        post.save(update_fields=["ends_on"])
        audit.record(verb="post.end", subject=_subject(post.user), by=by, at=at, details=_details(post))
    return post


def sponsor(
    *,
    user: User,
    grid: Grid,
    sponsor_class: SponsorClass,
    starts_on: date,
    ends_on: date | None = None,
    by: Scope,
    at: datetime,
) -> Sponsorship:
    """Let a cadre stand behind `grid` (包保). Who holds no sponsor's post for that time is given one, since the reach
    comes with the post. Refused: the same grid twice at a time, a retired grid, a disabled person, without the right.
    """
    with transaction.atomic():
        user = _locked(user)
        if not by.covers(grid, Permission.POST_EDIT):
            raise Refused(NOT_PERMITTED, code="not_permitted")
        _require_open(user)
        _require_term(starts_on, ends_on)
        _require_in_use(grid, starts_on)
        if _overlapping(Sponsorship.objects.filter(user=user, grid=grid), starts_on, ends_on).exists():
            raise Refused(f"{user.name}这段时间已包保“{grid.name}”。")
        row = Sponsorship.objects.create(
            user=user, grid=grid, sponsor_class=SponsorClass(sponsor_class), starts_on=starts_on, ends_on=ends_on
        )
        _seat_sponsor(user, starts_on)
        details = {"grid": grid.code, "class": row.sponsor_class, "starts_on": starts_on, "ends_on": ends_on}
        audit.record(verb="sponsorship.begin", subject=_subject(user), by=by, at=at, details=details)
    return row


def end_sponsorship(*, sponsorship: Sponsorship, ends_on: date, by: Scope, at: datetime) -> Sponsorship:
    """End a 包保: on `ends_on` it is over. Refused: before it began, ended already, or without the right."""
    with transaction.atomic():
        row = _locked_row(Sponsorship.objects.filter(pk=sponsorship.pk))
        if not by.covers(row.grid, Permission.POST_EDIT):
            raise Refused(NOT_PERMITTED, code="not_permitted")
        if row.ends_on is not None and row.ends_on <= ends_on:
            raise Refused(f"该包保已于 {row.ends_on:%Y-%m-%d} 结束。")
        if ends_on <= row.starts_on:
            raise Refused("结束日期须晚于开始日期。")
        row.ends_on = ends_on
        row.save(update_fields=["ends_on"])
        details = {"grid": row.grid.code, "ends_on": ends_on}
        audit.record(verb="sponsorship.end", subject=_subject(row.user), by=by, at=at, details=details)
    return row


# --- who may ----------------------------------------------------------------------------------------------------------
def may_edit_post(by: Scope, role: Role, grid: Grid | None) -> bool:
    """True when `by` may give or end a post of `role`: in the tree by its reach; at a department whoever edits posts;
    what is held nowhere (administrators) those who manage accounts.
    """
    if grid is not None:
        return by.covers(grid, Permission.POST_EDIT)
    is_nowhere = role in _HELD_NOWHERE
    return by.has(Permission.USER_EDIT if is_nowhere else Permission.POST_EDIT)


def roles_given_by(by: Scope) -> list[Role]:
    """The roles to which `by` may appoint a person somewhere. A sponsor's comes with 包保, a program's with its key."""
    if not by.has(Permission.POST_EDIT):
        return []
    withheld = _COME_OTHERWISE if by.has(Permission.USER_EDIT) else _COME_OTHERWISE | _HELD_NOWHERE
    return [role for role in Role if role not in withheld]


_HELD_NOWHERE = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
_COME_OTHERWISE = frozenset({Role.SPONSOR, Role.EXTERNAL})


# --- what must hold ---------------------------------------------------------------------------------------------------
def _require_right(by: Scope, user: User, role: Role, grid: Grid | None, department: Department | None) -> None:
    if by.user_id is not None and by.user_id == user.pk:
        raise Refused("不能给自己任职，请由他人办理。", code="not_permitted")
    if not may_edit_post(by, role, grid):
        raise Refused(NOT_PERMITTED, code="not_permitted")
    _require_open(user)
    if department is not None and not department.is_active:
        raise Refused(f"“{department.name}”已停用，请选择在用的部门。")


def _require_open(user: User) -> None:
    if not user.is_active:
        raise Refused(f"{user.name}的账号已停用，请先启用。")


def _require_fitting(
    role: Role, grid: Grid | None, department: Department | None, starts_on: date, ends_on: date | None
) -> None:
    _require_term(starts_on, ends_on)
    fault = post_fault(role, rank=grid.rank_id if grid else None, has_department=department is not None)
    if fault:
        raise Refused(f"{fault}。")
    if grid is not None:
        _require_in_use(grid, starts_on)


def _require_term(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on <= starts_on:
        raise Refused(TERM_ENDS_FIRST)


def _require_in_use(grid: Grid, day: date) -> None:
    if grid.active_to is not None and grid.active_to <= day:
        raise Refused(f"“{grid.name}”已于 {grid.active_to:%Y-%m-%d} 停用，请选择在用的网格。")


def _require_free(
    user: User,
    role: Role,
    grid: Grid | None,
    department: Department | None,
    line: str,
    starts_on: date,
    ends_on: date | None,
) -> None:
    held = _overlapping(Post.objects.filter(user=user), starts_on, ends_on)
    if held.filter(role=role, grid=grid, department=department, line=line).exists():
        raise Refused(f"{user.name}这段时间已任{role.label}，请先结束原任职或改日期。")
    fault = separated({role, *held.values_list("role", flat=True)})
    if fault:
        raise Refused(fault)


def _overlapping(rows: QuerySet, starts_on: date, ends_on: date | None) -> QuerySet:
    """Those of `rows` whose term shares a day with the term from `starts_on` until before `ends_on`."""
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    return rows if ends_on is None else rows.filter(starts_on__lt=ends_on)


def _seat_sponsor(user: User, starts_on: date) -> None:
    """A sponsor's post without an end: its reach is what the 包保 rows of the day say, so it may outlast them."""
    posts = Post.objects.filter(user=user, role=Role.SPONSOR, starts_on__lte=starts_on, ends_on__isnull=True)
    if not posts.exists():
        Post.objects.create(user=user, role=Role.SPONSOR, starts_on=starts_on)


def _locked(user: User) -> User:
    """The person's row, locked: of two who appoint the same person at once the second sees what the first did."""
    return User.objects.select_for_update().get(pk=user.pk)


def _locked_row(rows: QuerySet[Row]) -> Row:
    row = rows.select_for_update(of=("self",)).select_related("user", "grid").first()
    if row is None:
        raise Refused("该记录不存在，请刷新。", code="not_found")
    return row


def _subject(user: User) -> str:
    return f"user:{user.pk}"


def _details(post: Post) -> dict[str, object]:
    return {
        "name": post.user.name,
        "role": post.role,
        "grid": post.grid.code if post.grid else None,
        "department": post.department.code if post.department else None,
        "line": post.line,
        "starts_on": post.starts_on,
        "ends_on": post.ends_on,
    }
