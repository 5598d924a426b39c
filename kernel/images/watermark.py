"""Lines burned into the shown copy: time, place, grid, name, all of them checked by the server."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from kernel.fonts import chinese_font

_SHARE_OF_LONG_SIDE = 50
_SMALLEST = 10
_DARKNESS = 0.55


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = chinese_font()
    return ImageFont.truetype(str(font.path), size, index=font.index, layout_engine=ImageFont.Layout.BASIC)


def burn(image: Image.Image, text: str) -> None:
    """Write the lines of `text` at the lower left of an RGB image, on a darkened ground; long lines are wrapped."""
    if not text.strip():
        return
    size = max(_SMALLEST, round(max(image.size) / _SHARE_OF_LONG_SIDE))
    font, margin = _font(size), size // 2
    widest = image.width - 4 * margin
    block = "\n".join(part for line in text.strip().splitlines() for part in _wrapped(line, font, widest))
    draw = ImageDraw.Draw(image)
    _, _, width, height = draw.multiline_textbbox((0, 0), block, font=font, spacing=margin)
    left, top = margin, max(0, image.height - round(height) - 3 * margin)
    _darken(image, (left, top, min(image.width, left + round(width) + 2 * margin), image.height - margin))
    draw.multiline_text((left + margin, top + margin), block, font=font, fill="white", spacing=margin)


def _wrapped(line: str, font: ImageFont.FreeTypeFont, widest: int) -> list[str]:
    parts = [""]
    for character in line:
        if parts[-1] and font.getlength(parts[-1] + character) > widest:
            parts.append("")
        parts[-1] += character
    return parts


def _darken(image: Image.Image, box: tuple[int, int, int, int]) -> None:
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    ground = image.crop(box)
    image.paste(Image.blend(ground, Image.new("RGB", ground.size), _DARKNESS), box[:2])
