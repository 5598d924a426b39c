"""Takes the pictures of the README and the manual from a running program with the demo county.

PINGYI_DEMO_PASSWORD=… python -m tests.journeys.pictures http://127.0.0.1:8000
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium_path
from tests.journeys.devices import DESK, PHONE, sign_in_by_form

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
_COLOURS = 256
_WIDEST = 1280


_FIRST_CASE, _HOW_COUNTED = ".case-rows .row-title a", "text=怎么算的"


@dataclass(frozen=True)
class Picture:
    """What to photograph: as whom, with which device, where, and the links to follow from there."""

    name: str
    person: str
    device: dict[str, object]
    path: str
    follow: tuple[str, ...] = ()


PICTURES = (
    Picture("desk", "county", DESK, "/"),
    Picture("list", "county", DESK, "/cases/"),
    Picture("case", "county", DESK, "/cases/?state=checking", (_FIRST_CASE,)),
    Picture("clock", "county", DESK, "/cases/?state=checking", (_FIRST_CASE, _HOW_COUNTED)),
    Picture("tree", "county", DESK, "/grids/"),
    Picture("leader", "leader", DESK, "/"),
    Picture("water", "water", DESK, "/"),
    Picture("town", "town", DESK, "/"),
    Picture("field", "member", PHONE, "/field/"),
    Picture("report", "member", PHONE, "/field/report/"),
    Picture("mine", "member", PHONE, "/field/mine/"),
)


def take(browser: Browser, address: str, password: str, wanted: Picture) -> None:
    context = browser.new_context(base_url=address, locale="zh-CN", **wanted.device)
    page = context.new_page()
    sign_in_by_form(page, wanted.person, password)
    page.goto(wanted.path)
    for link in wanted.follow:
        page.locator(link).first.click()
    page.wait_for_load_state("networkidle")
    path = FOLDER / f"{wanted.name}.png"
    page.screenshot(path=path)
    context.close()
    shrink(path)


def shrink(path: Path) -> None:
    """A picture of few colours and no more pixels than a README shows."""
    with Image.open(path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((_WIDEST, _WIDEST), Image.Resampling.LANCZOS)
    small.quantize(_COLOURS, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--lang=zh-CN"])
        for wanted in PICTURES:
            take(browser, sys.argv[1], os.environ["PINGYI_DEMO_PASSWORD"], wanted)
        browser.close()


if __name__ == "__main__":
    main()
