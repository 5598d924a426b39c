"""People at their places, as pages show them: who to call, and where nobody holds a post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.roles import Role
from grids.models import Grid, Post
from grids.rules import masked_phone
from grids.scope import Scope

HEADS = (Role.TOWN_HEAD, Role.AREA_HEAD, Role.VILLAGE_HEAD)
# Who stands in a line of the tree where there is no head, most answerable first.
_NEXT = (Role.COUNTY_OFFICE, Role.TOWN_OFFICE, Role.MEMBER)
# Who is named on the page of a grid; who only keeps the system or the scores is not among them.
ANSWERING = (*HEADS, *_NEXT, Role.LEADER)


@dataclass(frozen=True)
class Person:
    """One who holds a post; `phone` is masked for those who may not see people's details."""

    name: str
    title: str
    phone: str
    line: str
    note: str
    starts_on: date
    ends_on: date | None


def person_of(post: Post, scope: Scope) -> Person:
    phone = post.user.phone or post.user.office_phone
    notes = ["代理" if post.is_acting else "", "专职" if post.is_fulltime else ""]
    return Person(
        name=post.user.name,
        title=post.title or post.get_role_display(),
        phone=masked_phone(phone) if scope.is_masked else phone,
        line=post.get_line_display() if post.line else "",
        note="、".join(filter(None, notes)),
        starts_on=post.starts_on,
        ends_on=post.ends_on,
    )


def names_at(grids: Iterable[int] | None, scope: Scope, day: date) -> dict[int, str]:
    """By the key of a grid: the names of its heads, or of the first others who answer there. Vacant grids are missing.

    `grids` None: every visible grid. One query.
    """
    posts = Post.objects.visible_to(scope).held_on(day).with_role(*HEADS, *_NEXT).filter(user__is_active=True)
    if grids is not None:
        posts = posts.filter(grid__in=grids)
    held: dict[int, dict[str, list[str]]] = {}
    for grid_id, role, name in posts.order_by("starts_on", "id").values_list("grid_id", "role", "user__name"):
        held.setdefault(grid_id, {}).setdefault(role, []).append(name)
    return {grid_id: _names(by_role) for grid_id, by_role in held.items()}


def _names(by_role: dict[str, list[str]]) -> str:
    heads = [name for role in HEADS for name in by_role.get(role, [])]
    if heads:
        return "、".join(heads)
    role = next(role for role in _NEXT if role in by_role)
    return f"{role.label} {'、'.join(by_role[role][:2])}"


@dataclass(frozen=True)
class Contacts:
    """A level above and whom to call there."""

    code: str
    name: str
    people: list[Person]


def contacts_above(above: Iterable[Grid], scope: Scope, posts: Iterable[Post]) -> list[Contacts]:
    """Whom to call on the way up: the nearest level first, at each the first of `posts` there, two at most."""
    by_grid: dict[int, list[Post]] = {}
    for post in posts:
        by_grid.setdefault(post.grid_id or 0, []).append(post)
    return [
        Contacts(grid.code, grid.name, [person_of(post, scope) for post in by_grid.get(grid.pk, [])[:2]])
        for grid in reversed(list(above))
    ]
