"""From a received file to what is shown: upright, small, without EXIF, with its watermark.

Measured by benchmarks/photo_intake.py (Pillow 13, one core): a JPEG of 12 megapixels 0.11 s, of 48 megapixels 0.25 s,
either with 33 MB above the idle process; a progressive one of 48 megapixels 0.42 s and 156 MB, given back afterwards.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import File
from PIL import Image

from kernel.images.exif import orientation_of, read_exif, taken_at_of
from kernel.images.watermark import burn
from kernel.refusal import Refused

MOST_PIXELS = 60_000_000
SHOWN_SIDE = 1600
THUMBNAIL_SIDE = 320
_QUALITY = 80

# Pillow refuses twice this by itself; between once and twice it only warns, and we refuse.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
# What Pillow raises for damaged files of the kinds that we take.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)

# Two 48-megapixel photos at once in the threads of one process would double its memory.
_one_at_a_time = threading.Lock()

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Developed:
    """What a photo gives: its size when upright, what the camera wrote, and the two JPEGs that may be shown."""

    width: int
    height: int
    exif: dict[str, Any]
    taken_at: datetime | None
    shown: bytes
    thumbnail: bytes


def develop(upload: File, watermark: str) -> Developed:
    """Decode, turn, shrink and mark. Writes nothing. Refused for a damaged file and for more than 60 megapixels."""
    # Of slightly damaged files Pillow warns. Nobody could act on it: such a photo is shown or refused.
    with _one_at_a_time, warnings.catch_warnings(action="ignore"), _opened(upload) as image:
        exif = read_exif(image)
        size, turn = image.size, _TURNS.get(orientation_of(exif))
        small = _upright(_shrunk(image), turn)
    thumbnail = _jpeg(small.resize(_fitted(small.size, THUMBNAIL_SIDE), Image.Resampling.LANCZOS))
    burn(small, watermark)
    lies_on_its_side = turn is not None and orientation_of(exif) >= 5
    width, height = reversed(size) if lies_on_its_side else size
    return Developed(width, height, exif, taken_at_of(exif), _jpeg(small), thumbnail)


@contextmanager
def _opened(upload: File) -> Iterator[Image.Image]:
    try:
        upload.seek(0)
        with Image.open(upload, formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_large()
            yield image
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except _DAMAGED as error:
        raise Refused("照片不完整或已损坏，可能没有传完。请重新上传或重新拍摄。", code="damaged_photo") from error


def _too_large() -> Refused:
    return Refused(
        f"照片超过 {MOST_PIXELS // 10_000} 万像素，请在相机设置中调低分辨率后重新拍摄。", code="too_many_pixels"
    )


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """`size` with its long side at most `side`; never enlarged, never empty."""
    share = min(1.0, side / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _shrunk(image: Image.Image) -> Image.Image:
    """An RGB copy with its long side at most `SHOWN_SIDE`, transparent parts white."""
    target = _fitted(image.size, SHOWN_SIDE)
    image.draft("RGB", target)  # a JPEG decodes at 1/2, 1/4 or 1/8 straight away: 16 times less memory at 48 megapixels
    if image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if small.mode != "RGBA":
        return small.convert("RGB")
    ground = Image.new("RGB", small.size, "white")
    ground.paste(small, mask=small.getchannel("A"))
    return ground


def _upright(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


def _jpeg(image: Image.Image) -> bytes:
    """As a progressive JPEG without EXIF, comment or any other words of the original."""
    image.info = {}
    target = io.BytesIO()
    image.save(target, "JPEG", quality=_QUALITY, progressive=True, optimize=True)
    return target.getvalue()
