"""平邑县 as the program brings it: official divisions, work areas made up for demonstration, schematic outlines."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from grids.choices import GridKind
from grids.models import Grid
from grids.scope import Scope
from grids.services.boundaries import import_boundaries
from grids.services.divisions import grid_row, read_divisions
from grids.services.tree import GridRow, import_tree

PINGYI = "371326"
# The day of the edition of division codes; see data/SOURCES.md.
EDITION_DAY = date(2023, 6, 30)
_DATA = Path(__file__).resolve().parent.parent / "data"
_DIVISIONS_SOURCE = "统计用区划代码 2023-06-30 版"
_WORK_AREA_SOURCE = "演示划分，非官方"


@dataclass(frozen=True)
class LoadedCounty:
    """How many grids and outlines were new; both 0 when the county was there already."""

    grids: int
    outlines: int


def load_pingyi(*, by: Scope, at: datetime) -> LoadedCounty:
    """Load the county, 14 towns, 105 work areas (演示) and 575 villages with schematic outlines (示意) and centres.

    What exists stays as it is, so a second call changes nothing. All or nothing; under a second for 695 grids.
    """
    features = _features()
    rows = [replace(row, centre=features[row.code]["centre"]) for row in _rows()]
    with transaction.atomic():
        existing = set(Grid.objects.filter(code__in=[row.code for row in rows]).values_list("code", flat=True))
        new = [row for row in rows if row.code not in existing]
        import_tree(rows=new, active_from=EDITION_DAY, by=by, at=at)
        geometries = {row.code: features[row.code]["geometry"] for row in new}
        outlines = import_boundaries(geometries=geometries, is_schematic=True, by=by, at=at)
    return LoadedCounty(len(new), outlines)


def _rows() -> list[GridRow]:
    """The rows of the county, work areas between towns and villages."""
    divisions = read_divisions((_DATA / "pingyi_divisions.csv").read_text("utf-8"))
    with (_DATA / "pingyi_demo_workareas.csv").open(encoding="utf-8", newline="") as file:
        grouping = list(csv.DictReader(file))
    area_of = {line["village_code"]: line["work_area_code"] for line in grouping}
    areas = {
        line["work_area_code"]: GridRow(
            code=line["work_area_code"],
            name=line["work_area_name"],
            kind=GridKind.WORK_AREA,
            parent_code=line["town_code"],
            is_demo=True,
            source=_WORK_AREA_SOURCE,
        )
        for line in grouping
    }
    official = [grid_row(division, _DIVISIONS_SOURCE) for division in divisions]
    return [*areas.values(), *(replace(row, parent_code=area_of.get(row.code, row.parent_code)) for row in official)]


def _features() -> dict[str, dict[str, Any]]:
    """Outline and centre by the code of the grid."""
    collection = json.loads((_DATA / "pingyi_outlines_schematic.geojson").read_text("utf-8"))
    return {
        feature["properties"]["code"]: {
            "centre": tuple(feature["properties"]["centre"]),
            "geometry": feature["geometry"],
        }
        for feature in collection["features"]
    }
