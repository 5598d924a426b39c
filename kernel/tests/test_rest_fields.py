import pytest
from rest_framework import serializers

from kernel.rest import LocationField, MomentField, PlainTextField


class Form(serializers.Serializer):
    at = MomentField(required=False)
    where = LocationField(required=False)
    text = PlainTextField(required=False, max_length=6)


def read(**data):
    """(value, "") of the one field, or (None, its sentence)."""
    form = Form(data=data)
    (name,) = data
    if form.is_valid():
        return form.validated_data[name], ""
    errors = form.errors[name]
    return None, errors[0] if isinstance(errors, list) else {key: list(value) for key, value in errors.items()}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T08:30:00+08:00", "2026-11-23T08:30:00+08:00"),
        ("2026-11-23T00:30:00Z", "2026-11-23T08:30:00+08:00"),
        ("2026-11-23T08:30:00.123456+08:00", "2026-11-23T08:30:00.123456+08:00"),
        ("2026-11-23T00:31:00+00:01", "2026-11-23T08:30:00+08:00"),
        ("2026-11-22T06:36:17-17:53:43", "2026-11-23T08:30:00+08:00"),
        ("2026-11-23T08:30+08:00", "2026-11-23T08:30:00+08:00"),
        ("2026-11-23T08:30:00 08:00", "2026-11-23T08:30:00+08:00"),
        ("2026-11-23T08:30 08:00", "2026-11-23T08:30:00+08:00"),
        ("2026-11-23 08:30:00+08:00", "2026-11-23T08:30:00+08:00"),
        ("2000-01-01T00:00:00+08:00", "2000-01-01T00:00:00+08:00"),
    ],
)
def test_a_moment_with_an_offset_is_read_and_given_out_in_the_time_of_the_county(text, moment):
    value, sentence = read(at=text)
    assert (MomentField().to_representation(value), sentence) == (moment, "")


INVALID = "应为带时区的时间，如 2026-11-23T08:30:00+08:00"
NAIVE = "时间须带时区，如 2026-11-23T08:30:00+08:00"
BOUNDS = "时间应在 2000 年到 2100 年之间"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("昨天", INVALID),
        ("", INVALID),
        (20261123, INVALID),
        (["2026-11-23T08:30:00+08:00"], INVALID),
        ("2026-02-30T08:30:00+08:00", INVALID),
        ("2026-11-23T25:30:00+08:00", INVALID),
        ("2026-11-23T08:30:00+25:00", INVALID),
        ("2026-11-23T08:30:00+08:00" + "0" * 100_000, INVALID),
        ("2026-11-23", NAIVE),
        ("2026-11-23T08:30:00", NAIVE),
        ("1999-12-31T23:59:59+08:00", BOUNDS),
        ("4438-01-01T00:00:00+08:00", BOUNDS),
        ("0001-01-01T00:00:00+14:00", BOUNDS),
        ("9999-12-31T23:59:59-14:00", BOUNDS),
    ],
)
def test_a_moment_that_the_database_could_not_keep_is_refused_with_a_sentence(text, sentence):
    assert read(at=text) == (None, sentence)


def test_a_place_keeps_the_system_it_came_in():
    place = {"lon": 117.63, "lat": 35.5, "coord_sys": "gcj02"}
    assert read(where=place) == (place, "")


LON, LAT = "经度应在 73 到 136 之间（先经度，后纬度）", "纬度应在 3 到 54 之间（先经度，后纬度）"


@pytest.mark.parametrize(
    ("place", "errors"),
    [
        ({"lon": 35.5, "lat": 117.63, "coord_sys": "wgs84"}, {"lon": [LON], "lat": [LAT]}),
        ({"lon": 1e400, "lat": 35.5, "coord_sys": "wgs84"}, {"lon": ["经度应为数字"]}),
        ({"lon": "东", "lat": 35.5, "coord_sys": "wgs84"}, {"lon": ["经度应为数字"]}),
        ({"lon": float("nan"), "lat": 35.5, "coord_sys": "wgs84"}, {"lon": ["经度应为数字"]}),
        (
            {"lon": 117.6, "lat": 35.5, "coord_sys": "utm"},
            {"coord_sys": ["坐标系应为 wgs84、cgcs2000、gcj02 或 bd09"]},
        ),
        ({"lon": 117.6}, {"lat": ["该字段是必填项。"], "coord_sys": ["该字段是必填项。"]}),
    ],
)
def test_a_place_outside_the_country_or_of_another_shape_is_refused(place, errors):
    assert read(where=place) == (None, errors)


@pytest.mark.parametrize("text", ["平邑县", "a\nb", "a\tb", "😀😀", "邿堽堌"])
def test_plain_text_is_kept(text):
    assert read(text=text) == (text, "")


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\x1bb", "\ud83d", "￿"])
def test_characters_that_no_database_or_document_holds_are_refused(text):
    assert read(text=text) == (None, "含有无法保存的控制字符，请删除后重新输入。")


def test_text_over_its_length_is_refused():
    assert read(text="很" * 7) == (None, "最多 6 字，请删减")
    assert read(text="很" * 100_000) == (None, "最多 6 字，请删减")
