"""The machine's browser, for every test that drives one. A plugin of pytest, so that there is one fixture for all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """The browser of this machine; None where there is none."""
    return os.environ.get("PINGYI_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running browser. Its event loop runs in the thread in which the tests ask the database.

    It ends with the module: a loop that went on would stand in the way of every test after it.
    """
    program = chromium_path()
    if program is None:
        reason = "没有 Chromium（可用 PINGYI_CHROMIUM 指定）"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--lang=zh-CN"])
        yield started
        started.close()
