"""One world measured, as tables in Markdown. `python -m benchmarks` starts it in the right environment."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from statistics import median

import django


def main(part: str, amount: int) -> None:
    django.setup()
    _PARTS[part](amount)


def _pages(rounds: int) -> None:
    from benchmarks.pages import compared_pages, compared_recursetree, compared_report
    from cases.models import Case

    print(f"\n## {Case.objects.count()} 件办件，{_machine()}\n")
    names = (
        "页面",
        "本系统 ms（CPU）",
        "裸视图 ms（CPU）",
        "倍数（CPU）",
        "目标",
        "只发 SQL（CPU）",
        "SQL：本系统／裸",
        "KB",
    )
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")
    for one in compared_pages(rounds):
        _print_row(one)
    _print_row(compared_recursetree(rounds))
    _print_row(compared_report(rounds))


def _machine() -> str:
    from django.db import connection
    from django.utils.timezone import localdate

    machine = f"{os.cpu_count()} 核 {platform.machine()}，Python {platform.python_version()}"
    return f"{connection.vendor}，{localdate()}，{machine}"


def _print_row(one) -> None:
    cells: Iterable[str] = (
        one.name,
        f"{one.ours.wall_ms:.1f}（{one.ours.cpu_ms:.1f}）",
        f"{one.bare.wall_ms:.1f}（{one.bare.cpu_ms:.1f}）",
        f"{one.ratio:.2f}",
        one.goal,
        f"{one.floor.cpu_ms:.1f}" if one.floor else "—",
        f"{one.statements}／{one.bare_statements}",
        f"{one.kilobytes:.0f}",
    )
    print(f"| {' | '.join(cells)} |", flush=True)


def _sweep(due: int) -> None:
    from benchmarks.sweeping import swept_cases

    print("\n| 到期扫描 | 步数 | 件/秒 | 件/CPU 秒 | 目标 |\n| --- | --- | --- | --- | --- |")
    for one in swept_cases(due):
        row = f"| {one.name} | {one.fired} | {one.per_second:.0f} | {one.per_cpu_second:.0f} | ≥ 500 件/秒 |"
        print(row, flush=True)


def _load(slices: int) -> None:
    from benchmarks.load import rates_of_reports

    print("\n| 上报（经 gunicorn，1 个进程） | 本系统 次/秒 | 裸 DRF 视图 次/秒 | 比值 | 目标 |\n|" + " --- |" * 5)
    for rate in rates_of_reports(slices):
        ours, bare = median(rate.ours), median(rate.bare)
        print(f"| {rate.clients} 个客户端 | {ours:.0f} | {bare:.0f} | {rate.ratio:.2f} | ≥ 0.7 |", flush=True)


def _memory(_rounds: int) -> None:
    from benchmarks.memory import workers_after_a_walk

    print("\n| 网页进程 | RSS MB | PSS MB | 目标 |\n| --- | --- | --- | --- |")
    for number, worker in enumerate(workers_after_a_walk(), 1):
        print(f"| {number} | {worker.rss:.0f} | {worker.pss:.0f} | ≤ 150 MB |", flush=True)


_PARTS = {"pages": _pages, "load": _load, "sweep": _sweep, "memory": _memory}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
