"""Twelve drawn scenes with the word 演示图片 across them, taken in like any photo, then shared by many rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from accounts.models import User
from grids.scope import Scope
from kernel.fonts import chinese_font
from kernel.images import accept_photo
from kernel.models import Photo

SIZE = (1200, 900)
WORD = "演示图片"
Scene = Callable[[ImageDraw.ImageDraw, Random], None]


class Album:
    """Photos of before and after. Each one asked for is a row of its own over the files of one of the scenes."""

    def __init__(self, draw: Random, *, by: Scope, at: datetime) -> None:
        self._draw = draw
        self._before = [_taken_in(scene, variant, by, at) for scene in _BEFORE for variant in range(2)]
        self._after = [_taken_in(scene, variant, by, at) for scene in _AFTER for variant in range(2)]

    def before(self, user: User, at: datetime) -> Photo:
        return self._row(self._draw.choice(self._before), user, at)

    def after(self, user: User, at: datetime) -> Photo:
        return self._row(self._draw.choice(self._after), user, at)

    def _row(self, scene: Photo, user: User, at: datetime) -> Photo:
        return Photo.objects.create(
            sha256=scene.sha256,
            extension=scene.extension,
            original=scene.original.name,
            shown=scene.shown.name,
            thumbnail=scene.thumbnail.name,
            width=scene.width,
            height=scene.height,
            taken_at=at - timedelta(minutes=self._draw.randrange(2, 12)),
            received_at=at,
            watermark=scene.watermark,
            uploaded_by_id=user.pk,
        )

    def close(self) -> None:
        """Remove the rows of the bare scenes, which belong to nothing; the files stay with those who share them."""
        Photo.objects.filter(pk__in=[scene.pk for scene in (*self._before, *self._after)]).delete()


def _taken_in(scene: Scene, variant: int, by: Scope, at: datetime) -> Photo:
    name = f"{scene.__name__.strip('_')}_{variant}.jpg"
    upload = SimpleUploadedFile(name, _picture(scene, variant), "image/jpeg")
    return accept_photo(upload=upload, client_id=None, taken_at=None, watermark=WORD, by=by, at=at)


def _picture(scene: Scene, variant: int) -> bytes:
    """A JPEG of the scene. Variants of one scene differ in where things stand."""
    draw = Random(f"{scene.__name__} {variant}")
    image = Image.new("RGB", SIZE, (178, 206, 226))
    canvas = ImageDraw.Draw(image)
    _land(canvas, draw)
    scene(canvas, draw)
    _write_word(image)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _write_word(image: Image.Image) -> None:
    font = chinese_font()
    large = ImageFont.truetype(str(font.path), 150, index=font.index, layout_engine=ImageFont.Layout.BASIC)
    veil = Image.new("RGBA", image.size, (0, 0, 0, 0))
    words = ImageDraw.Draw(veil)
    words.text((SIZE[0] / 2, 190), WORD, font=large, fill=(255, 255, 255, 215), anchor="mm",
               stroke_width=4, stroke_fill=(40, 60, 70, 200))  # fmt: skip
    image.paste(veil, (0, 0), veil)


def _land(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    """Hills and a field under the sky."""
    for base, colour in ((430, (134, 160, 140)), (500, (116, 146, 116))):
        peaks = [(x, base - draw.randrange(20, 150)) for x in range(0, 1300, 200)]
        canvas.polygon([(0, 900), *peaks, (1200, 900)], fill=colour)
    canvas.rectangle((0, 560, 1200, 900), fill=(168, 172, 108))
    canvas.polygon([(480, 900), (720, 900), (640, 560), (590, 560)], fill=(176, 172, 164))


def _smoke(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    """Straw that burns at the edge of a field."""
    left = draw.randrange(120, 520)
    for step in range(9):
        size = 40 + step * 17
        grey = 90 + step * 12
        x, y = left + 90 + step * 26, 640 - step * 44
        canvas.ellipse((x - size, y - size, x + size, y + size), fill=(grey, grey, grey))
    canvas.polygon([(left, 730), (left + 90, 610), (left + 210, 730)], fill=(190, 140, 60))
    for x in range(left + 30, left + 190, 30):
        canvas.polygon([(x - 14, 730), (x, 660 - draw.randrange(40)), (x + 14, 730)], fill=(226, 92, 34))


def _rubbish(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    """A heap at the side of the road."""
    colours = ((60, 90, 160), (200, 60, 60), (230, 230, 230), (70, 70, 70), (220, 190, 60), (90, 140, 90))
    for _ in range(90):
        x, y = draw.gauss(820, 110), 790 - abs(draw.gauss(0, 70))
        size = draw.randrange(14, 42)
        canvas.rectangle((x, y, x + size, y + size * 0.7), fill=draw.choice(colours))


def _foul_water(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    """A ditch with dark water from a pipe."""
    canvas.polygon([(0, 700), (1200, 620), (1200, 780), (0, 880)], fill=(58, 60, 52))
    for _ in range(40):
        x = draw.randrange(0, 1150)
        y = 790 - x * 0.067 + draw.randrange(-50, 50)
        canvas.ellipse((x, y, x + draw.randrange(20, 60), y + 12), fill=(110, 112, 92))
    canvas.ellipse((180, 590, 280, 690), fill=(120, 120, 124))
    canvas.ellipse((200, 610, 260, 670), fill=(30, 30, 30))


def _clean_field(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    """The same field, raked."""
    for x in range(-100, 1300, 70):
        canvas.line((x, 900, 600 + (x - 600) * 0.35, 570), fill=(140, 150, 90), width=6)
    _trees(canvas, draw)


def _clean_road(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    """The same road, swept, with two bins."""
    for left in (780, 880):
        canvas.rectangle((left, 680, left + 70, 800), fill=(46, 120, 80))
        canvas.rectangle((left - 6, 664, left + 76, 684), fill=(36, 96, 64))
    _trees(canvas, draw)


def _clear_water(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    """The same ditch with clear water."""
    canvas.polygon([(0, 700), (1200, 620), (1200, 780), (0, 880)], fill=(112, 170, 196))
    for _ in range(24):
        x = draw.randrange(0, 1100)
        y = 790 - x * 0.067 + draw.randrange(-50, 50)
        canvas.line((x, y, x + draw.randrange(40, 110), y), fill=(200, 226, 236), width=4)
    _trees(canvas, draw)


def _trees(canvas: ImageDraw.ImageDraw, draw: Random) -> None:
    for x in (80, 250, 1000, 1130):
        top = 470 + draw.randrange(40)
        canvas.rectangle((x - 8, top + 60, x + 8, 640), fill=(104, 80, 56))
        canvas.ellipse((x - 60, top - 60, x + 60, top + 90), fill=(74, 124, 74))


_BEFORE: tuple[Scene, ...] = (_smoke, _rubbish, _foul_water)
_AFTER: tuple[Scene, ...] = (_clean_field, _clean_road, _clear_water)
