"""What the program costs beside a bare Django view. Seeds databases of its own at the first run.

.venv/bin/python -m benchmarks                  # 10,000 and 100,000 cases on SQLite
.venv/bin/python -m benchmarks --quick          # 10,000 cases, few rounds
.venv/bin/python -m benchmarks --cases 50000
.venv/bin/python -m benchmarks --postgres postgres://postgres@127.0.0.1:5432
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.world import ROOT, World

_SIZES = (10_000, 100_000)
_ROUNDS, _QUICK_ROUNDS = 60, 15
_SLICES, _QUICK_SLICES = 20, 6
_DUE, _QUICK_DUE = 10_000, 2_000


def main() -> None:
    options = _options()
    sizes = (options.cases,) if options.cases else _SIZES[:1] if options.quick else _SIZES
    worlds = [World(cases, options.postgres) for cases in sizes]
    for world in worlds:
        _measure(world, "pages", _QUICK_ROUNDS if options.quick else _ROUNDS)
    # These do not depend on how many cases lie in the archive.
    _measure(worlds[0], "load", _QUICK_SLICES if options.quick else _SLICES)
    _measure(worlds[0], "sweep", _QUICK_DUE if options.quick else _DUE)
    _measure(worlds[0], "memory", 1)


def _measure(world: World, part: str, amount: int) -> None:
    """In a process and a copy of the database of its own: a process knows one database from its start to its end."""
    command = [sys.executable, "-m", "benchmarks.report", part, str(amount)]
    subprocess.run(command, cwd=ROOT, env=world.fresh_copy(), check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="10,000 cases, few rounds")
    parser.add_argument("--cases", type=int, help="this many cases only")
    parser.add_argument("--postgres", default="", metavar="URL", help="a server where databases may be made")
    return parser.parse_args()


if __name__ == "__main__":
    main()
