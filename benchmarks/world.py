"""The databases of the benchmarks: seeded once and kept, each run works on a copy of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("PINGYI_BENCHMARKS") or Path(tempfile.gettempdir(), "pingyi_benchmarks"))
_DATABASE = "pingyi.sqlite3"


@dataclass(frozen=True)
class World:
    """`cases` cases in a county of 635 grids, on SQLite or on the PostgreSQL server at `server` (a URL without a
    database).
    """

    cases: int
    server: str = ""

    @property
    def name(self) -> str:
        return f"bench_{'pg' if self.server else 'lite'}_{self.cases}"

    def environment(self, name: str) -> dict[str, str]:
        """For a process that works in the database `name`."""
        folder = HOME / name
        folder.mkdir(parents=True, exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
        url = {"DATABASE_URL": f"{self.server}/{name}"} if self.server else {}
        return kept | {"PINGYI_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "benchmarks.settings"} | url

    def fresh_copy(self) -> dict[str, str]:
        """The environment of a copy that may be written to; seeds the world at the first call. Minutes for 100,000."""
        self._seed()
        copy = f"{self.name}_copy"
        environment = self.environment(copy)
        if self.server:
            self._sql(f'DROP DATABASE IF EXISTS "{copy}"', f'CREATE DATABASE "{copy}" TEMPLATE "{self.name}"')
        else:
            self._copy_files(HOME / self.name, HOME / copy)
        return environment

    def _seed(self) -> None:
        done = HOME / self.name / "seeded"
        if done.exists() and done.read_text() == _recipe():
            return
        environment = self.environment(self.name)
        if self.server:
            self._sql(f'DROP DATABASE IF EXISTS "{self.name}"', f'CREATE DATABASE "{self.name}"')
        else:
            _clear(HOME / self.name)
        _manage(environment, "migrate", "--verbosity", "0")
        _manage(environment, "seed_scale", "--cases", str(self.cases))
        done.write_text(_recipe())

    def _sql(self, *statements: str) -> None:
        import psycopg2

        connection = psycopg2.connect(f"{self.server}/postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    @staticmethod
    def _copy_files(source: Path, target: Path) -> None:
        _clear(target)
        for file in source.glob(f"{_DATABASE}*"):
            shutil.copy(file, target / file.name)


def _recipe() -> str:
    """Changes with the tables and with what is put into them."""
    files = [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "pingyi_grid" / "scale.py"]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _clear(folder: Path) -> None:
    for leftover in folder.glob(f"{_DATABASE}*"):
        leftover.unlink()


def _manage(environment: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
