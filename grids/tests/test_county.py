"""The real county in one go, and official lists of divisions, edition after edition."""

import csv
import json
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from conftest import NOW, TODAY
from grids.models import Boundary, Grid, GridChange
from grids.scope import system_scope
from grids.services import SourceDraft, register_source, rename_grid, tree_faults
from grids.services.county import load_pingyi
from grids.services.divisions import FaultyFile, apply_edition, compare, decoded, read_divisions
from kernel.refusal import Refused

BY = system_scope(TODAY)
DATA = Path(__file__).resolve().parent.parent / "data"
HEAD = "code,name,level,parent_code\n"
FIRST = (
    HEAD + "371326,平邑县,county,3713\n371326001,平邑街道,town,371326\n371326101,仲村镇,town,371326\n"
    "371326001001,城中社区居委会,village,371326001\n371326101211,驿头村村委会,village,371326101\n"
    "371326101212,回龙庙村委会,village,371326101\n"
)
# A newer edition: one village is gone, one was renamed and became a community, one is new.
SECOND = (
    HEAD + "371326000000,平邑县,county,371300000000\n371326001000,平邑街道,town,371326000000\n"
    "371326101000,仲村镇,town,371326000000\n371326001001,城中社区居委会,village,371326001000\n"
    "371326101211,驿头社区居委会,village,371326101000\n371326101213,中流庄村委会,village,371326101000\n"
)


def apply(text: str, day: date):
    return apply_edition(divisions=read_divisions(text), day=day, source="测试", by=BY, at=NOW)


def stored() -> list[tuple]:
    return list(Grid.objects.in_order().values_list("code", "name", "kind", "parent__code", "active_from", "active_to"))


def test_the_whole_county_is_there_in_well_under_five_seconds(db):
    started = time.perf_counter()
    loaded = load_pingyi(by=BY, at=NOW)
    assert time.perf_counter() - started < 5
    assert (loaded.grids, loaded.outlines) == (695, 695)
    kinds = Counter(Grid.objects.values_list("kind", flat=True))
    assert kinds == {"county": 1, "subdistrict": 1, "town": 13, "work_area": 105, "village": 535, "community": 40}
    assert Counter(Grid.objects.values_list("rank", flat=True)) == {0: 1, 1: 14, 2: 105, 3: 575}
    assert tree_faults() == []
    areas = Grid.objects.filter(kind="work_area")
    assert set(areas.values_list("is_demo", flat=True)) == {True}
    assert all("演示" in name for name in areas.values_list("name", flat=True))
    assert Grid.objects.filter(is_demo=True).count() == 105
    assert set(Boundary.objects.values_list("is_schematic", flat=True)) == {True}
    assert not Grid.objects.filter(centre_lon__isnull=True).exists()
    village = Grid.objects.get(code="371326101211")
    assert village.path == "仲村镇/西流庄工作区（演示）/驿头村村委会"
    assert village.division_code == "371326101211"


def test_loading_the_county_again_changes_nothing(db):
    load_pingyi(by=BY, at=NOW)
    before = stored()
    again = load_pingyi(by=BY, at=NOW)
    assert (again.grids, again.outlines) == (0, 0)
    assert stored() == before


def test_what_the_county_changed_itself_is_left_alone_by_loading_again(db):
    load_pingyi(by=BY, at=NOW)
    rename_grid(grid=Grid.objects.get(code="371326101W01"), name="西部工作区", by=BY, at=NOW)
    load_pingyi(by=BY, at=NOW)
    assert Grid.objects.get(code="371326101W01").name == "西部工作区"


def test_a_first_list_becomes_the_tree_of_the_county(db):
    edition = apply(FIRST, date(2022, 7, 1))
    assert (len(edition.added), edition.is_first) == (6, True)
    assert stored() == [
        ("371326", "平邑县", "county", None, date(2022, 7, 1), None),
        ("371326001", "平邑街道", "subdistrict", "371326", date(2022, 7, 1), None),
        ("371326001001", "城中社区居委会", "community", "371326001", date(2022, 7, 1), None),
        ("371326101", "仲村镇", "town", "371326", date(2022, 7, 1), None),
        ("371326101211", "驿头村村委会", "village", "371326101", date(2022, 7, 1), None),
        ("371326101212", "回龙庙村委会", "village", "371326101", date(2022, 7, 1), None),
    ]
    assert Grid.objects.get(code="371326101").division_code == "371326101000"


