"""`bin/run` as a person meets it: real processes on SQLite, with the broker that needs no service."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120

pytestmark = [pytest.mark.slow, pytest.mark.timeout(PATIENCE_SECONDS * 3)]


class Program:
    """The supervisor with all that it starts, on data of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "PINGYI_VAR": str(folder / "var"),
            "PINGYI_DEMO": "0",
        }
        with self.log.open("w") as log:
            self.process = self.start_another(stderr=log)

    def start_another(self, **options: object) -> subprocess.Popen:
        command = [sys.executable, "-m", "pingyi_grid.supervisor"]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL, **options)

    def said(self, words: str) -> bool:
        return words in self.log.read_text("utf-8")

    def health(self) -> dict[str, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return json.load(answer)
        except (URLError, OSError):
            return {}

    def children(self) -> dict[str, int]:
        """The process numbers of what the supervisor keeps alive, by their names in the command."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        names = ("gunicorn", "worker", "beat")
        rows = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
        return {name: int(pid) for pid, command in rows for name in names if f" {name} " in f"{command} "}


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Iterator[Program]:
    running = Program(tmp_path_factory.mktemp("run"))
    wait_until(lambda: running.said("平邑网格已启动") or running.process.poll() is not None)
    yield running
    running.process.kill()
    running.process.wait()


def test_it_says_the_address_once_all_is_well(program):
    assert program.said(f"平邑网格已启动：http://127.0.0.1:{program.port}/")
    assert program.health()["status"] == "ok"
    assert sorted(program.children()) == ["beat", "gunicorn", "worker"]


def test_a_second_one_on_the_same_data_is_refused(program):
    second = program.start_another(stderr=subprocess.PIPE, text=True)
    _, words = second.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == 1
    assert f"已在运行（进程 {program.process.pid}）" in words


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_killed_process_of_the_background_is_started_again(program, name):
    killed = program.children()[name]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: program.children().get(name, killed) != killed)
    assert program.health()["status"] == "ok"


def test_a_word_to_stop_stops_everything(program):
    children = program.children()
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(timeout=PATIENCE_SECONDS) == 0
    assert [pid for pid in children.values() if Path(f"/proc/{pid}").exists()] == []
    assert program.health() == {}
    assert not program.said("没有按时停下")
