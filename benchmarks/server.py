"""Gunicorn as `bin/run` starts it, on the database of the benchmark and with the bare views beside the program."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.world import ROOT

_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Server:
    """A running server on this machine."""

    pid: int
    port: int

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return [int(child) for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


@contextmanager
def serving(**settings: str) -> Iterator[Server]:
    """A server in the environment of this process with `settings` beside it; stopped when the block ends."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--config=deploy/gunicorn.conf.py"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings, "PORT": str(port)})
    try:
        server = Server(process.pid, port)
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait_for(server: Server) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end:
        try:
            connection = server.connect()
            connection.request("GET", "/login/")
            connection.getresponse().read()
        except ConnectionError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError(f"no answer on port {server.port}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
