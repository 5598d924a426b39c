"""The list of posts as one narrowed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator

from accounts.roles import Role
from grids.models import Post
from grids.presentation.people import person_of
from grids.querysets import PostQuerySet
from grids.scope import Scope
from grids.services import may_edit_post

ROWS_A_PAGE = 50


@dataclass(frozen=True)
class PostLine:
    """A post as a line of the list; `may_end` when who looks may end it."""

    pk: int
    name: str
    role: str
    title: str
    note: str
    grid_code: str
    place: str
    line: str
    phone: str
    starts_on: date
    ends_on: date | None
    may_end: bool


def page_of(posts: PostQuerySet, wanted: Mapping[str, Any], number: str | None, scope: Scope) -> Page:
    """One page of PostLines. Two queries."""
    page = Paginator(posts_of(posts, wanted, scope.day), ROWS_A_PAGE).get_page(number)
    page.object_list = [_line(post, scope) for post in page.object_list]
    return page


def _line(post: Post, scope: Scope) -> PostLine:
    person = person_of(post, scope)
    place = post.grid.path if post.grid else post.department.name if post.department else ""
    return PostLine(
        pk=post.pk,
        name=person.name,
        role=post.get_role_display(),
        title=post.title,
        note=person.note,
        grid_code=post.grid.code if post.grid else "",
        place=place,
        line=person.line,
        phone=person.phone,
        starts_on=post.starts_on,
        ends_on=post.ends_on,
        may_end=(post.ends_on is None or post.ends_on > scope.day) and may_edit_post(scope, Role(post.role), post.grid),
    )


def posts_of(posts: PostQuerySet, wanted: Mapping[str, Any], today: date) -> PostQuerySet:
    """`posts` held on the day that was asked for, narrowed by every other filter, in reading order."""
    found = posts.held_on(wanted.get("at") or today)
    if "grid" in wanted:
        found = found.in_grid(wanted["grid"])
    if "role" in wanted:
        found = found.with_role(wanted["role"])
    if "q" in wanted:
        found = found.of_person(wanted["q"])
    return found.in_reading_order()
