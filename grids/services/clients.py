"""Keys of other systems that stand at a place of their own instead of behind a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.choices import UserKind
from accounts.models import Department, User
from accounts.roles import Role
from accounts.services import IssuedKey, create_user, issue_key
from grids.models import Grid, Post
from grids.scope import Scope
from grids.services.posts import appoint


def issue_key_at(
    *,
    name: str,
    grid: Grid | None = None,
    department: Department | None = None,
    scopes: Sequence[str],
    expires_at: datetime | None,
    by: Scope,
    at: datetime,
) -> IssuedKey:
    """A key for the system `name` at one grid or one department; an older key of that name stops at once.

    The system is a user of its own with the post 外部系统 at that place, made the first time and kept when the key is
    renewed. Refused as `accounts.services.issue_key` and `grids.services.appoint` refuse.
    """
    with transaction.atomic():
        user = _standing_at(name, grid, department, by)
        if user is None:
            user = create_user(name=name, kind=UserKind.SERVICE, by=by, at=at)
            appoint(user=user, role=Role.EXTERNAL, grid=grid, department=department, starts_on=by.day, by=by, at=at)
        return issue_key(name=name, user=user, scopes=scopes, expires_at=expires_at, by=by, at=at)


def _standing_at(name: str, grid: Grid | None, department: Department | None, by: Scope) -> User | None:
    """The user of the system `name` that holds its post at this place today."""
    posts = Post.objects.filter(grid=grid, department=department, user__kind=UserKind.SERVICE, user__name=name)
    post = posts.with_role(Role.EXTERNAL).held_on(by.day).select_related("user").first()
    return post.user if post else None
