"""Create, move, rename, retire, restore: what changes, what is refused, and that the tree stays sound."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from conftest import (
    AREA,
    COUNTY,
    FAR_VILLAGE,
    NEXT_VILLAGE,
    NOW,
    OTHER_AREA,
    OTHER_TOWN,
    SECOND_AREA,
    TODAY,
    TOWN,
    VILLAGE,
)
from grids.choices import GridKind
from grids.models import Grid, GridChange, GridLevel, Post, Sponsorship, TreeVersion
from grids.scope import scope_for, system_scope
from grids.services import (
    GridRow,
    SourceDraft,
    create_grid,
    import_tree,
    move_grid,
    name_level,
    register_source,
    rename_grid,
    restore_grid,
    retire_grid,
    tree_faults,
)
from kernel.models import AuditEntry
from kernel.refusal import Refused


def row(code: str, name: str, kind: str, parent: str | None, **more) -> GridRow:
    return GridRow(code=code, name=name, kind=kind, parent_code=parent, **more)


def paths() -> dict[str, str]:
    return dict(Grid.objects.values_list("code", "path"))


@pytest.fixture
def office(cast):
    return cast.scope("county")


def test_a_new_grid_stands_among_its_siblings_in_the_order_of_codes(cast, office):
    grid = create_grid(row=row("371326101W015", "新工作区", "work_area", TOWN), active_from=TODAY, by=office, at=NOW)
    children = Grid.objects.filter(parent__code=TOWN).in_order().values_list("code", flat=True)
    assert list(children) == [AREA, "371326101W015", SECOND_AREA]
    assert grid.path == "仲村镇/新工作区"
    assert tree_faults() == []


def test_each_change_of_the_tree_raises_its_version_and_leaves_an_entry(cast, office):
    create_grid(row=row("371326101W03", "丙工作区", "work_area", TOWN), active_from=TODAY, by=office, at=NOW)
    first = TreeVersion.objects.get()
    rename_grid(grid=cast.grid(AREA), name="甲一工作区", by=office, at=NOW)
    second = TreeVersion.objects.get()
    assert (first.number, second.number) == (1, 2)
    assert first.token != second.token
    assert list(AuditEntry.objects.order_by("sequence").values_list("verb", "subject", "actor_name")) == [
        ("grid.create", "grid:371326101W03", "县办科员"),
        ("grid.rename", f"grid:{AREA}", "县办科员"),
    ]


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (
            ("X1", "二级", "work_area", VILLAGE),
            "“二级”是第 2 级，不能放在第 3 级的“仲村甲一村”之下，上级的级别须更高。",
        ),
        (("X1", "又一镇", "town", TOWN), "“又一镇”是第 1 级，不能放在第 1 级的“仲村镇”之下，上级的级别须更高。"),
        (("X1", "另一县", "county", COUNTY), "“另一县”是县，不能放在其他网格之下。"),
        ((AREA, "重码", "work_area", TOWN), f"网格编码“{AREA}”重复或已被使用。"),
        (("X/1", "斜线", "work_area", TOWN), "网格编码“X/1”应为 1 到 20 位数字、字母或短横线。"),
        (("X1", "", "work_area", TOWN), "网格名称不能为空。"),
        (("X1", "甲/乙", "work_area", TOWN), "网格名称不能含有“/”或不可见字符。"),
        (("X1", "无上级", "work_area", "nowhere"), "该网格不存在，请刷新后重新选择。"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(cast, office, new, sentence):
    with pytest.raises(Refused) as refused:
        create_grid(row=row(*new), active_from=TODAY, by=office, at=NOW)
    assert refused.value.sentence == sentence
    assert Grid.objects.count() == 10


def test_only_a_county_stands_at_the_top(cast):
    by = system_scope(TODAY)
    with pytest.raises(Refused, match="“某镇”必须有上级网格，只有县可以没有上级"):
        create_grid(row=row("T1", "某镇", "town", None), active_from=TODAY, by=by, at=NOW)
    county = create_grid(row=row("371327", "莒南县", "county", None), active_from=TODAY, by=by, at=NOW)
    assert (county.parent, county.path) == (None, "莒南县")
    assert county.tree_id != cast.grid(COUNTY).tree_id


def test_the_database_itself_holds_that_only_a_county_has_no_parent(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Grid.objects.filter(code=TOWN).update(kind=GridKind.COUNTY)


def test_a_village_may_stand_right_under_a_town(cast, office):
    grid = create_grid(row=row("V1", "直管村", "village", TOWN), active_from=TODAY, by=office, at=NOW)
    assert grid.parent.code == TOWN


def test_a_fourth_level_needs_a_row_and_no_code(cast, office):
    micro = row("M1", "一号微网格", "micro_grid", VILLAGE)
    with pytest.raises(Refused, match="还没有第 4 级网格，请先在“网格层级”中添加"):
        create_grid(row=micro, active_from=TODAY, by=office, at=NOW)
    name_level(rank=4, name="微网格", by=cast.scope("admin"), at=NOW)
    grid = create_grid(row=micro, active_from=TODAY, by=office, at=NOW)
    assert (grid.path, grid.rank.name) == ("仲村镇/仲村甲工作区/仲村甲一村/一号微网格", "微网格")
    assert tree_faults() == []


def test_levels_are_renamed_and_added_without_a_gap_by_those_who_keep_the_tree(cast):
    admin = cast.scope("admin")
    name_level(rank=2, name="片区", by=admin, at=NOW)
    assert GridLevel.objects.get(rank=2).name == "片区"
    with pytest.raises(Refused, match="只能在第 3 级之下再加一级"):
        name_level(rank=6, name="太深", by=admin, at=NOW)
    with pytest.raises(Refused, match="您的岗位不能修改网格层级"):
        name_level(rank=2, name="片区", by=cast.scope("town"), at=NOW)


def test_a_move_takes_everything_below_along(cast, office):
    moved = move_grid(grid=cast.grid(AREA), parent=cast.grid(OTHER_TOWN), basis="平政发〔2026〕1号", by=office, at=NOW)
    assert moved.path == "武台镇/仲村甲工作区"
    assert paths()[VILLAGE] == "武台镇/仲村甲工作区/仲村甲一村"
    assert tree_faults() == []
    change = GridChange.objects.get()
    assert (change.grid.code, change.kind, change.old_parent.code, change.new_parent.code, change.basis) == (
        AREA,
        "moved",
        TOWN,
        OTHER_TOWN,
        "平政发〔2026〕1号",
    )


def test_scopes_follow_a_move_at_once(cast, office):
    move_grid(grid=cast.grid(AREA), parent=cast.grid(OTHER_TOWN), by=office, at=NOW)
    assert cast.scope("stranger").covers(cast.grid(VILLAGE))
    assert not cast.scope("town").covers(cast.grid(VILLAGE))
    assert cast.scope("member").covers(cast.grid(VILLAGE))


@pytest.mark.parametrize(
    ("moved", "parent", "sentence"),
    [
        (TOWN, TOWN, "不能把“仲村镇”放到它自己的下级“仲村镇”之下。"),
        (TOWN, VILLAGE, "不能把“仲村镇”放到它自己的下级“仲村甲一村”之下。"),
        (AREA, FAR_VILLAGE, "“仲村甲工作区”是第 2 级，不能放在第 3 级的“仲村乙三村”之下，上级的级别须更高。"),
        (AREA, SECOND_AREA, "“仲村甲工作区”是第 2 级，不能放在第 2 级的“仲村乙工作区”之下，上级的级别须更高。"),
        (AREA, TOWN, "“仲村甲工作区”已经在“仲村镇”之下。"),
        (COUNTY, TOWN, "“平邑县”是县，不能移动。"),
    ],
)
def test_a_move_that_makes_no_tree_is_refused(cast, office, moved, parent, sentence):
    before = paths()
    with pytest.raises(Refused) as refused:
        move_grid(grid=cast.grid(moved), parent=cast.grid(parent), by=office, at=NOW)
    assert refused.value.sentence == sentence
    assert paths() == before
    assert tree_faults() == []


def test_a_move_into_another_county_is_refused(cast, office):
    by = system_scope(TODAY)
    other = create_grid(row=row("371327", "莒南县", "county", None), active_from=TODAY, by=by, at=NOW)
    with pytest.raises(Refused, match="不能把网格移到另一个县"):
        move_grid(grid=cast.grid(TOWN), parent=other, by=by, at=NOW)


def test_a_change_that_begins_later_cannot_be_entered_yet(cast, office):
    with pytest.raises(Refused, match="生效日期不能晚于今天"):
        rename_grid(grid=cast.grid(AREA), name="新名", day=date(2026, 12, 1), by=office, at=NOW)


def test_stale_rows_in_memory_do_not_harm_a_move(cast, office):
    stale_area, stale_parent = cast.grids[AREA], cast.grids[OTHER_TOWN]
    create_grid(row=row("371326001", "平邑街道", "subdistrict", COUNTY), active_from=TODAY, by=office, at=NOW)
    move_grid(grid=stale_area, parent=stale_parent, by=office, at=NOW)
    assert tree_faults() == []


def test_saving_a_row_that_was_read_before_the_tree_changed_keeps_the_tree(cast, office):
    stale = cast.grid(FAR_VILLAGE)
    move_grid(grid=cast.grid(AREA), parent=cast.grid(OTHER_TOWN), by=office, at=NOW)
    stale.boundary_text = "东至河"
    stale.save()
    assert tree_faults() == []
    assert cast.grid(FAR_VILLAGE).boundary_text == "东至河"


def test_a_new_name_reaches_the_paths_below_and_codes_stay(cast, office):
    rename_grid(grid=cast.grid(TOWN), name="仲村街道", by=office, at=NOW)
    assert paths()[VILLAGE] == "仲村街道/仲村甲工作区/仲村甲一村"
    assert paths()[COUNTY] == "平邑县"
    assert tree_faults() == []


def test_the_same_name_again_changes_nothing(cast, office):
    rename_grid(grid=cast.grid(TOWN), name="仲村镇", by=office, at=NOW)
    assert GridChange.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_a_county_renamed_leaves_the_paths_of_its_towns_alone(cast, office):
    rename_grid(grid=cast.grid(COUNTY), name="平邑", by=office, at=NOW)
    assert (paths()[COUNTY], paths()[TOWN]) == ("平邑", "仲村镇")
    assert tree_faults() == []


@pytest.mark.parametrize("who", ["town", "townhead", "area", "member", "stranger", "leader", "assessor", "water"])
def test_the_tree_is_changed_by_the_county_office_alone(cast, who):
    by = cast.scope(who)
    for act in (
        lambda: create_grid(row=row("X1", "新区", "work_area", TOWN), active_from=TODAY, by=by, at=NOW),
        lambda: move_grid(grid=cast.grid(AREA), parent=cast.grid(OTHER_TOWN), by=by, at=NOW),
        lambda: rename_grid(grid=cast.grid(AREA), name="新名", by=by, at=NOW),
        lambda: retire_grid(grid=cast.grid(VILLAGE), day=TODAY, by=by, at=NOW),
        lambda: import_tree(rows=[row("X1", "新区", "work_area", TOWN)], active_from=TODAY, by=by, at=NOW),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.sentence == "您的岗位不能修改这里的网格，请联系县网格办。"


def test_the_right_to_change_is_asked_of_the_posts_held_now(cast, office):
    Post.objects.filter(user=cast.county).update(ends_on=TODAY)
    with pytest.raises(Refused, match="您的岗位不能修改这里的网格"):
        rename_grid(grid=cast.grid(AREA), name="新名", by=office, at=NOW)


def test_a_retired_grid_keeps_its_row_and_ends_the_duties_there(cast, office):
    retire_grid(grid=cast.grid(VILLAGE), day=TODAY, basis="撤并", by=office, at=NOW)
    assert cast.grid(VILLAGE).active_to == TODAY
    assert list(Post.objects.filter(grid__code=VILLAGE).values_list("ends_on", flat=True)) == [TODAY, TODAY]
    assert list(Sponsorship.objects.values_list("ends_on", flat=True)) == [TODAY]
    assert not scope_for(cast.member, TODAY).has_post
    assert GridChange.objects.get().kind == "retired"


def test_retiring_is_refused_with_the_list_of_what_is_in_the_way(cast, office):
    with pytest.raises(Refused) as refused:
        retire_grid(grid=cast.grid(VILLAGE), day=TODAY, open_matters=["WT-20261123-0001"], by=office, at=NOW)
    assert refused.value.sentence == "“仲村甲一村”还有 1 件未办结：WT-20261123-0001。请先办结或转出。"
    with pytest.raises(Refused) as refused:
        retire_grid(grid=cast.grid(AREA), day=TODAY, by=office, at=NOW)
    assert refused.value.sentence == "“仲村甲工作区”之下还有在用的网格：仲村甲一村、仲村甲二村。请先调整或停用它们。"
    draft = SourceDraft(name="某石材厂", category="industry", grid=cast.grid(VILLAGE))
    register_source(draft=draft, by=office, at=NOW)
    with pytest.raises(Refused) as refused:
        retire_grid(grid=cast.grid(VILLAGE), day=TODAY, by=office, at=NOW)
    assert refused.value.sentence == "“仲村甲一村”还有 1 个在管的污染源：某石材厂。请先划归其他网格。"


def test_a_retired_grid_takes_no_grids_and_comes_back_with_its_parent(cast, office):
    for code in (VILLAGE, NEXT_VILLAGE, AREA):
        retire_grid(grid=cast.grid(code), day=TODAY, by=office, at=NOW)
    with pytest.raises(Refused, match="“仲村甲工作区”已停用"):
        move_grid(grid=cast.grid(FAR_VILLAGE), parent=cast.grid(AREA), by=office, at=NOW)
    with pytest.raises(Refused, match="“新村”的上级网格“仲村甲工作区”已停用"):
        create_grid(row=row("V9", "新村", "village", AREA), active_from=TODAY, by=office, at=NOW)
    with pytest.raises(Refused, match="请先恢复上级"):
        restore_grid(grid=cast.grid(VILLAGE), by=office, at=NOW)
    restore_grid(grid=cast.grid(AREA), by=office, at=NOW)
    assert restore_grid(grid=cast.grid(VILLAGE), by=office, at=NOW).active_to is None


def test_many_grids_are_planted_at_once_among_those_that_exist(cast, office):
    rows = [
        row("371326103", "保太镇", "town", COUNTY),
        row("371326103001", "保太一村", "village", "371326103W01"),
        row("371326103W01", "保太甲工作区", "work_area", "371326103"),
        row("371326101W03", "仲村丙工作区", "work_area", TOWN),
    ]
    new = import_tree(rows=rows, active_from=TODAY, by=office, at=NOW)
    assert [grid.code for grid in new] == ["371326101W03", "371326103", "371326103W01", "371326103001"]
    assert paths()["371326103001"] == "保太镇/保太甲工作区/保太一村"
    assert tree_faults() == []


def test_a_faulty_row_among_many_keeps_them_all_out_and_every_fault_is_named(cast, office):
    rows = [
        row("A1", "好工作区", "work_area", TOWN),
        row("A2", "悬空村", "village", "nowhere"),
        row("A3", "低镇", "town", VILLAGE),
        row(AREA, "重码", "work_area", TOWN),
        row("A4", "区划不对", "village", TOWN, division_code="371326999001"),
    ]
    with pytest.raises(Refused) as refused:
        import_tree(rows=rows, active_from=TODAY, by=office, at=NOW)
    assert refused.value.sentence.split("；") == [
        "“悬空村”的上级网格“nowhere”不存在",
        "“低镇”是第 1 级，不能放在第 3 级的“仲村甲一村”之下，上级的级别须更高",
        "区划代码“371326999001”的第 7 至 9 位应在 001 到 599 之间",
        f"网格编码“{AREA}”重复或已被使用。",
    ]
    assert Grid.objects.count() == 10


def test_a_circle_of_parents_in_an_import_is_refused(cast):
    rows = [row("C1", "甲", "work_area", "C2"), row("C2", "乙", "work_area", "C1")]
    with pytest.raises(Refused, match="级别须更高"):
        import_tree(rows=rows, active_from=TODAY, by=system_scope(TODAY), at=NOW)


def test_nobody_may_import_two_counties_at_once(cast):
    rows = [row("371327", "莒南县", "county", None), row("371328", "沂水县", "county", None)]
    with pytest.raises(Refused, match="一次只能导入一个县的网格"):
        import_tree(rows=rows, active_from=TODAY, by=system_scope(TODAY), at=NOW)


def test_the_tree_as_of_a_day_gone_by(cast, office):
    rename_grid(grid=cast.grid(AREA), name="改名工作区", day=date(2026, 6, 1), by=office, at=NOW)
    move_grid(grid=cast.grid(AREA), parent=cast.grid(OTHER_TOWN), day=date(2026, 9, 1), by=office, at=NOW)
    town, other = cast.grid(TOWN).pk, cast.grid(OTHER_TOWN).pk

    def then(day: date) -> tuple[str, int]:
        grid = Grid.objects.as_of(day).get(code=AREA)
        return grid.name_then, grid.parent_then_id

    assert then(date(2026, 5, 31)) == ("仲村甲工作区", town)
    assert then(date(2026, 6, 1)) == ("改名工作区", town)
    assert then(date(2026, 8, 31)) == ("改名工作区", town)
    assert then(date(2026, 9, 1)) == ("改名工作区", other)


def test_a_grid_retired_and_restored_is_missing_only_in_between(cast, office):
    retire_grid(grid=cast.grid(VILLAGE), day=date(2026, 3, 1), by=office, at=NOW)
    restore_grid(grid=cast.grid(VILLAGE), day=date(2026, 5, 1), by=office, at=NOW)
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 4, 30), date(2026, 5, 1)]
    assert [Grid.objects.as_of(day).filter(code=VILLAGE).exists() for day in days] == [True, False, False, True]


def test_an_area_of_the_other_town_is_left_where_it_is(cast, office):
    move_grid(grid=cast.grid(AREA), parent=cast.grid(OTHER_TOWN), by=office, at=NOW)
    assert paths()[OTHER_AREA] == "武台镇/武台甲工作区"
