"""Keeps what people saw, as pictures of 360 and 1440 px that somebody looks at before a release."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

WIDTHS = {360: 740, 1440: 900}


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
