"""Official division codes become grids; a newer edition becomes a diff, applied with its date."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from grids import rules
from grids.choices import GridKind
from grids.models import Grid
from grids.scope import Scope
from grids.services.tree import GridRow, import_tree, rename_grid, restore_grid, retire_grid
from kernel.refusal import Refused

COLUMNS = ("code", "name", "level", "parent_code")
_LENGTHS = {"county": 6, "town": 9, "village": 12}


@dataclass(frozen=True)
class RowError:
    """What is wrong in a line of a file; lines are counted from 1, the heading included."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"第 {self.line} 行 {self.column}：{self.sentence}"


class FaultyFile(Refused):
    """A file with rows that somebody has to correct; `errors` holds all of them."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__("\n".join([f"文件有 {len(errors)} 处错误，未导入：", *map(str, errors)]), code="invalid")
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Division:
    """A line of the official list: the short code (6, 9 or 12 digits), and the line it came from."""

    line: int
    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True)
class Renaming:
    grid: Grid
    division: Division

    @property
    def name(self) -> str:
        return self.division.name


@dataclass(frozen=True)
class Edition:
    """What a list changes in the tree of its county."""

    county_code: str
    added: tuple[Division, ...] = ()
    renamed: tuple[Renaming, ...] = ()
    removed: tuple[Grid, ...] = ()
    restored: tuple[Grid, ...] = ()
    unchanged: int = 0
    is_first: bool = field(default=False)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.renamed or self.removed or self.restored)


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8 (with or without its mark) or GBK, as Excel in Chinese writes it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("文件编码既不是 UTF-8 也不是 GBK，请另存为 UTF-8 编码的 CSV。")


def read_divisions(text: str, county_code: str | None = None) -> list[Division]:
    """The lines of one county, parents first: of `county_code`, or of the only one in the file.

    Raises FaultyFile with every faulty line; lines of other counties are not looked at.
    """
    raw = _lines(text)
    if county_code is None:
        _require_one_county(raw)
    else:
        raw = [(number, row) for number, row in raw if _belongs(row, county_code)]
    errors = [error for number, row in raw for error in _faults(number, row)]
    divisions = [_division(number, row) for number, row in raw]
    errors += _relation_faults(divisions)
    if errors:
        raise FaultyFile(sorted(errors, key=lambda error: (error.line, error.column)))
    return sorted(divisions, key=lambda division: (len(division.code), division.code))


def compare(divisions: Sequence[Division]) -> Edition:
    """What the list of a county would change. Reads only. Refused for an empty list."""
    if not divisions:
        raise Refused("文件中没有这个县的区划，请核对县代码。")
    county_code = divisions[0].code
    stored = _stored(county_code)
    listed = {division.code: division for division in divisions}
    known = [code for code in listed if code in stored]
    renamed = [code for code in known if stored[code].name != listed[code].name]
    return Edition(
        county_code=county_code,
        added=tuple(division for division in divisions if division.code not in stored),
        renamed=tuple(Renaming(stored[code], listed[code]) for code in renamed),
        removed=tuple(grid for code, grid in stored.items() if code not in listed and grid.active_to is None),
        restored=tuple(stored[code] for code in known if stored[code].active_to is not None),
        unchanged=sum(code not in renamed and stored[code].active_to is None for code in known),
        is_first=not stored,
    )


def apply_edition(
    *, divisions: Sequence[Division], day: date | None = None, source: str, by: Scope, at: datetime
) -> Edition:
    """Bring the tree of the county to what the list says, from `day` (today). Returns what was changed.

    New divisions stand under their town (a village in a county with work areas is moved by hand afterwards), removed
    ones are retired, so nothing that refers to them is lost. All or nothing: Refused when one cannot be retired.
    """
    day = day or timezone.localdate(at)
    with transaction.atomic():
        edition = compare(divisions)
        for grid in edition.restored:
            restore_grid(grid=grid, day=day, basis=source, by=by, at=at)
        import_tree(rows=[grid_row(division, source) for division in edition.added], active_from=day, by=by, at=at)
        for renaming in edition.renamed:
            kind = _kind(renaming.division)
            rename_grid(grid=renaming.grid, name=renaming.name, kind=kind, day=day, basis=source, by=by, at=at)
        for grid in sorted(edition.removed, key=lambda grid: -grid.rank_id):
            retire_grid(grid=grid, day=day, basis=source, by=by, at=at)
    return edition


def grid_row(division: Division, source: str) -> GridRow:
    """The grid that a division becomes: its short code is the grid's code."""
    return GridRow(
        code=division.code,
        name=division.name,
        kind=_kind(division),
        parent_code=None if division.level == "county" else division.parent_code,
        division_code=rules.full_division_code(division.code),
        source=source,
    )


