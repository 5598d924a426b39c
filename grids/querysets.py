"""The domain's questions about grids, posts, 包保 and sources. `visible_to(scope)` first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
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
        within = Q(**{f"{prefix}tree_id": span.tree_id})
        if not span.is_county:
            within &= Q(**{f"{prefix}lft__gte": span.left, f"{prefix}lft__lte": span.right})
        condition |= within
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


def below(code: str, field: str) -> Q:
    """The condition that `field` lies in the grid of `code` or below it; nothing when there is no such grid."""
    from grids.models import Grid

    grid = Grid.objects.filter(code=code).first()
    if grid is None:
        return Q(pk__in=[])
    return Q(**{f"{field}__tree_id": grid.tree_id, f"{field}__lft__gte": grid.lft, f"{field}__lft__lte": grid.rght})


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

    def named_as_of(self, day: date) -> GridQuerySet:
        """With `name_then` and `parent_then_id` as they were on `day`: later changes are undone."""
        from grids.models import GridChange

        later = GridChange.objects.filter(grid=OuterRef("pk"), day__gt=day).order_by("day", "id")
        renamed, moved = later.filter(kind=ChangeKind.RENAMED), later.filter(kind=ChangeKind.MOVED)
        return self.annotate(
            name_then=Coalesce(Subquery(renamed.values("old_name")[:1]), F("name")),
            parent_then_id=Coalesce(
                Subquery(moved.values("old_parent_id")[:1]), F("parent_id"), output_field=models.BigIntegerField()
            ),
        )

    def as_of(self, day: date) -> GridQuerySet:
        """The grids in use on `day`, named and placed as they were then."""
        from grids.models import GridChange

        turns = [ChangeKind.RETIRED, ChangeKind.RESTORED]
        later = GridChange.objects.filter(grid=OuterRef("pk"), day__gt=day, kind__in=turns).order_by("day", "id")
        # A grid restored after that day has no end date any more, but was out of use then.
        restored_later = Coalesce(Subquery(later.values("kind")[:1]), models.Value(""))
        return self.active_on(day).named_as_of(day).alias(turn=restored_later).exclude(turn=ChangeKind.RESTORED)

    def stood_under(self, code: str) -> GridQuerySet:
        """Of grids named and placed as of a day: those that stood right under the grid of `code`."""
        return self.filter(parent_then_id__in=self.model.objects.filter(code=code).values("pk"))

    def found_by(self, words: str) -> GridQuerySet:
        """The grids whose name or code holds `words`."""
        return self.filter(Q(name__icontains=words) | Q(code__startswith=words))

    def under(self, grid: Grid) -> GridQuerySet:
        """`grid` and all below it."""
        return self.filter(tree_id=grid.tree_id, lft__gte=grid.lft, lft__lte=grid.rght)

    def in_county_of(self, code: str) -> GridQuerySet:
        """The grids of the county to which the grid of `code` belongs."""
        return self.filter(tree_id__in=self.model.objects.filter(code=code).values("tree_id"))

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

    def in_grid(self, code: str) -> PostQuerySet:
        """At the grid of `code` or below it; nothing when there is no such grid."""
        return self.filter(below(code, "grid"))

    def held_outside(self, scope: Scope, permission: Permission) -> PostQuerySet:
        """At grids where `scope` does not hold `permission`; posts of departments lie nowhere, so not outside."""
        if scope.sees_all(permission):
            return self.none()
        return self.filter(grid__isnull=False).exclude(inside(scope.spans(permission), "grid"))

    def in_reading_order(self) -> PostQuerySet:
        """Down the tree, then departments; at each place in the order in which the roles are written down."""
        by_role = Case(*(When(role=role, then=position) for position, role in enumerate(Role)), default=len(Role))
        place = F("grid__tree_id").asc(nulls_last=True)
        rows = self.select_related("user", "grid", "department")
        return rows.order_by(place, "grid__lft", "department__position", by_role, "starts_on", "id")

    def of_person(self, words: str) -> PostQuerySet:
        """Held by people whose name or title holds `words`."""
        return self.filter(Q(user__name__icontains=words) | Q(title__icontains=words))

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

    def in_grid(self, code: str) -> SourceQuerySet:
        """Lying in the grid of `code` or below it; nothing when there is no such grid."""
        return self.filter(below(code, "grid"))

    def found_by(self, words: str) -> SourceQuerySet:
        """The sources whose name, address, number or credit code holds `words`."""
        return self.filter(
            Q(name__icontains=words)
            | Q(address__icontains=words)
            | Q(code__startswith=words)
            | Q(uscc__startswith=words.upper())
        )

    def in_use(self) -> SourceQuerySet:
        return self.filter(is_active=True)

    def within(self, scope: Scope, permission: Permission) -> SourceQuerySet:
        """The sources at grids where `scope` holds `permission`."""
        return self if scope.sees_all(permission) else self.filter(inside(scope.spans(permission), "grid"))
