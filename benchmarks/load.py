"""Reports a second, sent to one gunicorn worker by one and by several clients: ours and the bare one in turns."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median

from benchmarks.reporting import BARE, OURS, Reporter
from benchmarks.server import Server, serving

_CLIENTS = (1, 4)
# Enough for a slice of a second; short, so that both meet the same load of the machine.
_SLICE = 100
_CREATED = 201


@dataclass
class Rate:
    """Requests a second with so many clients, slice by slice."""

    clients: int
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.bare)


def rates_of_reports(slices: int) -> Iterator[Rate]:
    reporter = Reporter.ready()
    with serving(PINGYI_WEB_WORKERS="1") as server:
        for clients in _CLIENTS:
            _send(server, OURS, reporter, clients)
            _send(server, BARE, reporter, clients)
            rate = Rate(clients)
            for _ in range(slices):
                rate.ours.append(_send(server, OURS, reporter, clients))
                rate.bare.append(_send(server, BARE, reporter, clients))
            yield rate


def _send(server: Server, path: str, reporter: Reporter, clients: int) -> float:
    """Requests a second of one slice. A refusal stops the benchmark."""
    share = _SLICE // clients
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for work in [pool.submit(_send_share, server, path, reporter, share) for _ in range(clients)]:
            work.result()
    return share * clients / (time.perf_counter() - begun)


def _send_share(server: Server, path: str, reporter: Reporter, share: int) -> None:
    connection = server.connect()
    for _ in range(share):
        connection.request("POST", path, json.dumps(reporter.matter()).encode(), reporter.browser.headers)
        answer = connection.getresponse()
        words = answer.read()
        if answer.status != _CREATED:
            raise RuntimeError(f"POST {path}: {answer.status} {words[:500].decode()}")
    connection.close()
