"""Eight processes create and move grids under one county; the tree stays sound.

`PINGYI_TREE_SECONDS=60 pytest --log-cli-level=INFO grids/tests/test_concurrency.py` takes longer and tells the figures.
"""

import logging
import os
import random
import time
from collections import Counter

import pytest
from django.utils import timezone

from grids.models import Grid, Source
from grids.scope import system_scope
from grids.services import (
    GridRow,
    SourceDraft,
    create_grid,
    import_tree,
    move_grid,
    register_source,
    rename_grid,
    tree_faults,
)
from kernel.refusal import Refused
from tests.processes import BACKENDS, scratch_database

log = logging.getLogger(__name__)
SECONDS = float(os.environ.get("PINGYI_TREE_SECONDS", "6"))
PROCESSES = 8


def plant() -> int:
    """A county of four towns with three work areas and five villages each."""
    at = timezone.now()
    rows = [GridRow("371326", "平邑县", "county", None)]
    for town in range(4):
        rows.append(GridRow(f"T{town}", f"镇{town}", "town", "371326"))
        for area in range(3):
            rows.append(GridRow(f"T{town}W{area}", f"区{town}{area}", "work_area", f"T{town}"))
            rows += [GridRow(f"T{town}W{area}V{n}", f"村{n}", "village", f"T{town}W{area}") for n in range(5)]
    by = system_scope(timezone.localdate(at))
    return len(import_tree(rows=rows, active_from=timezone.localdate(at), by=by, at=at))


def shuffle(index: int, seconds: float) -> dict[str, int]:
    """Create, move and rename at random until time is up; how many of each were done or refused."""
    rnd, end, done = random.Random(index), time.monotonic() + seconds, Counter()
    while time.monotonic() < end:
        act = rnd.choice([_create, _move_area, _move_village, _rename])
        try:
            act(rnd, f"P{index}-{sum(done.values())}")
        except Refused:
            done["refused"] += 1
        else:
            done[act.__name__] += 1
    return dict(done)


def _create(rnd: random.Random, code: str) -> None:
    parent = rnd.choice(Grid.objects.filter(kind="work_area").values_list("code", flat=True))
    row = GridRow(code, f"新村{code}", "village", parent)
    create_grid(row=row, active_from=timezone.localdate(), by=_by(), at=timezone.now())


def _move_area(rnd: random.Random, code: str) -> None:
    move_grid(grid=_any(rnd, "work_area"), parent=_any(rnd, "town"), by=_by(), at=timezone.now())


def _move_village(rnd: random.Random, code: str) -> None:
    move_grid(grid=_any(rnd, "village"), parent=_any(rnd, "work_area"), by=_by(), at=timezone.now())


def _rename(rnd: random.Random, code: str) -> None:
    rename_grid(grid=_any(rnd, "work_area"), name=f"区{code}", by=_by(), at=timezone.now())


def _any(rnd: random.Random, kind: str) -> Grid:
    return rnd.choice(Grid.objects.filter(kind=kind))


def _by():
    return system_scope(timezone.localdate())


def faults() -> list[str]:
    return [f"{fault.code} {fault.sentence}" for fault in tree_faults()]


def strayed() -> list[str]:
    """The codes of the grids whose ancestors by their parents are not those by the numbers of the tree."""
    grids = sorted(Grid.objects.all(), key=lambda grid: grid.lft)
    by_key = {grid.pk: grid for grid in grids}
    return [grid.code for grid in grids if _above_by_parents(grid, by_key) != _above_by_numbers(grid, grids)]


def _above_by_parents(grid: Grid, by_key: dict[int, Grid]) -> list[str]:
    above = []
    while grid.parent_id is not None:
        grid = by_key[grid.parent_id]
        above.insert(0, grid.code)
    return above


def _above_by_numbers(grid: Grid, grids: list[Grid]) -> list[str]:
    return [row.code for row in grids if row.tree_id == grid.tree_id and row.lft < grid.lft and grid.rght < row.rght]


def count() -> int:
    return Grid.objects.count()


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_eight_processes_leave_a_sound_tree(backend):
    with scratch_database(backend) as database:
        planted = database.run(plant)
        answers = database.run_together(shuffle, count=PROCESSES, arguments=(SECONDS,), timeout=SECONDS + 60)
        total = sum((Counter(answer) for answer in answers), Counter())
        log.info("%s: %.0f s, %d processes, %s, %.0f/s", backend, SECONDS, PROCESSES, total, total.total() / SECONDS)
        assert database.run(faults) == []
        assert database.run(strayed) == []
        assert database.run(count) == planted + total["_create"]
        assert min(sum(answer.values()) for answer in answers) > 0


def enter(index: int, times: int) -> list[str]:
    """Enter sites in a village of a work area that others move about."""
    at = timezone.now()
    village = Grid.objects.get(code="T0W0V0")
    return [
        register_source(
            draft=SourceDraft(name=f"厂{index}-{n}", category="industry", grid=village), by=_by(), at=at
        ).code
        for n in range(times)
    ]


def wander(index: int, times: int) -> list[str]:
    for turn in range(times):
        area = Grid.objects.get(code="T0W0")
        move_grid(grid=area, parent=Grid.objects.get(code=f"T{1 + turn % 3}"), by=_by(), at=timezone.now())
    return []


def enter_or_wander(index: int, times: int) -> list[str]:
    return wander(index, times) if index == 0 else enter(index, times)


def ledger() -> int:
    return Source.objects.filter(grid__code="T0W0V0").count()


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_no_site_is_lost_while_its_work_area_moves(backend):
    with scratch_database(backend) as database:
        database.run(plant)
        answers = database.run_together(enter_or_wander, count=4, arguments=(12,))
        codes = sorted(code for answer in answers for code in answer)
        assert codes == [f"371326-{number:05d}" for number in range(1, 37)]
        assert database.run(ledger) == 36
        assert database.run(faults) == []
