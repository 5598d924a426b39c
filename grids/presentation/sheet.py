"""One grid as its page shows it: its people, what stands below it, its sites, its history and its map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.permissions import Permission
from grids.choices import ChangeKind
from grids.models import Grid, GridChange, Post, Source, Sponsorship
from grids.presentation.maps import GridMap, map_of
from grids.presentation.people import ANSWERING, Contacts, Person, contacts_above, names_at, person_of
from grids.scope import Scope
from kernel.display import Badge, Crumb, Tone

SOURCES_SHOWN = 10


@dataclass(frozen=True)
class Child:
    code: str
    name: str
    kind: str
    people: str


@dataclass(frozen=True)
class Sponsor:
    pk: int
    name: str
    sponsor_class: str
    phone: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Change:
    """A line of 沿革."""

    day: date
    kind: str
    sentence: str
    basis: str


@dataclass(frozen=True)
class GridSheet:
    """Everything on the page of a grid; a fixed number of queries."""

    grid: Grid
    lead: str
    badges: list[Badge]
    crumbs: list[Crumb]
    facts: list[tuple[str, object]]
    people: list[Person]
    contacts: list[Contacts]
    sponsors: list[Sponsor]
    children: list[Child]
    sources: list[Source]
    source_count: int
    shows_sources: bool
    may_appoint: bool
    changes: list[Change]
    map: GridMap | None

    @property
    def child_note(self) -> str:
        return f"{len(self.children)} 个"

    @property
    def source_note(self) -> str:
        shown = min(self.source_count, SOURCES_SHOWN)
        return f"共 {self.source_count} 家" + (f"，列出前 {shown} 家" if shown < self.source_count else "")


def sheet_of(grid: Grid, scope: Scope, day: date) -> GridSheet:
    """The page of `grid` on `day`, through what `scope` sees."""
    visible = Grid.objects.visible_to(scope)
    above = list(visible.above(grid))
    children = list(visible.filter(parent=grid).active_on(day).in_order())
    posts = _posts([grid, *above], scope, day)
    sources = Source.objects.visible_to(scope).in_grid(grid.code).in_use().select_related("grid")
    shows_sources = scope.has(Permission.SOURCE_VIEW)
    return GridSheet(
        grid=grid,
        lead=f"{grid.get_kind_display()} · 编码 {grid.code}",
        badges=_badges(grid, day),
        crumbs=[
            Crumb("网格", reverse("grids:tree")),
            *(Crumb(row.name, address(row)) for row in above),
            Crumb(grid.name),
        ],
        facts=_facts(grid),
        people=[person_of(post, scope) for post in posts if post.grid_id == grid.pk],
        contacts=contacts_above(above, scope, posts),
        sponsors=_sponsors(grid, scope, day),
        children=_children(children, scope, day),
        sources=list(sources[:SOURCES_SHOWN]) if shows_sources else [],
        source_count=sources.count() if shows_sources else 0,
        shows_sources=shows_sources,
        may_appoint=scope.covers(grid, Permission.POST_EDIT),
        changes=_changes(grid, scope),
        map=map_of(grid, children, scope),
    )


def address(grid: Grid) -> str:
    return reverse("grids:grid", args=[grid.code])


def _posts(grids: Sequence[Grid], scope: Scope, day: date) -> list[Post]:
    posts = Post.objects.visible_to(scope).held_on(day).with_role(*ANSWERING).filter(grid__in=grids)
    return list(posts.in_reading_order())


def _facts(grid: Grid) -> list[tuple[str, object]]:
    centre = f"{grid.centre_lon:.5f}, {grid.centre_lat:.5f}（WGS-84）" if grid.centre_lon is not None else ""
    return [
        ("网格编码", grid.code),
        ("区划代码", grid.division_code),
        ("类型", grid.get_kind_display()),
        ("层级", grid.rank.name),
        ("启用日期", grid.active_from.isoformat()),
        ("停用日期", grid.active_to.isoformat() if grid.active_to else ""),
        ("四至", grid.boundary_text),
        ("中心点", centre),
        ("数据来源", grid.source),
    ]


def _sponsors(grid: Grid, scope: Scope, day: date) -> list[Sponsor]:
    rows = Sponsorship.objects.visible_to(scope).held_on(day).filter(grid=grid).select_related("user")
    return [
        Sponsor(
            pk=row.pk,
            name=row.user.name,
            sponsor_class=row.get_sponsor_class_display(),
            phone="" if scope.is_masked else row.user.phone or row.user.office_phone,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row in rows.order_by("sponsor_class", "id")
    ]


def _children(children: Sequence[Grid], scope: Scope, day: date) -> list[Child]:
    people = names_at([child.pk for child in children], scope, day)
    return [Child(child.code, child.name, child.get_kind_display(), people.get(child.pk, "")) for child in children]


def _badges(grid: Grid, day: date) -> list[Badge]:
    badges = [Badge("演示数据", Tone.MUTED, "info")] if grid.is_demo else []
    if grid.active_to is not None and grid.active_to <= day:
        badges.append(Badge("已停用", Tone.BAD, "void"))
    return badges


def _changes(grid: Grid, scope: Scope) -> list[Change]:
    rows = GridChange.objects.visible_to(scope).filter(grid=grid).select_related("old_parent", "new_parent")
    return [
        Change(row.day, row.get_kind_display(), _sentence(row), row.basis) for row in rows.order_by("-day", "-id")[:20]
    ]


def _sentence(change: GridChange) -> str:
    if change.kind == ChangeKind.RENAMED:
        return f"由“{change.old_name}”改为“{change.new_name}”"
    if change.kind == ChangeKind.MOVED and change.old_parent and change.new_parent:
        return f"由“{change.old_parent.name}”划归“{change.new_parent.name}”"
    return ""
