"""Who acts where in the demo, each with a scope that is built once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import Department, User
from accounts.roles import Role
from cases.rules import Unit
from grids.choices import GridKind
from grids.models import Grid, Post
from grids.scope import Scope, scope_for


class Actors:
    """The people by their posts. Posts do not change during the demo's year, so a scope holds on every day of it."""

    def __init__(self, at: datetime) -> None:
        self._day = localdate(at)
        self._seated: dict[tuple[int | None, int | None, str], list[User]] = {}
        self._scopes: dict[int, Scope] = {}
        for post in Post.objects.filter(user__is_demo=True).select_related("user").order_by("id"):
            self._seated.setdefault((post.grid_id, post.department_id, post.role), []).append(post.user)
        grids = list(Grid.objects.select_related("parent").in_order())
        self.villages = [grid for grid in grids if grid.kind in (GridKind.VILLAGE, GridKind.COMMUNITY)]
        self.county = next(grid for grid in grids if grid.kind == GridKind.COUNTY)
        self._by_code = {grid.code: grid for grid in grids}

    def grid(self, code: str) -> Grid:
        return self._by_code[code]

    def scope(self, user: User, at: datetime) -> Scope:
        """The scope of `user`, as of the day of `at`."""
        if user.pk not in self._scopes:
            self._scopes[user.pk] = scope_for(user, self._day)
        return replace(self._scopes[user.pk], day=localdate(at))

    def first_at(self, grid: Grid, *roles: Role) -> User:
        """The first person who holds one of `roles` at `grid`, in the order of `roles`."""
        return self._first((grid.pk, None, role) for role in roles)

    def first_of(self, department: Department, *roles: Role) -> User:
        return self._first((None, department.pk, role) for role in roles)

    def _first(self, seats: Iterable[tuple[int | None, int | None, str]]) -> User:
        return next(user for seat in seats for user in self._seated.get(seat, ()))

    def in_charge(self, grid: Grid) -> User:
        """Who decides and answers at `grid` in everyday work."""
        return self.first_at(grid, Role.COUNTY_OFFICE, Role.TOWN_OFFICE, Role.AREA_HEAD, Role.MEMBER)

    def beside(self, grid: Grid, user_id: int | None) -> User:
        """Who decides at `grid` in the place of that person: nobody decides on a request of their own."""
        user = self.in_charge(grid)
        return user if user.pk != user_id else self.second_at(grid)

    def second_at(self, grid: Grid) -> User:
        """The other person of the office, or the head of the grid."""
        roles = (Role.COUNTY_OFFICE, Role.TOWN_OFFICE, Role.AREA_HEAD, Role.VILLAGE_HEAD, Role.TOWN_HEAD)
        seated = [user for role in roles for user in self._seated.get((grid.pk, None, role), ())]
        return next(user for user in seated if user != self.in_charge(grid))

    def handler_of(self, unit: Unit) -> User:
        """Who handles for a unit."""
        if unit.department:
            return self.first_of(unit.department, Role.DEPT_OFFICER, Role.DEPT_HEAD)
        return self.in_charge(unit.grid)  # type: ignore[arg-type]  # a unit is a grid or a department
