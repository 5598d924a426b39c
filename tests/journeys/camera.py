"""Keeps what people saw, as pictures of 360 and 1440 px that somebody looks at before a release.

`PINGYI_PICTURES=1` also keeps the chosen ones, small, for the README.
"""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
WIDTHS = {360: 740, 1440: 900}
_COLOURS = 128


class Camera:
    """Photographs pages for one story, into `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count = 0

    def take(self, page: Page, name: str) -> None:
        """The page from top to bottom at both widths; the window is then as it was."""
        self._count += 1
        size = page.viewport_size
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=self._folder / f"{self._count:02}-{name}-{width}.png", full_page=True)
        page.set_viewport_size(size)

    def keep(self, page: Page, name: str) -> None:
        """What is on the screen, for the README, when asked for."""
        if os.environ.get("PINGYI_PICTURES") != "1":
            return
        path = PICTURES / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path)
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
