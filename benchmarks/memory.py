"""The memory of web workers: gunicorn as `bin/run` starts it, after a walk through the pages of several roles."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks.browser import Browser
from benchmarks.world import ROOT

ROLES = ("scale_county", "scale_town", "scale_area", "scale_member", "scale_water")
_ROUNDS = 8
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Worker:
    """MB of one worker: resident, and its fair share of what it has in common with the others."""

    rss: float
    pss: float


def workers_after_a_walk(environment: Mapping[str, str], number: str) -> list[Worker]:
    """Each web worker after every role opened its pages, the case `number` among them, several times."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    server = subprocess.Popen(command, cwd=ROOT, env={**environment, "PORT": str(port)})
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        for role in ROLES:
            _walk(f"http://127.0.0.1:{port}", Browser(role).cookie, number)
        return [_memory_of(pid) for pid in _children_of(server.pid)]
    finally:
        server.terminate()
        server.wait()


def _walk(site: str, cookie: str, number: str) -> None:
    pages = ("/", "/cases/", f"/cases/{number}/", "/grids/", "/sources/", "/posts/", "/field/", "/api/v1/cases/")
    for _ in range(_ROUNDS):
        for page in pages:
            _get(site + page, cookie)


def _get(address: str, cookie: str = "") -> int:
    """The status: a role that may not open a page is refused, and that is a page as well."""
    try:
        with urlopen(Request(address, headers={"Cookie": cookie})) as answer:
            answer.read()
            return answer.status
    except URLError as error:
        code = getattr(error, "code", None)
        if code in (403, 404, 503):
            return code
        raise


def _wait_for(address: str) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end:
        try:
            _get(address)
        except (URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _memory_of(pid: int) -> Worker:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return Worker(sizes["Rss"], sizes["Pss"])


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
