"""Where a person may report from a desk: their own grids, and where those fill many towns, one town at a time."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.permissions import Permission
from grids.models import Grid, Source
from grids.querysets import GridQuerySet
from grids.rules import AREA_RANK, TOWN_RANK
from grids.scope import Scope

# Longer lists are of no use in a select.
_MOST_SOURCES = 300

Group = tuple[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Places:
    """`towns` to choose from first, when there are several; `grids` of the chosen one, in the order of the tree."""

    towns: list[Grid]
    town: Grid | None
    grids: list[Grid]

    @property
    def has_several_towns(self) -> bool:
        return len(self.towns) > 1

    @property
    def must_choose(self) -> bool:
        return self.has_several_towns and self.town is None

    @property
    def groups(self) -> list[Group]:
        """The grids under the work area they belong to; what lies above work areas stands in a group of its own."""
        groups: list[Group] = []
        for grid in self.grids:
            if not groups or grid.rank_id <= AREA_RANK:
                groups.append((grid.name, []))
            groups[-1][1].append((grid.code, f"{grid.name}（本级）" if grid.rank_id <= AREA_RANK else grid.name))
        return groups


def read_places(scope: Scope, town_code: str) -> Places:
    """The places open to `scope`. Two queries; a code that is not among the towns counts as none."""
    open_grids = _reportable(scope)
    towns = list(open_grids.filter(rank=TOWN_RANK).in_order())
    if len(towns) <= 1:
        return Places(towns, None, list(open_grids.in_order()))
    town = next((town for town in towns if town.code == town_code), None)
    return Places(towns, town, list(open_grids.under(town).in_order()) if town else [])


def _reportable(scope: Scope) -> GridQuerySet:
    """One's own grids; the people of a department may report from anywhere that they see."""
    grids = Grid.objects.active_on(scope.day)
    if any(holding.department_id and Permission.CASE_REPORT in holding.permissions for holding in scope.holdings):
        return grids.visible_to(scope)
    return grids.within(scope, Permission.CASE_REPORT)


def source_choices(places: Places, scope: Scope) -> list[tuple[str, str]]:
    """The regulated sites in these places, as far as one sees them; none when nothing is chosen yet."""
    if not places.grids:
        return []
    sources = Source.objects.visible_to(scope).in_use().filter(grid__in=places.grids)
    return list(sources.values_list("code", "name")[:_MOST_SOURCES])
