"""The domain's questions about patrols. `visible_to(scope)` first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Q

from accounts.permissions import Permission
from grids.models import Grid
from grids.querysets import inside
from kernel.calendar import ONE_DAY
from kernel.counting import midnight

if TYPE_CHECKING:
    from grids.scope import Scope


class PatrolQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> PatrolQuerySet:
        """Patrols in the places of those posts that may view them, of their work line, and one's own.

        Without such a post nothing is seen, one's own included.
        """
        if scope.is_system:
            return self
        viewing = [holding for holding in scope.holdings if Permission.PATROL_VIEW in holding.permissions]
        if not viewing:
            return self.none()
        reach = Q(member_id=scope.user_id)
        for holding in viewing:
            line = Q(line=holding.line) if holding.line else Q()
            counties = tuple(span for span in holding.spans if span.is_county)
            reach |= line & (inside(counties, "grid") | Q(grid__in=holding.grid_ids))
        return self.filter(reach)

    def in_places(self, text: str) -> PatrolQuerySet:
        """In grids whose full name contains `text` or whose code begins with it."""
        return self.filter(Q(grid__path__icontains=text) | Q(grid__code__istartswith=text))

    def in_grid(self, code: str) -> PatrolQuerySet:
        """In the grid of `code` and all below it; nothing where there is no such grid."""
        grid = Grid.objects.filter(code=code).first()
        return self.filter(grid__in=Grid.objects.under(grid).order_by().values("pk")) if grid else self.none()

    def by_member(self, text: str) -> PatrolQuerySet:
        """Of people whose name contains `text`."""
        return self.filter(member__name__icontains=text)

    def started_between(self, first: date | None, last: date | None) -> PatrolQuerySet:
        """Begun on the local days `first` to `last`, both included; an open end is None."""
        rows = self.filter(started_at__gte=midnight(first)) if first else self
        return rows.filter(started_at__lt=midnight(last + ONE_DAY)) if last else rows

    def for_list(self) -> PatrolQuerySet:
        """Newest first, with all that a row shows."""
        rows = self.select_related("grid", "source", "member").prefetch_related("cases")
        return rows.order_by("-started_at", "-id")

    def totals(self) -> dict[str, int]:
        """How many patrols, people and grids these rows are, for the head of a list. One query."""
        return self.order_by().aggregate(
            patrols=Count("pk"),
            members=Count("member", distinct=True),
            grids=Count("grid", distinct=True),
        )