def _kind(division: Division) -> GridKind:
    if division.level == "county":
        return GridKind.COUNTY
    return rules.kind_of_town(division.code) if division.level == "town" else rules.kind_of_village(division.name)


def _lines(text: str) -> list[tuple[int, dict[str, str]]]:
    """The lines that hold anything, with their numbers; every cell is text."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise Refused(f"文件缺少列：{'、'.join(missing)}。第一行应为 {','.join(COLUMNS)}。")
        lines = [(reader.line_num, {name: (row[name] or "").strip() for name in COLUMNS}) for row in reader]
    except csv.Error as error:
        raise Refused("文件不是完好的 CSV，请用表格软件另存为 CSV 后再试。") from error
    return [(number, row) for number, row in lines if any(row.values())]


def _require_one_county(raw: Iterable[tuple[int, Mapping[str, str]]]) -> None:
    codes = {rules.short_division_code(row["code"]) for _, row in raw if row["level"] == "county"}
    if len(codes) != 1:
        raise Refused(f"文件中有 {len(codes)} 个县，请用 --county 指明县代码。")


def _belongs(row: Mapping[str, str], county_code: str) -> bool:
    """By its own code or by its parent's, so that a misspelt code of the county is reported and not passed over."""
    return row["code"].startswith(county_code) or row["parent_code"].startswith(county_code)


def _division(line: int, row: Mapping[str, str]) -> Division:
    code, parent = (rules.short_division_code(row[name]) for name in ("code", "parent_code"))
    return Division(line, code, row["name"], row["level"], parent)


def _faults(line: int, row: Mapping[str, str]) -> Iterable[RowError]:
    length = _LENGTHS.get(row["level"])
    if length is None:
        yield RowError(line, "level", f"“{row['level']}”应为 county、town 或 village")
        return
    code = rules.short_division_code(row["code"])
    fault = rules.division_fault(rules.full_division_code(code))
    if fault is None and len(code) != length:
        fault = f"“{row['code']}”不是 {row['level']} 级的代码，应为 {length} 位"
    if fault:
        yield RowError(line, "code", fault)
    name_fault = rules.name_fault(row["name"])
    if name_fault:
        yield RowError(line, "name", name_fault)


def _relation_faults(divisions: Sequence[Division]) -> list[RowError]:
    errors = []
    first_line: dict[str, int] = {}
    for division in divisions:
        if division.code in first_line:
            errors.append(RowError(division.line, "code", f"与第 {first_line[division.code]} 行重复"))
        first_line.setdefault(division.code, division.line)
    for division in divisions:
        if division.level != "county" and division.parent_code not in first_line:
            errors.append(RowError(division.line, "parent_code", f"上级“{division.parent_code}”不在文件中"))
        elif division.level != "county" and not division.code.startswith(division.parent_code):
            errors.append(RowError(division.line, "parent_code", f"“{division.parent_code}”不是代码所示的上级"))
    return errors


def _stored(county_code: str) -> dict[str, Grid]:
    """The grids of the county that have a division code, by its short form."""
    county = Grid.objects.filter(code=county_code).first()
    if county is None:
        return {}
    grids = Grid.objects.under(county).filter(division_code__isnull=False).in_order()
    return {rules.short_division_code(grid.division_code or ""): grid for grid in grids}
