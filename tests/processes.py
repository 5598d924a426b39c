"""Many real processes on one real database: the races that threads of one test process cannot show.

    def draw(index: int, times: int) -> list[int]:          # a function at the top of the test's own module
        ...                                                 # runs in its own process; answers anything JSON can hold

    @pytest.mark.parametrize("backend", BACKENDS)           # SQLite, and PostgreSQL under the mark `postgres`
    def test_numbers_have_no_gap(backend):
        with scratch_database(backend) as database:         # migrated, empty, its own PINGYI_VAR, dropped afterwards
            database.run(make_rows)                         # one process, to prepare or to look at the outcome
            answers = database.run_together(draw, count=8, arguments=(25,))
        assert sorted(chain.from_iterable(answers)) == list(range(1, 201))

Every process sets Django up, opens its connection, says that it is ready, and waits; all start in the same moment.
The function is called with the number of its process (0, 1, …) first, `run` calls it without one.
A function that raises fails the test with its traceback. For a worker that must die in the middle: `start(…)` answers
`Worker`s, `worker.kill()` sends SIGKILL, `worker.result()` waits for the others.

PostgreSQL is the server of `DATABASE_URL` where that names one, else the local one at 127.0.0.1:5432.
The first database of a backend is migrated once in a run of pytest, later ones are copies of it.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
_serial = itertools.count(1)


class Worker:
    """One process that runs one function; `index` is None for a process that works alone."""

    def __init__(self, database: ScratchDatabase, function: Callable, index: int | None, arguments: tuple) -> None:
        call = json.dumps([*([] if index is None else [index]), *arguments])
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in `result`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes", f"{function.__module__}:{function.__qualname__}", call],
            cwd=ROOT,
            env=database.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def wait_until_ready(self) -> None:
        assert self._process.stdout
        if self._process.stdout.readline() != "ready\n":
            self._fail()

    def go(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def result(self, timeout: float = 120) -> object:
        """What the function answered; fails the test with its traceback when it raised."""
        try:
            output, _ = self._process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self._stop_dead()
            pytest.fail(f"进程 {timeout:.0f} 秒后仍未结束\n{self._error_text()}")
        if self._process.returncode != 0:
            self._fail()
        self._errors.close()
        return json.loads(output)

    def kill(self) -> None:
        """SIGKILL: no `finally`, no rollback by the program, as when a machine loses power."""
        self._stop_dead()
        self._errors.close()

    def _stop_dead(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    def _fail(self) -> None:
        self._process.wait(timeout=10)
        pytest.fail(f"进程以 {self._process.returncode} 结束\n{self._error_text()}")

    def _error_text(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-8000:]


@dataclass(frozen=True)
class ScratchDatabase:
    """A migrated database of its own; `environment` is what a process needs to work on it."""

    url: str
    var: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        return kept | {
            "DATABASE_URL": self.url,
            "PINGYI_VAR": str(self.var),
            "DJANGO_SETTINGS_MODULE": "pingyi_grid.settings",
        }

    def start(self, function: Callable, *, count: int, arguments: tuple = ()) -> list[Worker]:
        """`count` processes, all of them just told to go."""
        workers = [Worker(self, function, index, arguments) for index in range(count)]
        for worker in workers:
            worker.wait_until_ready()
        for worker in workers:
            worker.go()
        return workers

    def run_together(
        self, function: Callable, *, count: int, arguments: tuple = (), timeout: float = 120
    ) -> list[object]:
        """The answers of `count` processes that started in the same moment, in the order of their numbers."""
        return [worker.result(timeout) for worker in self.start(function, count=count, arguments=arguments)]

    def run(self, function: Callable, *arguments: object, timeout: float = 120) -> object:
        """The answer of one process."""
        worker = Worker(self, function, None, arguments)
        worker.wait_until_ready()
        worker.go()
        return worker.result(timeout)


@contextmanager
def scratch_database(backend: str) -> Iterator[ScratchDatabase]:
    """An empty, migrated database on `backend` (`sqlite` or `postgres`), gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="pingyi-") as folder:
        if backend == "sqlite":
            path = Path(folder) / "scratch.sqlite3"
            shutil.copy(_sqlite_template(), path)
            yield ScratchDatabase(f"sqlite:///{path}", Path(folder))
            return
        template, name = _postgres_template(), f"pingyi_scratch_{os.getpid()}_{next(_serial)}"
        _on_postgres(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield ScratchDatabase(_postgres_url(name), Path(folder))
        finally:
            _on_postgres(f'DROP DATABASE "{name}" WITH (FORCE)')


@functools.cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pingyi-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "template.sqlite3"
    _migrate(ScratchDatabase(f"sqlite:///{path}", folder))
    # Into one file: the copies take the database without its write-ahead log.
    subprocess.run([sys.executable, "-c", _CHECKPOINT, str(path)], check=True)
    return path


@functools.cache
def _postgres_template() -> str:
    name = f"pingyi_template_{os.getpid()}"
    _on_postgres(f'CREATE DATABASE "{name}"')
    atexit.register(_on_postgres, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    with tempfile.TemporaryDirectory(prefix="pingyi-") as folder:
        _migrate(ScratchDatabase(_postgres_url(name), Path(folder)))
    return name


_CHECKPOINT = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)')"


def _migrate(database: ScratchDatabase) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity=0"],
        cwd=ROOT,
        env=database.environment,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        pytest.fail(f"迁移失败\n{done.stderr[-8000:]}")


def _postgres_url(name: str) -> str:
    given = os.environ.get("DATABASE_URL", "")
    server = given if given.startswith("postgres") else "postgres://postgres@127.0.0.1:5432/postgres"
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _on_postgres(statement: str) -> None:
    connection = psycopg2.connect(_postgres_url("postgres").replace("postgres://", "postgresql://", 1))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def _work(target: str, call: str) -> None:
    """The life of one process: get ready, wait for the word, work, answer."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # what the function prints must not mix with its answer
    import django

    django.setup()
    from django.db import connection

    module, name = target.split(":")
    function = getattr(importlib.import_module(module), name)
    connection.ensure_connection()
    print("ready", file=answers, flush=True)
    sys.stdin.readline()
    print(json.dumps(function(*json.loads(call))), file=answers, flush=True)


if __name__ == "__main__":
    _work(*sys.argv[1:])
