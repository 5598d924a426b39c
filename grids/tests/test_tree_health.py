"""A tree corrupted by hand is reported by name and repaired in one transaction."""

import pytest
from django.db.models import F

from accounts.permissions import Permission
from conftest import AREA, COUNTY, FAR_VILLAGE, NOW, OTHER_TOWN, SECOND_AREA, TODAY, TOWN, VILLAGE
from grids.models import Grid, TreeVersion
from grids.scope import system_scope
from grids.services import rebuild_tree, tree_faults
from grids.services.numbering import numbered
from kernel.refusal import Refused


def sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fault in tree_faults():
        found.setdefault(fault.code, []).append(fault.sentence)
    return found


def seen_by(cast, name: str) -> list[str]:
    return sorted(Grid.objects.visible_to(cast.scope(name)).values_list("code", flat=True))


def test_a_sound_tree_has_no_faults(cast):
    assert tree_faults() == []


def test_a_parent_changed_behind_the_tree_is_named(cast):
    Grid.objects.filter(code=FAR_VILLAGE).update(parent=cast.grid(AREA))
    assert sentences() == {
        FAR_VILLAGE: [
            "按上级应在“仲村甲工作区”之下，按左右值却在“仲村乙工作区”之下",
            "全称“仲村镇/仲村乙工作区/仲村乙三村”与上级不符",
        ]
    }


def test_doubles_and_crossings_are_named(cast):
    Grid.objects.filter(code=VILLAGE).update(lft=F("lft") + 2, rght=F("rght") + 2)
    assert set(sentences()) == {VILLAGE, "371326101002"}
    assert sentences()[VILLAGE] == ["左右值与其他网格重复"]


def test_a_wrong_depth_name_or_level_is_named(cast):
    Grid.objects.filter(code=VILLAGE).update(level=1, path="错的全称", rank=2)
    assert sentences() == {VILLAGE: ["层深与上级不符", "级别不低于上级", "全称“错的全称”与上级不符"]}


def test_a_circle_is_named_and_not_repaired_by_guessing(cast):
    Grid.objects.filter(code=TOWN).update(parent=cast.grid(VILLAGE))
    codes = {fault.code for fault in tree_faults() if fault.sentence == "上级关系成环，到不了县"}
    assert codes == {TOWN, AREA, SECOND_AREA, VILLAGE, "371326101002", FAR_VILLAGE}
    with pytest.raises(Refused, match="这些网格的上级关系成环"):
        rebuild_tree(by=system_scope(TODAY), at=NOW)


@pytest.mark.parametrize(
    "corrupt",
    [
        {"lft": 1, "rght": 2},
        {"lft": F("rght"), "rght": F("lft")},
        {"tree_id": 7},
        {"level": 0},
        {"path": ""},
    ],
    ids=["scrambled", "reversed", "other tree", "depth", "path"],
)
def test_rebuilding_repairs_and_permissions_are_what_they_were(cast, corrupt):
    before = {name: seen_by(cast, name) for name in ("county", "town", "member", "stranger", "sponsor", "water")}
    Grid.objects.exclude(code=COUNTY).update(**corrupt)
    assert tree_faults() != []
    version = TreeVersion.objects.values_list("token", flat=True).first()
    repaired = rebuild_tree(by=system_scope(TODAY), at=NOW)
    assert repaired != []
    assert tree_faults() == []
    assert {name: seen_by(cast, name) for name in before} == before
    assert TreeVersion.objects.values_list("token", flat=True).first() != version


def test_rebuilding_a_sound_tree_writes_no_row(cast):
    before = list(Grid.objects.order_by("pk").values_list("lft", "rght", "level", "tree_id"))
    assert rebuild_tree(by=system_scope(TODAY), at=NOW) == []
    assert list(Grid.objects.order_by("pk").values_list("lft", "rght", "level", "tree_id")) == before


def test_only_who_keeps_the_whole_tree_rebuilds_it(cast):
    with pytest.raises(Refused, match="只有系统管理员可以修复网格树"):
        rebuild_tree(by=cast.scope("county"), at=NOW)
    assert cast.scope("admin").sees_all(Permission.GRID_EDIT)
    assert rebuild_tree(by=cast.scope("admin"), at=NOW) == []


def test_two_counties_with_one_number_are_told_apart(cast):
    by = system_scope(TODAY)
    town = cast.grid(OTHER_TOWN)
    Grid.objects.filter(code=OTHER_TOWN).update(parent=None, kind="county", rank=0)
    assert {fault.code for fault in tree_faults()} >= {OTHER_TOWN}
    rebuild_tree(by=by, at=NOW)
    assert tree_faults() == []
    assert cast.grid(OTHER_TOWN).tree_id != cast.grid(COUNTY).tree_id
    assert town.pk == cast.grid(OTHER_TOWN).pk


def test_numbers_of_a_nested_set():
    above = {"a": None, "b": "a", "c": "a", "d": "b", "x": "y", "y": "x"}
    assert numbered(above) == {"d": (3, 4, 2), "b": (2, 5, 1), "c": (6, 7, 1), "a": (1, 8, 0)}
