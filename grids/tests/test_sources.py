"""The ledger: numbers, grids found from places, what is entered twice, and who may enter it where."""

import pytest

from accounts.models import User
from conftest import NOW, OTHER_VILLAGE, TODAY, TOWN, VILLAGE
from grids.coordinates import GivenPoint, distance_m, to_wgs84
from grids.models import Source
from grids.scope import system_scope
from grids.services import SourceDraft, register_source, retire_grid, set_boundary, update_source
from kernel.lifecycle import InvalidForm
from kernel.models import AuditEntry
from kernel.refusal import Refused

USCC = "91350100M000100Y43"
SQUARE = {"type": "Polygon", "coordinates": [[[117, 35], [118, 35], [118, 36], [117, 36], [117, 35]]]}


def draft(cast, **more) -> SourceDraft:
    values = {"name": "鲁兴石材厂", "category": "industry", "grid": cast.grid(VILLAGE)} | more
    return SourceDraft(**values)


def enter(cast, who: str = "member", **more) -> Source:
    return register_source(draft=draft(cast, **more), by=cast.scope(who), at=NOW)


def test_sites_are_numbered_within_their_county_without_a_gap(cast):
    first, second = enter(cast), enter(cast, name="宏达罐头厂")
    with pytest.raises(InvalidForm):
        enter(cast)
    third = enter(cast, name="蒙山加油站")
    assert [first.code, second.code, third.code] == ["371326-00001", "371326-00002", "371326-00003"]


def test_the_place_decides_the_grid_and_is_kept_as_it_was_given(cast):
    office = cast.scope("county")
    set_boundary(grid=cast.grid(VILLAGE), geometry=SQUARE, is_schematic=True, by=office, at=NOW)
    source = enter(cast, grid=None, location=GivenPoint(117.64, 35.5, "gcj02"))
    assert source.grid.code == VILLAGE
    assert source.location_given == {"lon": 117.64, "lat": 35.5, "coord_sys": "gcj02"}
    assert distance_m(source.lon, source.lat, *to_wgs84(117.64, 35.5, "gcj02")) < 0.01


@pytest.mark.parametrize(
    ("more", "errors"),
    [
        ({"grid": None}, {"grid": "请选择所在网格，或填写位置"}),
        (
            {"grid": None, "location": GivenPoint(100.0, 30.0)},
            {"location": "该位置不在本县网格范围内，请核对坐标或改选网格。"},
        ),
        ({"name": "  "}, {"name": "请填写名称"}),
        ({"uscc": "91350100M000100Y44"}, {"uscc": "统一社会信用代码的校验位不符，请核对后重新填写"}),
        ({"uscc": "123"}, {"uscc": "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）"}),
    ],
)
def test_what_cannot_be_entered_is_told_at_its_field(cast, more, errors):
    with pytest.raises(InvalidForm) as invalid:
        enter(cast, **more)
    assert invalid.value.errors == errors
    assert not Source.objects.exists()


def test_the_same_code_or_the_same_name_in_a_village_is_entered_once(cast):
    enter(cast, uscc=USCC)
    with pytest.raises(InvalidForm) as invalid:
        enter(cast, name="另一家", uscc=USCC)
    assert invalid.value.errors == {"uscc": "这个统一社会信用代码已登记过，请先在台账中查找"}
    with pytest.raises(InvalidForm) as invalid:
        enter(cast, name="鲁兴石材厂 ")
    assert invalid.value.errors == {"name": "“仲村甲一村”已有同名的污染源，请核对是否重复"}


def test_the_refusal_of_a_double_does_not_name_what_belongs_to_another_town(cast):
    enter(cast, who="strangermember", name="武台秘密厂", grid=cast.grid(OTHER_VILLAGE), uscc=USCC)
    with pytest.raises(InvalidForm) as invalid:
        enter(cast, uscc=USCC)
    assert "武台" not in invalid.value.sentence


@pytest.mark.parametrize(
    ("who", "code", "may"),
    [
        ("member", VILLAGE, True),
        ("area", VILLAGE, True),
        ("town", TOWN, True),
        ("county", OTHER_VILLAGE, True),
        ("member", OTHER_VILLAGE, False),
        ("stranger", VILLAGE, False),
        ("townhead", VILLAGE, False),
        ("leader", VILLAGE, False),
        ("assessor", VILLAGE, False),
        ("sponsor", VILLAGE, False),
        ("admin", VILLAGE, False),
        ("water", VILLAGE, False),
    ],
)
def test_who_enters_sites_where(cast, who, code, may):
    if may:
        assert enter(cast, who=who, grid=cast.grid(code)).grid.code == code
        return
    with pytest.raises(Refused) as refused:
        enter(cast, who=who, grid=cast.grid(code))
    assert refused.value.sentence == "所选的网格或位置不在您的责任范围内，不能在此登记或修改污染源。"


def test_a_change_tells_what_was_and_keeps_the_number(cast):
    source = enter(cast)
    changed = update_source(
        source=source, draft=draft(cast, name="鲁兴新厂", is_active=False), by=cast.scope("area"), at=NOW
    )
    assert (changed.code, changed.name, changed.is_active) == (source.code, "鲁兴新厂", False)
    entry = AuditEntry.objects.get(verb="source.update")
    assert (entry.details["from"]["name"], entry.details["to"]["name"]) == ("鲁兴石材厂", "鲁兴新厂")


def test_a_site_is_moved_only_between_grids_that_are_both_ones_own(cast):
    source = enter(cast)
    with pytest.raises(Refused, match="所选的网格或位置不在您的责任范围内"):
        update_source(source=source, draft=draft(cast, grid=cast.grid(OTHER_VILLAGE)), by=cast.scope("town"), at=NOW)
    moved = update_source(
        source=source, draft=draft(cast, grid=cast.grid(OTHER_VILLAGE)), by=cast.scope("county"), at=NOW
    )
    assert moved.grid.code == OTHER_VILLAGE
    with pytest.raises(Refused, match="所选的网格或位置不在您的责任范围内"):
        update_source(source=source, draft=draft(cast), by=cast.scope("town"), at=NOW)


def test_nothing_is_entered_in_a_retired_grid(cast):
    retire_grid(grid=cast.grid(VILLAGE), day=TODAY, by=system_scope(TODAY), at=NOW)
    with pytest.raises(InvalidForm) as invalid:
        enter(cast, who="town")
    assert invalid.value.errors == {"grid": "“仲村甲一村”已停用，请选择在用的网格"}


def test_a_site_of_another_town_is_not_seen(cast):
    enter(cast)
    assert [Source.objects.visible_to(cast.scope(who)).count() for who in ("member", "town", "stranger")] == [1, 1, 0]
    assert not Source.objects.visible_to(cast.scope("admin")).exists()
    assert not User.objects.visible_to(cast.scope("stranger")).filter(pk=cast.member.pk).exists()
