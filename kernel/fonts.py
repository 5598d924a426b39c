"""The Chinese font for what the program prints itself: watermarks and documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_OUR_OWN = "node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf"
# A collection holds the countries' forms of a character one after another; the third is the Simplified Chinese one.
_OF_THE_SYSTEM = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
)
MISSING = (
    "找不到中文字体：请运行 bin/run（或 npm ci）取得 @expo-google-fonts/noto-sans-sc，或安装系统字体 fonts-noto-cjk。"
)


@dataclass(frozen=True)
class FontFile:
    """A font file; `index` says which face of a collection."""

    path: Path
    index: int = 0


def chinese_font() -> FontFile:
    """The font that comes with the program, else Noto CJK of the system. Raises ImproperlyConfigured without either."""
    own = FontFile(Path(settings.BASE_DIR) / _OUR_OWN)
    for font in (own, *(FontFile(Path(path), 2) for path in _OF_THE_SYSTEM)):
        if font.path.is_file():
            return font
    raise ImproperlyConfigured(MISSING)
