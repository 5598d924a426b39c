"""The domain's questions about grids, posts, 包保 and sources. `visible_to(scope)` first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from mptt.managers import TreeManager
from mptt.querysets import TreeQuerySet

from accounts.permissions import Permission
from accounts.roles import Role

if TYPE_CHECKING:
    from grids.models import Grid
    from grids.scope import Scope, Span


def inside(spans: tuple[Span, ...], field: str = "") -> Q:
    """The condition that `field` (a relation to Grid, or the grid itself) lies in one of the spans; none: nothing."""
    prefix = f"{field}__" if field else ""
    condition = Q(pk__in=[])
    for span in spans:
        condition |= Q(
            **{f"{prefix}tree_id": span.tree_id, f"{prefix}lft__gte": span.left, f"{prefix}lft__lte": span.right}
        )
    return condition


def around(spans: tuple[Span, ...]) -> Q:
    """The condition that a grid is an ancestor of one of the spans: the names on the way down to one's own place."""
    condition = Q(pk__in=[])
    for span in spans:
        condition |= Q(tree_id=span.tree_id, lft__lt=span.left, rght__gt=span.right)
    return condition


class GridQuerySet(TreeQuerySet):
    def visible_to(self, scope: Scope) -> GridQuerySet:
        """The grids within the scope and, for the way down to them, those above."""
        if scope.sees_all(Permission.GRID_VIEW):
            return self
        spans = scope.spans(Permission.GRID_VIEW)
        return self.filter(inside(spans) | around(spans))

    def within(self, scope: Scope, permission: Permission) -> GridQuerySet:
        """The grids where `scope` holds `permission`; those above are not among them."""
        return self if scope.sees_all(permission) else self.filter(inside(scope.spans(permission)))

    def active_on(self, day: date) -> GridQuerySet:
        return self.filter(active_from__lte=day).filter(Q(active_to__isnull=True) | Q(active_to__gt=day))

    def under(self, grid: Grid) -> GridQuerySet:
        """`grid` and all below it."""
        return self.filter(tree_id=grid.tree_id, lft__gte=grid.lft, lft__lte=grid.rght)

    def above(self, grid: Grid) -> GridQuerySet:
        """The ancestors of `grid`, highest first, without itself."""
        return self.filter(tree_id=grid.tree_id, lft__lt=grid.lft, rght__gt=grid.rght).order_by("lft")

    def in_order(self) -> GridQuerySet:
        """As a person reads the tree: each grid followed by those below it."""
        return self.order_by("tree_id", "lft")


class GridManager(TreeManager.from_queryset(GridQuerySet)):  # type: ignore[misc]
    """The manager of the tree, in its own order."""


class PostQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> PostQuerySet:
        """The posts at visible grids, and those of departments for everybody who holds a post."""
        if not scope.has(Permission.GRID_VIEW):
            return self.none()
        if scope.sees_all(Permission.GRID_VIEW):
            return self
        spans = scope.spans(Permission.GRID_VIEW)
        return self.filter(inside(spans, "grid") | Q(grid__isnull=True, department__isnull=False))

    def held_on(self, day: date) -> PostQuerySet:
        """Posts whose half-open term holds `day`: on the day of leaving the post is over."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))

    def with_role(self, *roles: Role) -> PostQuerySet:
        return self.filter(role__in=roles)


class SponsorshipQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> SponsorshipQuerySet:
        if scope.sees_all(Permission.GRID_VIEW):
            return self
        return self.filter(inside(scope.spans(Permission.GRID_VIEW), "grid"))

    def held_on(self, day: date) -> SponsorshipQuerySet:
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class SourceQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> SourceQuerySet:
        if scope.sees_all(Permission.SOURCE_VIEW):
            return self
        return self.filter(inside(scope.spans(Permission.SOURCE_VIEW), "grid"))
