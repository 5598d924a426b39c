"""Rules of codes, kinds and names, as tables."""

import pytest

from grids.rules import (
    division_fault,
    full_division_code,
    kind_of_town,
    kind_of_village,
    masked_phone,
    path_under,
    short_division_code,
    uscc_fault,
)


@pytest.mark.parametrize(
    ("code", "is_sound"),
    [
        ("371326000000", True),
        ("371326001000", True),
        ("371326101001", True),
        ("371326599999", True),
        ("371326600001", False),
        ("371326000001", False),
        ("000000101001", False),
        ("370000000000", False),
        ("37132610100", False),
        ("3713261010011", False),
        ("37132610100A", False),
        ("３７１３２６１０１００１", False),
        ("", False),
    ],
)
def test_a_division_code_has_twelve_digits_and_a_town_part_up_to_599(code, is_sound):
    assert (division_fault(code) is None) == is_sound


@pytest.mark.parametrize(
    ("short", "full"), [("371326", "371326000000"), ("371326101", "371326101000"), ("371326101001", "371326101001")]
)
def test_short_and_full_codes(short, full):
    assert full_division_code(short) == full
    assert short_division_code(full) == short
    assert short_division_code(short) == short


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("371326001", "subdistrict"),
        ("371326099", "subdistrict"),
        ("371326100", "town"),
        ("371326201", "town"),
        ("371326400", "dev_zone"),
        ("371326599", "dev_zone"),
    ],
)
def test_the_town_part_says_the_kind(code, kind):
    assert kind_of_town(code) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("城中社区居委会", "community"),
        ("城中社区", "community"),
        ("城中居民委员会", "community"),
        ("驿头村村委会", "village"),
        ("社区西村", "village"),
    ],
)
def test_the_name_says_whether_it_is_a_community(name, kind):
    assert kind_of_village(name) == kind


@pytest.mark.parametrize(
    ("code", "is_sound"),
    [
        # The example of GB 32100-2015, and codes that well-known companies publish.
        ("91350100M000100Y43", True),
        ("914403001922038216", True),
        ("9144030071526726XG", True),
        ("91350100M000100Y44", False),
        ("91350100m000100y43", False),
        ("91350100M000100Y4", False),
        ("9135010IM000100Y43", False),
    ],
)
def test_the_check_character_of_a_credit_code(code, is_sound):
    assert (uscc_fault(code) is None) == is_sound


def test_a_path_leaves_the_county_out():
    assert path_under("平邑县", None, parent_is_root=False) == "平邑县"
    assert path_under("仲村镇", "平邑县", parent_is_root=True) == "仲村镇"
    assert path_under("甲工作区", "仲村镇", parent_is_root=False) == "仲村镇/甲工作区"


@pytest.mark.parametrize(
    ("phone", "shown"), [("13912345678", "139****5678"), ("0539-4211234", "053****1234"), ("12345", "*****"), ("", "")]
)
def test_a_masked_phone(phone, shown):
    assert masked_phone(phone) == shown
