"""Scope: what one person may see and do, built once per request from the posts held on that day.

Four questions: `scope.covers(grid)`, `Model.objects.visible_to(scope)`, `scope.may(...)`, `responsible_for(grid)`.
Deny by default: a user without a post sees nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from accounts.models import Department, User
from accounts.permissions import Permission
from accounts.roles import ROLES, Reach, Role, RoleDefinition
from grids.models import Grid, Post, Sponsorship
from grids.querysets import inside

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Span:
    """A grid and all below it, as the interval of the nested set.

    `is_county`: it is a whole tree. Told by the parent, not by the numbers, so that a damaged tree widens nothing.
    """

    tree_id: int
    left: int
    right: int
    grid_id: int
    is_county: bool = False

    @classmethod
    def of(cls, grid: Grid) -> Span:
        return cls(grid.tree_id, grid.lft, grid.rght, grid.pk, is_county=grid.parent_id is None)

    @property
    def is_leaf(self) -> bool:
        """True when nothing lies below its grid."""
        return self.right == self.left + 1

    def holds(self, grid: Grid) -> bool:
        return self.tree_id == grid.tree_id and self.left <= grid.lft <= self.right

    def encloses(self, other: Span) -> bool:
        """True when `other` lies below the grid of this one."""
        return self.tree_id == other.tree_id and self.left < other.left and other.right < self.right


@dataclass(frozen=True)
class Holding:
    """One post as the scope sees it: the role's permissions, and where they hold.

    `home_grid_id` is the grid at which the post itself is held; what a cadre sponsors is reached, but is no home.
    """

    role: Role
    title: str
    permissions: frozenset[Permission]
    everywhere: frozenset[Permission] = frozenset()
    spans: tuple[Span, ...] = ()
    home_grid_id: int | None = None
    department_id: int | None = None
    line: str = ""

    @cached_property
    def grid_ids(self) -> frozenset[int]:
        """Every grid within the spans that are not a whole county, asked of the tree once, for a leaf not at all.

        The few numbers of a town or a village tell a database how little it has to read; a condition on the tree does
        not: of 100,000 cases the last 50 of a village took PostgreSQL 1.7 s by ranges, 35 ms by numbers.
        """
        leaves = {span.grid_id for span in self.spans if span.is_leaf}
        branches = tuple(span for span in self.spans if not span.is_leaf and not span.is_county)
        below = Grid.objects.filter(inside(branches)).values_list("pk", flat=True) if branches else ()
        return frozenset(leaves.union(below))


@dataclass(frozen=True)
class Scope:
    """The reach of one user on one day. `user` is None for the clock (the program itself) and for nobody."""

    user: User | None
    day: date
    holdings: tuple[Holding, ...] = ()
    is_system: bool = False
    address: str = field(default="", compare=False)

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None

    @property
    def person(self) -> User:
        """The person who acts, where only a person can: asking it of the clock or of a visitor is a bug."""
        if self.user is None:
            raise ValueError("no person acts here")
        return self.user

    @property
    def name(self) -> str:
        if self.is_system:
            return "系统"
        return self.user.name if self.user else "未登录"

    @cached_property
    def title(self) -> str:
        """The first post in words, as it stands beside the name in a timeline."""
        return self.holdings[0].title if self.holdings else ""

    @property
    def has_post(self) -> bool:
        return self.is_system or bool(self.holdings)

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(holding.role for holding in self.holdings)

    @cached_property
    def is_masked(self) -> bool:
        """True when no holding may see people's details: an assessor reads records, not persons."""
        return bool(self.holdings) and all(ROLES[holding.role].masked for holding in self.holdings)

    @cached_property
    def department_ids(self) -> frozenset[int]:
        return frozenset(holding.department_id for holding in self.holdings if holding.department_id)

    @cached_property
    def home_grid_ids(self) -> frozenset[int]:
        """The grids where a post is held itself, not those below."""
        return frozenset(holding.home_grid_id for holding in self.holdings if holding.home_grid_id)

    def has(self, permission: Permission) -> bool:
        """True when any holding gives `permission`, wherever."""
        return self.is_system or any(permission in holding.permissions for holding in self.holdings)

    @property
    def reads_audit(self) -> bool:
        return self.has(Permission.AUDIT_VIEW)

    def sees_all(self, permission: Permission) -> bool:
        """True when `permission` holds at every grid; a county post holds in its own county, a span like others."""
        return self.is_system or any(permission in holding.everywhere for holding in self.holdings)

    def spans(self, permission: Permission) -> tuple[Span, ...]:
        """The parts of the tree where `permission` holds; may be empty."""
        return tuple(span for holding in self.holdings if permission in holding.permissions for span in holding.spans)

    def covers(self, grid: Grid | None, permission: Permission = Permission.GRID_VIEW) -> bool:
        """True when `permission` holds at `grid`."""
        if self.sees_all(permission):
            return True
        return grid is not None and any(span.holds(grid) for span in self.spans(permission))

    def sees(self, grid: Grid) -> bool:
        """True when `grid` is among `Grid.objects.visible_to` this scope: within it, or above a place within it."""
        spans = self.spans(Permission.GRID_VIEW)
        return self.covers(grid) or any(Span.of(grid).encloses(span) for span in spans)

    def place_of(self, grid: Grid, permission: Permission) -> int | None:
        """The id of the narrowest own grid whose reach gives `permission` at `grid`; None when there is none."""
        spans = [span for span in self.spans(permission) if span.holds(grid)]
        return min(spans, key=lambda span: span.right - span.left).grid_id if spans else None

    def in_department(self, department_id: int | None, permission: Permission) -> bool:
        """True when a post in exactly this department gives `permission`."""
        return department_id is not None and any(
            holding.department_id == department_id and permission in holding.permissions for holding in self.holdings
        )

    def at_grid(self, grid_id: int | None, permission: Permission) -> bool:
        """True when a post at exactly this grid, not above it, gives `permission`."""
        return grid_id is not None and any(
            holding.home_grid_id == grid_id and permission in holding.permissions for holding in self.holdings
        )


