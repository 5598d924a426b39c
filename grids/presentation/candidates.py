"""Whom one may appoint, found by name, with what tells two people of the same name apart."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import Permission
from grids.models import Post
from grids.scope import Scope

SHOWN = 20


@dataclass(frozen=True)
class Candidate:
    """A person who was found: `posts` are those of today in words; may be empty."""

    pk: int
    name: str
    username: str
    posts: list[str]


@dataclass(frozen=True)
class Candidates:
    """The first of those who were found; `is_cut` when there are more."""

    rows: list[Candidate]
    is_cut: bool


def candidates(scope: Scope) -> QuerySet[User]:
    """The people whom `scope` may appoint, names only: not those who hold a post beyond its reach today."""
    elsewhere = Post.objects.held_on(scope.day).held_outside(scope, Permission.POST_EDIT)
    return User.objects.appointable_by(scope).exclude(pk__in=elsewhere.values("user")).only("name", "username")


def candidates_called(text: str, scope: Scope) -> Candidates:
    """At most 20 people whose name or sign-in name is like `text`, by name; nobody for an empty text. Two queries."""
    found = list(candidates(scope).called(text).order_by("name", "id")[: SHOWN + 1])
    held = _posts_of(found[:SHOWN], scope)
    rows = [Candidate(user.pk, user.name, user.username or "", held.get(user.pk, [])) for user in found[:SHOWN]]
    return Candidates(rows, is_cut=len(found) > SHOWN)


def post_in_words(post: Post) -> str:
    """Place and title, as 仲村镇/仲村甲工作区 工作区网格长; an administrator's is held nowhere."""
    place = post.grid.path if post.grid else post.department.name if post.department else ""
    title = post.title or post.get_role_display()
    return f"{place} {title}".lstrip()


def _posts_of(people: list[User], scope: Scope) -> dict[int, list[str]]:
    posts = Post.objects.visible_to(scope).held_on(scope.day).filter(user__in=people)
    held: dict[int, list[str]] = {}
    for post in posts.in_reading_order():
        held.setdefault(post.user_id, []).append(post_in_words(post))
    return held
