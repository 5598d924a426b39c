"""The memory of web workers: gunicorn as `bin/run` starts it, after people of every level walked through its pages."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from pathlib import Path

from benchmarks.browser import Browser
from benchmarks.server import Server, serving

ROLES = ("scale_county", "scale_town", "scale_area", "scale_member", "scale_water")
# A walk begins here and follows the links of each page; what a role may not open is refused, which is a page as well.
_DOORS = ("/", "/field/", "/cases/", "/grids/?open=9", "/api/v1/cases/", "/api/v1/grids/")
_LINK = re.compile(r'href="(/(?!static/)[^"#]*)"')
_STEPS = 120


@dataclass(frozen=True)
class Worker:
    """MB of one worker: resident, and its fair share of what it has in common with the others."""

    rss: float
    pss: float


def workers_after_a_walk() -> list[Worker]:
    """Each web worker after every role opened a hundred pages and more: cases, grids, posts, the phone, the API."""
    with serving() as server:
        for role in ROLES:
            _walk(server, Browser(role).headers)
        return [_memory_of(pid) for pid in server.workers]


def _walk(server: Server, headers: Mapping[str, str]) -> None:
    known, waiting = set(_DOORS), deque(_DOORS)
    for _ in range(_STEPS):
        if not waiting:
            break
        words = _read(server, waiting.popleft(), headers)
        new = [link for link in map(unescape, _LINK.findall(words)) if link not in known]
        known.update(new)
        waiting.extend(dict.fromkeys(new))


def _read(server: Server, path: str, headers: Mapping[str, str]) -> str:
    """The page at `path`, empty for what is none. Each by a connection of its own, so that every worker gets some."""
    connection = server.connect()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    words = answer.read()
    connection.close()
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise RuntimeError(f"GET {path}: {answer.status}")
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    return words.decode() if is_page else ""


def _memory_of(pid: int) -> Worker:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return Worker(sizes["Rss"], sizes["Pss"])
