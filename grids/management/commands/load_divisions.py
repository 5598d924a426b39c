"""Official division codes into the tree."""

from argparse import ArgumentTypeError
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from grids.scope import system_scope
from grids.services.divisions import Edition, apply_edition, compare, decoded, read_divisions
from kernel.commands import Answer, AnsweringCommand
from kernel.refusal import Refused


class Command(AnsweringCommand):
    help = (
        "把官方区划代码表（CSV：code,name,level,parent_code，UTF-8 或 GBK）载入网格树。"
        "新增的设立，更名的改名，取消的停用（不删除）；再次载入同一版不产生变化。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="区划代码表")
        parser.add_argument("--county", help="只载入这个县（6 位代码）；文件中只有一个县时可省略")
        parser.add_argument("--on", type=_day, help="自哪一天生效（年-月-日），默认今天")
        parser.add_argument("--dry-run", action="store_true", help="只列出变化，不写入")

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        path = options["file"]
        divisions = read_divisions(decoded(_content(path)), options["county"])
        if options["dry_run"]:
            edition = compare(divisions)
        else:
            by = system_scope(timezone.localdate(at))
            edition = apply_edition(divisions=divisions, day=options["on"], source=path.name, by=by, at=at)
        return Answer({"applied": not options["dry_run"], **_data(edition)}, _text(edition, options["dry_run"]))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"读不到文件“{path}”，请核对路径。") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}”应为日期，如 2026-11-23") from error


def _data(edition: Edition) -> dict[str, Any]:
    return {
        "county": edition.county_code,
        "added": [{"code": row.code, "name": row.name} for row in edition.added],
        "renamed": [{"code": row.grid.code, "from": row.grid.name, "to": row.name} for row in edition.renamed],
        "removed": [{"code": grid.code, "name": grid.name} for grid in edition.removed],
        "restored": [{"code": grid.code, "name": grid.name} for grid in edition.restored],
        "unchanged": edition.unchanged,
    }


def _text(edition: Edition, is_dry_run: bool) -> str:
    lines = [
        *(f"＋ {row.code} {row.name}" for row in edition.added if not edition.is_first),
        *(f"～ {row.grid.code} {row.grid.name} → {row.name}" for row in edition.renamed),
        *(f"－ {grid.code} {grid.name}" for grid in edition.removed),
        *(f"↺ {grid.code} {grid.name}" for grid in edition.restored),
    ]
    counts = (
        f"新增 {len(edition.added)}，更名 {len(edition.renamed)}，停用 {len(edition.removed)}，"
        f"恢复 {len(edition.restored)}，不变 {edition.unchanged}"
    )
    return "\n".join([*lines, f"{counts}。{'（试运行，未写入）' if is_dry_run else ''}"])
