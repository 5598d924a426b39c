"""The browser, the people who sit at it, and the camera that keeps what they saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page

from cases.tests.conftest import picture, refer_to
from conftest import COUNTY, NOW, TODAY, VILLAGE, Cast
from grids.scope import system_scope
from grids.services import set_boundary
from kernel.services.calendar import seed_holidays
from tests.journeys.camera import Camera
from tests.journeys.devices import DESK, sign_in_by_form

PASSWORD = "Cunzhen-2026-Journey"
# A place in 仲村甲一村, as the phone would find it.
SPOT = {"longitude": 117.652, "latitude": 35.528, "accuracy": 12}


@pytest.fixture
def clock(chromium) -> Iterator[time_machine.Coordinates]:
    """The clock of the program, from a Monday morning on; it runs, and a story may turn it forward."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def county(clock, cast) -> Cast:
    """The cast with passwords, categories and limits, and outlines, so that a phone knows where it is."""
    refer_to(cast)
    seed_holidays(by=system_scope(TODAY), at=NOW)
    for user in cast.users.values():
        user.set_password(PASSWORD)
        user.save()
    by = cast.scope("county")
    for code, side in [(COUNTY, 0.3), (VILLAGE, 0.02)]:
        west, south = SPOT["longitude"] - side, SPOT["latitude"] - side
        east, north = SPOT["longitude"] + side, SPOT["latitude"] + side
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        set_boundary(grid=cast.grid(code), geometry=geometry, is_schematic=True, by=by, at=NOW)
    return cast


@pytest.fixture
def shot(tmp_path) -> Callable[[str], Path]:
    """A photo from the spot, as a file on the device."""

    def make(name: str) -> Path:
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(picture(size=(1200, 900)).read())
        return path

    return make


@pytest.fixture
def camera(request) -> Camera:
    return Camera(Path(request.config.getoption("--output")) / "journeys" / request.node.name)


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(chromium, county, live_server) -> Iterator[SignIn]:
    """Opens a device of one's own and signs in through the form: `sign_in("member", PHONE)`."""
    opened: list[BrowserContext] = []

    def enter(name: str, device: dict[str, object] = DESK, **options: object) -> Page:
        place = {"geolocation": SPOT, "permissions": ["geolocation"]}
        context = chromium.new_context(base_url=live_server.url, locale="zh-CN", **device, **place, **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        sign_in_by_form(page, name, PASSWORD)
        return page

    yield enter
    for context in opened:
        context.close()
