"""What some tests need beyond Python: PostgreSQL, Redis, a browser. Found, started for the run, or named as missing."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

# Names of Debian's packages, for a new CI machine.
PACKAGES = ("postgresql", "redis-server", "chromium", "fonts-noto-cjk")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Found:
    """Addresses and paths; empty for what this machine does not have."""

    database_url: str
    redis_url: str
    chromium: str

    @property
    def missing(self) -> list[str]:
        """The tests that cannot run, each with what it lacks."""
        lacks = (
            (self.database_url, "PostgreSQL 上的测试：没有 DATABASE_URL，本机也没有 PostgreSQL"),
            (self.redis_url, "Redis 上的测试：没有 REDIS_URL，本机也没有 redis-server"),
            (self.chromium, "浏览器测试：没有 Chromium（可用 PINGYI_CHROMIUM 指定）"),
        )
        return [sentence for value, sentence in lacks if not value]


@contextmanager
def find_all() -> Iterator[Found]:
    """What there is; servers started here stop when the block ends."""
    with ExitStack() as started:
        yield Found(_postgres(started), _redis(started), chromium())


def install_missing() -> None:
    """On a new Debian machine for CI, as root: the packages that the tests need."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    with find_all() as found:
        if not found.missing:
            return
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        subprocess.run(["apt-get", "-qq", *arguments], env=environment, stdout=sys.stderr, check=False)


def chromium() -> str:
    """The path of a browser; empty when there is none."""
    given = os.environ.get("PINGYI_CHROMIUM", "")
    return given or next(filter(None, map(shutil.which, _BROWSERS)), "")


def _postgres(started: ExitStack) -> str:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        return given
    # A name of its own for each run: two runs on one server do not meet.
    name = f"pingyi_{os.getpid()}"
    for user in ("postgres", pwd.getpwuid(os.geteuid()).pw_name):
        if _lets_in(user):
            return f"postgres://{user}@127.0.0.1:5432/{name}"
    binaries = _postgres_binaries()
    return started.enter_context(_cluster(binaries)) + name if binaries else ""


def _lets_in(user: str) -> bool:
    try:
        psycopg2.connect(host="127.0.0.1", user=user, dbname="postgres", connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def _postgres_binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`; the newest where Debian keeps several."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in installed), key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def _cluster(binaries: Path) -> Iterator[str]:
    """A server for this run alone, with no care for power cuts. PostgreSQL does not run as root: then as another."""
    owner = {}
    if os.geteuid() == 0:
        name = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
        owner = {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="pingyi-pg-", dir="/tmp") as folder:
        if owner:
            shutil.chown(folder, owner["user"], owner["group"])
        data, port = f"{folder}/data", free_port()

        def run(program: str, *arguments: str) -> None:
            command = [binaries / program, "-D", data, *arguments]
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **owner)

        run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        run("pg_ctl", "start", "--wait", "--silent", f"--log={folder}/log", f"--options={options}")
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/"
        finally:
            run("pg_ctl", "stop", "--mode=immediate", "--silent")


def _redis(started: ExitStack) -> str:
    given = os.environ.get("REDIS_URL", "")
    if given or not shutil.which("redis-server"):
        return given
    port = free_port()
    folder = started.enter_context(tempfile.TemporaryDirectory(prefix="pingyi-redis-"))
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL)
    started.callback(server.wait)
    started.callback(server.terminate)
    return f"redis://127.0.0.1:{port}/0"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
