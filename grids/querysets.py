"""The domain's questions about grids, posts, 包保 and sources. `visible_to(scope)` first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from mptt.managers import TreeManager
from mptt.querysets import TreeQuerySet

from accounts.permissions import Permission
from accounts.roles import Role
from grids.choices import ChangeKind

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


def around(spans: tuple[Span, ...], field: str = "") -> Q:
    """The condition that `field` is an ancestor of one of the spans: the names on the way down to one's own place."""
    prefix = f"{field}__" if field else ""
    condition = Q(pk__in=[])
    for span in spans:
        condition |= Q(
            **{f"{prefix}tree_id": span.tree_id, f"{prefix}lft__lt": span.left, f"{prefix}rght__gt": span.right}
        )
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

    def as_of(self, day: date) -> GridQuerySet:
        """The grids active on `day`, with `name_then` and `parent_then_id` as they were: later changes are undone."""
        from grids.models import GridChange

        later = GridChange.objects.filter(grid=OuterRef("pk"), day__gt=day).order_by("day", "id")
        turns = later.filter(kind__in=[ChangeKind.RETIRED, ChangeKind.RESTORED])
        return (
            self.active_on(day)
            .annotate(
                name_then=Coalesce(Subquery(later.filter(kind=ChangeKind.RENAMED).values("old_name")[:1]), F("name")),
                parent_then_id=Coalesce(
                    Subquery(later.filter(kind=ChangeKind.MOVED).values("old_parent_id")[:1]), F("parent_id")
                ),
                next_turn=Coalesce(Subquery(turns.values("kind")[:1]), models.Value("")),
            )
            .exclude(next_turn=ChangeKind.RESTORED)
        )

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
        """The posts at visible grids, those above one's own included (whom to call), and those of departments."""
        if not scope.has(Permission.GRID_VIEW):
            return self.none()
        if scope.sees_all(Permission.GRID_VIEW):
            return self
        spans = scope.spans(Permission.GRID_VIEW)
        at_visible_grids = inside(spans, "grid") | around(spans, "grid")
        return self.filter(at_visible_grids | Q(grid__isnull=True, department__isnull=False))

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


class BoundaryQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> BoundaryQuerySet:
        """The outlines of the grids within the scope and of those above them."""
        if scope.sees_all(Permission.GRID_VIEW):
            return self
        spans = scope.spans(Permission.GRID_VIEW)
        return self.filter(inside(spans, "grid") | around(spans, "grid"))


class GridChangeQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> GridChangeQuerySet:
        if scope.sees_all(Permission.GRID_VIEW):
            return self
        return self.filter(inside(scope.spans(Permission.GRID_VIEW), "grid"))


class SourceQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> SourceQuerySet:
        if scope.sees_all(Permission.SOURCE_VIEW):
            return self
        return self.filter(inside(scope.spans(Permission.SOURCE_VIEW), "grid"))

    def in_use(self) -> SourceQuerySet:
        return self.filter(is_active=True)

    def within(self, scope: Scope, permission: Permission) -> SourceQuerySet:
        """The sources at grids where `scope` holds `permission`."""
        return self if scope.sees_all(permission) else self.filter(inside(scope.spans(permission), "grid"))
