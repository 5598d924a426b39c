"""Ours against the bare one, in turns: on a shared machine only what ran in the same minute can be compared."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

WARM_UP = 3
MILLI = 1000


@dataclass
class Times:
    """What one runner took, round by round, in seconds: on the clock, and of the processor."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def wall_ms(self) -> float:
        return median(self.wall) * MILLI

    @property
    def cpu_ms(self) -> float:
        """The figure to compare: time of this process, whoever else uses the machine."""
        return median(self.cpu) * MILLI


def race(runners: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Times]:
    """Each of `runners` once a round, the first one changing from round to round, after a few rounds to warm up."""
    times = {name: Times() for name in runners}
    for _ in range(WARM_UP):
        for run in runners.values():
            run()
    names = list(runners)
    gc.collect()
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            _clock(runners[name], times[name])
    return times


def _clock(run: Callable[[], Any], times: Times) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    times.cpu.append(time.process_time() - cpu)
    times.wall.append(time.perf_counter() - wall)