def test_the_same_list_again_changes_nothing(db):
    apply(FIRST, date(2022, 7, 1))
    before = stored()
    edition = apply(FIRST, date(2023, 7, 1))
    assert (edition.is_empty, edition.unchanged) == (True, 6)
    assert stored() == before
    assert GridChange.objects.count() == 0


def test_a_newer_edition_is_a_diff_applied_with_its_date(db):
    apply(FIRST, date(2022, 7, 1))
    edition = apply(SECOND, date(2023, 7, 1))
    assert [division.code for division in edition.added] == ["371326101213"]
    assert [(change.grid.code, change.name) for change in edition.renamed] == [("371326101211", "驿头社区居委会")]
    assert [grid.code for grid in edition.removed] == ["371326101212"]
    assert stored()[3:] == [
        ("371326101", "仲村镇", "town", "371326", date(2022, 7, 1), None),
        ("371326101211", "驿头社区居委会", "community", "371326101", date(2022, 7, 1), None),
        ("371326101212", "回龙庙村委会", "village", "371326101", date(2022, 7, 1), date(2023, 7, 1)),
        ("371326101213", "中流庄村委会", "village", "371326101", date(2023, 7, 1), None),
    ]
    changes = GridChange.objects.values_list("grid__code", "kind", "day")
    assert sorted(changes) == [
        ("371326101211", "renamed", date(2023, 7, 1)),
        ("371326101212", "retired", date(2023, 7, 1)),
    ]
    assert tree_faults() == []


def test_a_division_that_comes_back_is_taken_into_use_again(db):
    apply(FIRST, date(2022, 7, 1))
    apply(SECOND, date(2023, 7, 1))
    edition = apply(FIRST, date(2024, 7, 1))
    assert [grid.code for grid in edition.restored] == ["371326101212"]
    assert Grid.objects.get(code="371326101212").active_to is None
    assert apply(FIRST, date(2024, 8, 1)).is_empty


def test_villages_stay_in_their_work_areas_whatever_the_edition_says_of_them(db):
    load_pingyi(by=BY, at=NOW)
    text = (DATA / "pingyi_divisions.csv").read_text("utf-8").replace("驿头村村委会", "驿头新村村委会")
    edition = apply(text, date(2024, 7, 1))
    assert ([row.grid.code for row in edition.renamed], edition.removed) == (["371326101211"], ())
    assert Grid.objects.get(code="371326101211").path == "仲村镇/西流庄工作区（演示）/驿头新村村委会"


def test_comparing_writes_nothing(db):
    edition = compare(read_divisions(FIRST))
    assert len(edition.added) == 6
    assert Grid.objects.count() == 0


def test_a_list_in_gbk_reads_like_one_in_utf8():
    assert decoded(FIRST.encode("gb18030")) == FIRST
    assert decoded(FIRST.encode("utf-8-sig")) == FIRST
    with pytest.raises(Refused, match="文件编码既不是 UTF-8 也不是 GBK"):
        decoded(b"\xff\xff\xff")


def test_every_faulty_line_is_named_at_once():
    text = FIRST + (
        "371326600001,高镇,village,371326600\n37132610121,短码,village,371326101\n371326101214,,village,371326101\n"
        "371326101211,重复,village,371326101\n371326101215,错级,hamlet,371326101\n371326001002,错上级,village,371326101\n"
    )
    with pytest.raises(FaultyFile) as faulty:
        read_divisions(text)
    assert [str(error) for error in faulty.value.errors] == [
        "第 8 行 code：区划代码“371326600001”的第 7 至 9 位应在 001 到 599 之间",
        "第 8 行 parent_code：上级“371326600”不在文件中",
        "第 9 行 code：“37132610121”不是 village 级的代码，应为 12 位",
        "第 10 行 name：网格名称不能为空",
        "第 11 行 code：与第 6 行重复",
        "第 12 行 level：“hamlet”应为 county、town 或 village",
        "第 13 行 parent_code：“371326101”不是代码所示的上级",
    ]


