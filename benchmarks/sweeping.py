"""The sweep over cases that became due in the last hour: how many in a second, alone in its process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from cases.choices import State
from cases.services.sweeping import sweep_cases
from pingyi_grid.scale import add_due_cases


@dataclass(frozen=True)
class Swept:
    """Steps fired, and seconds of the clock and of the processor."""

    name: str
    fired: int
    wall: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.fired / self.wall

    @property
    def per_cpu_second(self) -> float:
        return self.fired / self.cpu


def swept_cases(count: int) -> list[Swept]:
    """First a backlog of late handling alone (a red card each), then one where every fourth case climbs a level."""
    with_climbing = (State.TRIAGE, State.HANDLING, State.CHECKING, State.DISPATCHED)
    return [
        _swept("到期未办结：红牌", (State.HANDLING,), count),
        _swept("四分之一逾期自动上送", with_climbing, count),
    ]


def _swept(name: str, states: Sequence[State], count: int) -> Swept:
    at = _emptied()
    add_due_cases(states=states, count=count, seed=2, at=at)
    wall, cpu = time.perf_counter(), time.process_time()
    done = sweep_cases(at)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if done.failed or done.fired < count:
        raise RuntimeError(f"{name}: {done}")
    return Swept(name, done.fired, wall, cpu)


def _emptied() -> datetime:
    """A moment by which everything due before it has been done."""
    at = timezone.now()
    while sweep_cases(at).fired:
        pass
    return at