def nobody(day: date) -> Scope:
    """The scope of a visitor: nothing."""
    return Scope(user=None, day=day)


def system_scope(day: date) -> Scope:
    """The scope of the clock and of commands: everything, under the name 系统."""
    return Scope(user=None, day=day, is_system=True)


def scope_for(user: User, day: date, address: str = "") -> Scope:
    """The scope of `user` on `day`, from the posts held that day. Two queries, three with 包保."""
    if not user.is_active:
        return nobody(day)
    posts = Post.objects.filter(user=user).held_on(day).values_list(*_OF_A_POST, named=True)
    holdings = [_holding(post) for post in posts]
    if any(holding.role == Role.SPONSOR for holding in holdings):
        sponsored = Sponsorship.objects.filter(user=user).held_on(day).select_related("grid")
        spans = tuple(Span.of(row.grid) for row in sponsored)
        holdings = [replace(held, spans=spans) if held.role == Role.SPONSOR else held for held in holdings]
    return Scope(user=user, day=day, holdings=tuple(holdings), address=address)


# Asked with every request: the columns alone take two thirds of the time of the rows.
_OF_A_POST = (
    "role",
    "title",
    "line",
    "grid_id",
    "grid__name",
    "grid__tree_id",
    "grid__lft",
    "grid__rght",
    "grid__parent_id",
    "department_id",
    "department__name",
)