def test_one_county_is_picked_out_of_a_larger_list():
    text = FIRST + "371327,莒南县,county,3713\n371327001,十字路街道,town,371327\n"
    with pytest.raises(Refused, match="文件中有 2 个县，请用 --county 指明县代码"):
        read_divisions(text)
    assert [row.code for row in read_divisions(text, "371327")] == ["371327", "371327001"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "code,name,level\n1,2,3\n"])
def test_a_file_of_another_shape_is_refused(text):
    with pytest.raises(Refused, match="文件缺少列"):
        read_divisions(text)


def test_a_division_with_sites_is_not_retired_and_nothing_is_half_done(db):
    apply(FIRST, date(2022, 7, 1))
    village = Grid.objects.get(code="371326101212")
    register_source(draft=SourceDraft(name="某厂", category="industry", grid=village), by=BY, at=NOW)
    before = stored()
    with pytest.raises(Refused, match="“回龙庙村委会”还有 1 个在管的污染源：某厂"):
        apply(SECOND, date(2023, 7, 1))
    assert stored() == before


def test_the_command_shows_the_diff_and_then_applies_it(db, tmp_path, capsys):
    path = tmp_path / "divisions.csv"
    path.write_bytes(FIRST.encode("gbk"))
    call_command("load_divisions", str(path), "--on", "2022-07-01")
    path.write_text(SECOND, "utf-8")
    capsys.readouterr()
    call_command("load_divisions", str(path), "--dry-run")
    assert capsys.readouterr().out.splitlines() == [
        "＋ 371326101213 中流庄村委会",
        "～ 371326101211 驿头村村委会 → 驿头社区居委会",
        "－ 371326101212 回龙庙村委会",
        "新增 1，更名 1，停用 1，恢复 0，不变 4。（试运行，未写入）",
    ]
    assert Grid.objects.count() == 6
    call_command("load_divisions", str(path), "--on", "2023-07-01", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["applied"], [row["code"] for row in answer["added"]]) == (True, ["371326101213"])


def test_a_refusal_is_a_sentence_and_status_1(db, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        call_command("load_divisions", str(tmp_path / "nowhere.csv"))
    assert left.value.code == 1
    assert capsys.readouterr().err == f"读不到文件“{tmp_path / 'nowhere.csv'}”，请核对路径。\n"


def test_the_commands_of_the_tree(db, capsys):
    call_command("load_county_demo")
    call_command("check_tree")
    assert capsys.readouterr().out == "新增网格 695 个、示意边界 695 个。\n网格树完好。\n"
    Grid.objects.filter(code="371326101").update(level=5)
    with pytest.raises(SystemExit) as left:
        call_command("check_tree", "--json")
    assert left.value.code == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["faults"][0] == {"code": "371326101", "name": "仲村镇", "sentence": "层深与上级不符"}
    call_command("rebuild_tree")
    call_command("check_tree", "--json")
    assert capsys.readouterr().out.splitlines()[-1] == '{"ok": true, "faults": []}'


def test_every_village_of_the_list_has_a_work_area_and_an_outline():
    with (DATA / "pingyi_divisions.csv").open(encoding="utf-8") as file:
        villages = {row["code"] for row in csv.DictReader(file) if row["level"] == "village"}
    with (DATA / "pingyi_demo_workareas.csv").open(encoding="utf-8") as file:
        grouped = {row["village_code"] for row in csv.DictReader(file)}
    outlines = json.loads((DATA / "pingyi_outlines_schematic.geojson").read_text("utf-8"))
    drawn = {feature["properties"]["code"] for feature in outlines["features"]}
    assert grouped == villages
    assert villages - drawn == set()
