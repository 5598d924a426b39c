"""The power goes in the middle of a sweep, Redis delivers the message again, two timetables run: each step fires once.

Real processes throughout: redis-server, `celery worker`, two `celery beat`, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
import redis
from django.utils import timezone

from cases.choices import CardColour, LadderStep, Stage
from cases.models import Card, Case, StageClock, Step
from cases.tests.conftest import open_desk
from kernel import audit
from kernel.models import Firing
from tests.processes import BACKENDS, ROOT, ScratchDatabase, scratch_database

DUE = 1_000
PATIENCE_SECONDS = 80
# Longer than the visibility time-out of pingyi_grid.celery: what is aged by this much is delivered again.
AN_HOUR_AND_MORE = 3_700

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def make_due_cases(count: int) -> int:
    """`count` cases being handled since two months ago: each has passed every step of its ladder."""
    desk = open_desk()
    first = desk.handling(at=timezone.now() - timedelta(days=60), co=())
    Case.objects.bulk_create([_copy(first, number=f"WT-20200101-{n:04d}") for n in range(1, count)])
    clock = StageClock.objects.get(case=first, stage=Stage.HANDLE)
    others = Case.objects.exclude(pk=first.pk).values_list("pk", flat=True)
    StageClock.objects.bulk_create([_copy(clock, case_id=pk) for pk in others])
    return StageClock.objects.ringing(timezone.now()).count()


def _copy(row: Case | StageClock, **changed: object) -> Case | StageClock:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**values | {"id": None} | changed)


def outcome() -> dict[str, int]:
    return {
        "fired": Firing.objects.filter(step=LadderStep.URGE, skipped=False).count(),
        "fired at all": Firing.objects.filter(skipped=False).count(),
        "passed over": Firing.objects.filter(skipped=True).count(),
        "cards": Card.objects.filter(colour=CardColour.RED).count(),
        "cards at all": Card.objects.count(),
        "steps": Step.objects.filter(action="ladder").count(),
        "urged cases": Case.objects.filter(card=CardColour.RED, is_urged=True).count(),
        "faults of the audit": len(audit.verify()),
    }


EACH_STEP_ONCE = {
    "fired": DUE,
    "fired at all": DUE,
    "passed over": 3 * DUE,
    "cards": DUE,
    "cards at all": DUE,
    "steps": DUE,
    "urged cases": DUE,
    "faults of the audit": 0,
}


def fired_so_far(database: ScratchDatabase) -> int:
    """Asked past Django, in a millisecond: the moment of the kill must not be missed."""
    statement = "SELECT count(*) FROM kernel_firing WHERE NOT skipped"
    if database.url.startswith("sqlite"):
        with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"), timeout=20)) as connection:
            return connection.execute(statement).fetchone()[0]
    with closing(psycopg2.connect(database.url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


class Broker:
    """A redis-server of its own."""

    def __init__(self, port: int) -> None:
        self.url = f"redis://127.0.0.1:{port}/0"
        self.client = redis.Redis(port=port)

    def answers(self) -> bool:
        try:
            return self.client.ping()
        except redis.ConnectionError:
            return False

    def taken(self) -> dict[str, str]:
        """Messages that a worker took and has not acknowledged: the number of the delivery and the name of the task."""
        messages = {tag.decode(): json.loads(text)[0] for tag, text in self.client.hgetall("unacked").items()}
        return {tag: message["headers"]["task"] for tag, message in messages.items()}

    def let_an_hour_pass(self) -> None:
        """As if what is taken had been taken longer ago than the visibility time-out."""
        for tag, moment in self.client.zrange("unacked_index", 0, -1, withscores=True):
            self.client.zadd("unacked_index", {tag: moment - AN_HOUR_AND_MORE})

    def is_done_with(self, tags: set[str]) -> bool:
        """True when none of these messages waits in the queue or is held by a worker."""
        waiting, held = self.client.pipeline().lrange("celery", 0, -1).hkeys("unacked").execute()
        found = {json.loads(text)["properties"]["delivery_tag"] for text in waiting} | {tag.decode() for tag in held}
        return not tags & found


@contextmanager
def private_redis(folder: Path) -> Iterator[Broker]:
    if not shutil.which("redis-server"):
        reason = "没有 redis-server"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    broker = Broker(port)
    try:
        wait_until(broker.answers)
        yield broker
    finally:
        broker.client.close()
        server.kill()
        server.wait()


def wait_until(holds: Callable[[], bool], log: Path | None = None) -> None:
    patience = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > patience:
            pytest.fail(log.read_text("utf-8")[-8000:] if log else "等待超时")
        time.sleep(0.02)


class Background:
    """Workers and timetables as the supervisor starts them, each in a process group that can be killed whole."""

    def __init__(self, database: ScratchDatabase, broker: Broker) -> None:
        self.log = database.var / "celery.log"
        self._environment = database.environment | {"REDIS_URL": broker.url, "PINGYI_WORKER_PROCESSES": "2"}
        self._processes: list[subprocess.Popen] = []

    def worker(self) -> subprocess.Popen:
        return self._start("pingyi_grid.celery", "worker", "--without-gossip", "--without-mingle")

    def timetable(self) -> subprocess.Popen:
        return self._start("tests.hurried_timetable", "beat", "--pidfile=")

    def _start(self, app: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "celery", "--quiet", f"--app={app}", *arguments]
        with self.log.open("a") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        self._processes.append(process)
        return process

    def cut_the_power(self, process: subprocess.Popen) -> None:
        """SIGKILL to the process and its children in one call."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, process: subprocess.Popen) -> None:
        """As on an ordinary stop: what was begun is finished."""
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)

    def end(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                self.cut_the_power(process)


@contextmanager
def background(database: ScratchDatabase, broker: Broker) -> Iterator[Background]:
    running = Background(database, broker)
    try:
        yield running
    finally:
        running.end()


def kill_in_the_middle(running: Background, database: ScratchDatabase) -> int:
    """How many steps had fired when the worker died."""
    worker = running.worker()
    wait_until(lambda: fired_so_far(database) > 0, running.log)
    running.cut_the_power(worker)
    return fired_so_far(database)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_killed_worker_and_a_message_delivered_again_fire_each_step_once(backend, tmp_path):
    with scratch_database(backend) as database, private_redis(tmp_path) as broker:
        assert database.run(make_due_cases, DUE) == DUE
        with background(database, broker) as running:
            timetables = [running.timetable(), running.timetable()]
            fired_at_death = kill_in_the_middle(running, database)
            lost = broker.taken()
            broker.let_an_hour_pass()
            worker = running.worker()
            wait_until(lambda: fired_so_far(database) >= DUE and broker.is_done_with(set(lost)), running.log)
            for process in [*timetables, worker]:
                running.stop(process)
        after = database.run(outcome)
    assert 0 < fired_at_death < DUE
    assert "pingyi_grid.tasks.sweep" in lost.values()
    assert after == EACH_STEP_ONCE