def _holding(post: Any) -> Holding:
    definition = ROLES[Role(post.role)]
    is_home = post.grid_id is not None and definition.reach in (Reach.COUNTY, Reach.SUBTREE)
    return Holding(
        role=definition.role,
        title=_title(post.grid__name or post.department__name or "", post.title or definition.role.label),
        permissions=definition.permissions,
        everywhere=_everywhere(definition, post),
        spans=(_span(post),) if is_home else (),
        home_grid_id=post.grid_id if is_home else None,
        # A cadre sees exactly the sponsored grids, not what lies with the department the cadre comes from.
        department_id=None if definition.reach == Reach.SPONSORED else post.department_id,
        line=post.line,
    )


def _span(post: Any) -> Span:
    is_county = post.grid__parent_id is None
    return Span(post.grid__tree_id, post.grid__lft, post.grid__rght, post.grid_id, is_county=is_county)


def _title(place: str, post: str) -> str:
    """A place and a post in words, without saying the kind of place twice: 仲村镇 and 镇网格长 are 仲村镇网格长."""
    return f"{place}{post.removeprefix(place[-1:])}"


def _everywhere(definition: RoleDefinition, post: Any) -> frozenset[Permission]:
    """A department's people and systems read the whole tree; a county post held nowhere (an administrator) holds
    everywhere.
    """
    is_system = definition.role == Role.EXTERNAL and post.department_id is not None
    if definition.reach == Reach.DEPARTMENT or is_system:
        return frozenset({Permission.GRID_VIEW})
    if definition.reach == Reach.COUNTY and post.grid_id is None and post.department_id is None:
        return definition.permissions
    return frozenset()


# Who answers for a grid: heads before members before the office, so that the first name is the one to call.
_ANSWERING = {
    Role.TOWN_HEAD: 0,
    Role.AREA_HEAD: 0,
    Role.VILLAGE_HEAD: 0,
    Role.TOWN_OFFICE: 1,
    Role.COUNTY_OFFICE: 1,
    Role.MEMBER: 2,
}


@dataclass(frozen=True)
class Responsible:
    """The people who answer, the grid at which they were found, and the vacant grids passed on the way up."""

    grid: Grid | None
    users: tuple[User, ...]
    passed: tuple[Grid, ...] = ()


def responsible_for(grid: Grid, day: date) -> Responsible:
    """Who answers for `grid` on `day`: heads first. A grid without anyone is passed upwards, never answered by nobody
    while anybody above holds a post. One query where somebody answers at the grid itself, three whatever the depth.
    """
    here = _answering_at([grid], day)
    if here:
        return Responsible(grid, here[grid.pk])
    above = list(reversed(Grid.objects.above(grid)))
    answering = _answering_at(above, day)
    for position, candidate in enumerate(above):
        if candidate.pk in answering:
            return Responsible(candidate, answering[candidate.pk], (grid, *above[:position]))
    return Responsible(None, (), (grid, *above))


def _answering_at(grids: list[Grid], day: date) -> dict[int, tuple[User, ...]]:
    """By the key of a grid who answers there, heads first; vacant grids are missing."""
    posts = (
        Post.objects.filter(grid__in=grids)
        .with_role(*_ANSWERING)
        .held_on(day)
        .filter(user__is_active=True)
        .select_related("user")
        .order_by("id")
    )
    found: dict[int, list[User]] = {}
    for post in sorted(posts, key=lambda post: (_ANSWERING[Role(post.role)], post.pk)):
        found.setdefault(post.grid_id, []).append(post.user)
    return {key: _distinct(users) for key, users in found.items()}


def officers_of(department: Department, day: date, *roles: Role) -> tuple[User, ...]:
    """The people of a department who hold one of `roles` on `day`; all of its officers when none is named."""
    wanted = roles or (Role.DEPT_HEAD, Role.DEPT_OFFICER, Role.ENFORCEMENT)
    posts = (
        Post.objects.filter(department=department, user__is_active=True)
        .with_role(*wanted)
        .held_on(day)
        .select_related("user")
    )
    return _distinct(post.user for post in posts)


def _distinct(users: Iterable[User]) -> tuple[User, ...]:
    return tuple({user.pk: user for user in users}.values())
