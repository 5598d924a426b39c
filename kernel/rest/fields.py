"""Fields that bound what comes in, so that no odd value reaches the database: moments, places, plain text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, localtime
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from kernel.text import refuse_control_characters

FIRST_YEAR, LAST_YEAR = 2000, 2100
# In a query string an unescaped + arrives as a space: 2026-11-23T08:30:00 08:00.
_LOST_PLUS = re.compile(r"(?<=T\d{2}:\d{2}.{0}) (?=\d{2}:?\d{2}$)|(?<=[\d.]) (?=\d{2}:\d{2}$)")


class MomentField(serializers.DateTimeField):
    """ISO 8601 with an offset, in the years 2000 to 2100; given out in the time of the county (+08:00)."""

    default_error_messages = {
        "invalid": "应为带时区的时间，如 2026-11-23T08:30:00+08:00",
        "naive": "时间须带时区，如 2026-11-23T08:30:00+08:00",
        "bounds": f"时间应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间",
    }

    def to_internal_value(self, value: Any) -> datetime:
        moment = self._parsed(value)
        if is_naive(moment):
            self.fail("naive")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            self.fail("bounds")
        return localtime(moment.astimezone(UTC))

    def _parsed(self, value: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        if not isinstance(value, str) or len(value) > 40:
            self.fail("invalid")
        try:
            moment = parse_datetime(_LOST_PLUS.sub("+", value))
        except ValueError:
            moment = None
        if moment is None:
            self.fail("invalid")
        return moment


# They look for some of the characters that ours refuses, with a sentence that Django's translation gets wrong.
_PARTS_OF_OURS = (ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)


class PlainTextField(serializers.CharField):
    """Text of at most `max_length` characters, without control characters."""

    default_error_messages = {
        "max_length": "最多 {max_length} 字，请删减",
        "blank": "不能为空",
    }

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        kept = [one for one in self.validators if not isinstance(one, _PARTS_OF_OURS)]
        self.validators = [*kept, refuse_control_characters]


class LocationField(serializers.Serializer):
    """A point within China with the coordinate system that it is given in; conversion is for whoever stores it."""

    lon = serializers.FloatField(
        min_value=73,
        max_value=136,
        error_messages={
            "min_value": "经度应在 73 到 136 之间（先经度，后纬度）",
            "max_value": "经度应在 73 到 136 之间（先经度，后纬度）",
            "invalid": "经度应为数字",
        },
    )
    lat = serializers.FloatField(
        min_value=3,
        max_value=54,
        error_messages={
            "min_value": "纬度应在 3 到 54 之间（先经度，后纬度）",
            "max_value": "纬度应在 3 到 54 之间（先经度，后纬度）",
            "invalid": "纬度应为数字",
        },
    )
    coord_sys = serializers.ChoiceField(
        choices=["wgs84", "cgcs2000", "gcj02", "bd09"],
        error_messages={"invalid_choice": "坐标系应为 wgs84、cgcs2000、gcj02 或 bd09"},
    )
