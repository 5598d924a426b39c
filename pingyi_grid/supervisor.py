"""Runs web, worker and timetable of one machine together: `bin/run`. Standard library only, it stays small.

A worker or a timetable that dies is started again, a little later each time; without the web server there is nothing
to run for, so all stop. Ctrl-C and SIGTERM stop everything in order.
"""

from __future__ import annotations

import ctypes
import fcntl
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from pingyi_grid.listening import Address, CannotStart, allowed_hosts, check_is_free, read_address

ROOT = Path(__file__).resolve().parent.parent
TICK_SECONDS = 0.25
READY_SECONDS = 60
# Gunicorn and Celery finish what they have begun within this time; after it they are killed.
STOP_SECONDS = 25
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
_PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """Ctrl-C or SIGTERM came."""


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


# --- processes ----------------------------------------------------------------------------------------------------
def _die_with_parent() -> None:
    """On Linux a child whose parent was killed gets SIGTERM: no server is left behind on the port."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen:
    """A Python process in a session of its own, so that Ctrl-C reaches it through us alone and in order."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


class Child:
    """A process that has to run as long as we do."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._arguments = arguments
        self._environment = environment
        self._delay = FIRST_DELAY
        self._start()

    def _start(self) -> None:
        self.process = start(self._arguments, self._environment)
        self._started_at = time.monotonic()
        self._again_at: float | None = None

    @property
    def exit_code(self) -> int | None:
        return self.process.poll()

    def keep_alive(self) -> None:
        """Starts a dead process again: at first after a second, then after twice as long, up to a minute."""
        now = time.monotonic()
        if self.exit_code is None:
            return
        if self._again_at is None:
            lived = now - self._started_at
            self._delay = FIRST_DELAY if lived > LONGEST_DELAY else min(self._delay * 2, LONGEST_DELAY)
            self._again_at = now + self._delay
            say(f"{self.name}退出（代码 {self.exit_code}），{self._delay:.0f} 秒后重新启动。")
        elif now >= self._again_at:
            self._start()

    def stop(self) -> None:
        if self.exit_code is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Until `deadline`; then it and what it started are killed."""
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{self.name}没有按时停下，强制结束。")
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


_CELERY = ["celery", "--quiet", "--app=pingyi_grid.celery"]
PROCESSES = (
    ("网站进程", ["gunicorn", "--config=deploy/gunicorn.conf.py"]),
    ("后台任务进程", [*_CELERY, "worker", "--without-gossip", "--without-mingle"]),
    # Without a pid file: one that a killed timetable left behind would forbid the next start.
    ("定时进程", [*_CELERY, "beat", "--pidfile="]),
)


# --- one run ------------------------------------------------------------------------------------------------------
@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Refuses a second program on the same data."""
    var.mkdir(parents=True, exist_ok=True)
    with open(var / "run.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"使用 {var} 中数据的程序已在运行（进程 {lock.read().strip()}）。先用 Ctrl-C 停止它，"
                "或者用 PINGYI_VAR 指定另一个数据目录。"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def prepare(environment: dict[str, str]) -> None:
    """Migrates, collects and loads what is missing. The command itself says what it does."""
    process = start(["manage", "prepare"], environment)
    try:
        code = process.wait()
    except Stopped:
        process.terminate()
        process.wait()
        raise
    if code != 0:
        raise CannotStart("准备没有完成，请看上面的说明。")


def is_well(address: Address, environment: dict[str, str]) -> bool:
    """True when the program says of itself that all is well."""
    host = environment["PINGYI_ALLOWED_HOSTS"].split(",")[0].lstrip(".")
    connection = http.client.HTTPConnection(address.url_host.strip("[]"), address.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost" if host == "*" else host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(children: list[Child], address: Address, environment: dict[str, str]) -> int:
    """Until the web server ends; its exit code. Says the address once all is well."""
    web, *background = children
    patience = time.monotonic() + READY_SECONDS
    announced = False
    while web.exit_code is None:
        if not announced and is_well(address, environment):
            announced = True
            say(f"\n平邑网格已启动：{address.url}    按 Ctrl-C 停止。")
        elif not announced and time.monotonic() > patience:
            announced = True
            say(f"\n平邑网格已启动，但有部件异常，请看 {address.url}healthz 和上面的日志。")
        for child in background:
            child.keep_alive()
        time.sleep(TICK_SECONDS)
    say(f"网站进程退出（代码 {web.exit_code}），全部停止。")
    return web.exit_code or 1


def stop(children: list[Child]) -> None:
    """The timetable first, so that nothing new begins; the web server and the worker finish what they have begun."""
    deadline = time.monotonic() + STOP_SECONDS
    for child in reversed(children):
        child.stop()
    for child in reversed(children):
        child.wait(deadline)


def run(address: Address, environment: dict[str, str], var: Path) -> int:
    prepare(environment)
    # No message matters, so one that a killed worker left half written is not worth keeping.
    shutil.rmtree(var / "broker", ignore_errors=True)
    children: list[Child] = []
    try:
        for name, arguments in PROCESSES:
            children.append(Child(name, arguments, environment))
        return watch(children, address, environment)
    except Stopped:
        say("\n正在停止……")
        return 0
    finally:
        _on_signal(signal.SIG_IGN)
        stop(children)


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _on_signal(action: Callable | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def main() -> int:
    _on_signal(_raise_stopped)
    environment = dict(os.environ, PYTHONUNBUFFERED="1")
    try:
        address = read_address(environment)
        environment |= {"HOST": address.host, "PORT": str(address.port)}
        environment["PINGYI_ALLOWED_HOSTS"] = os.environ.get("PINGYI_ALLOWED_HOSTS") or ",".join(allowed_hosts(address))
        var = Path(environment.get("PINGYI_VAR") or ROOT / "var").resolve()
        with only_one(var):
            check_is_free(address)
            return run(address, environment, var)
    except CannotStart as refusal:
        say(str(refusal))
        return 1
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main())
