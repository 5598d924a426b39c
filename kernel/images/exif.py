"""What the camera wrote into a photo: kept privately, as plain JSON, never shown."""

from __future__ import annotations

import math
import struct
from datetime import datetime, timedelta, timezone
from typing import Any

from django.utils.timezone import get_default_timezone
from PIL import ExifTags, Image

_LONGEST_TEXT = 200
_MOST_VALUES = 20
_PARTS = {"Exif": ExifTags.IFD.Exif, "GPS": ExifTags.IFD.GPSInfo}
# What damaged or hostile EXIF makes Pillow raise: it is left out then, the photo itself is judged by its pixels.
_DAMAGED = (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, struct.error)


def read_exif(image: Image.Image) -> dict[str, Any]:
    """The tags by name, those of the camera under `Exif`, those of the place under `GPS`; empty when there are none."""
    try:
        exif = image.getexif()
        found = _named(dict(exif), ExifTags.TAGS)
        for name, part in _PARTS.items():
            tags = ExifTags.GPSTAGS if name == "GPS" else ExifTags.TAGS
            if inner := _named(exif.get_ifd(part), tags):
                found[name] = inner
    except _DAMAGED:
        return {}
    return found


def _named(values: dict[int, Any], names: dict[int, str]) -> dict[str, Any]:
    plain = {names.get(tag, str(tag)): _plain(value) for tag, value in values.items()}
    return {name: value for name, value in plain.items() if value is not None}


def _plain(value: Any) -> Any:
    """As JSON holds it in both databases; None for what has no meaning outside the camera (maker notes, thumbnails)."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bytes):
        return _text(value.decode("ascii", "ignore")) if len(value) <= _LONGEST_TEXT else None
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value] if len(value) <= _MOST_VALUES else None
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _text(value: str) -> str:
    return "".join(character for character in value if character.isprintable())[:_LONGEST_TEXT].strip()


def orientation_of(exif: dict[str, Any]) -> int:
    """How the camera was held: 1 (upright) to 8."""
    value = exif.get("Orientation")
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def taken_at_of(exif: dict[str, Any]) -> datetime | None:
    """When the shutter went, by the camera's clock; the county's time where the camera names no offset."""
    camera = exif.get("Exif")
    if not isinstance(camera, dict):
        return None
    for moment, offset in (("DateTimeOriginal", "OffsetTimeOriginal"), ("DateTimeDigitized", "OffsetTimeDigitized")):
        found = _moment(camera.get(moment), camera.get(offset))
        if found is not None:
            return found
    return None


def _moment(text: Any, offset: Any) -> datetime | None:
    try:
        naive = datetime.strptime(str(text)[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the offset is a tag of its own
    except ValueError:
        return None
    return naive.replace(tzinfo=_offset(offset) or get_default_timezone())


def _offset(text: Any) -> timezone | None:
    try:
        moment = datetime.strptime(str(text), "%z")
    except ValueError:
        return None
    return timezone(moment.utcoffset() or timedelta())
