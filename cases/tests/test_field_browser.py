"""The phone in a real browser, 360 px wide: with its script, with a bad signal, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from cases.models import Case
from conftest import COUNTY, NOW, SHANGHAI, TODAY
from grids.scope import system_scope
from grids.services import set_boundary

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("reference", "county"),
]
HERE = {"longitude": 117.5, "latitude": 35.5, "accuracy": 12}
ORIENTATION, EXIF_IFD, TAKEN_AT = 0x0112, 0x8769, 0x9003


@pytest.fixture
def phone(chromium, cast, live_server) -> Iterator[Callable[..., Page]]:
    """Opens the form on the phone of `member`, signed in."""
    opened: list[BrowserContext] = []

    def open_form(**options) -> Page:
        size = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
        place = {"geolocation": HERE, "permissions": ["geolocation"]}
        context = chromium.new_context(**size, **place, base_url=live_server.url, **options)
        opened.append(context)
        session = cast.client("member").cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/field/report/")
        return page

    yield open_form
    for context in opened:
        context.close()


@pytest.fixture
def county(cast) -> None:
    ring = [[117.0, 35.0], [118.0, 35.0], [118.0, 36.0], [117.0, 36.0], [117.0, 35.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    set_boundary(grid=cast.grid(COUNTY), geometry=geometry, is_schematic=True, by=system_scope(TODAY), at=NOW)


_LOSE_ANSWERS = """() => {
    const listen = XMLHttpRequest.prototype.addEventListener;
    XMLHttpRequest.prototype.addEventListener = function (type, heard) {
        if (type !== "load") listen.call(this, type, heard);
    };
}"""


def photo(folder: Path, size: tuple[int, int] = (320, 240), name: str = "photo.jpg") -> Path:
    """As a camera held upright keeps it: lying on its side, with a note to turn it, red at the left edge as stored."""
    picture = Image.effect_noise(size, 60).convert("RGB")
    picture.paste((220, 30, 30), (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(EXIF_IFD)[TAKEN_AT] = f"{NOW:%Y:%m:%d %H:%M:%S}"
    picture.save(folder / name, quality=92, exif=exif)
    return folder / name


def choose(page: Page, *files: Path) -> None:
    page.locator(".shots-camera input").set_input_files(list(files))


def pick(page: Page, category: str) -> None:
    page.locator(".tiles-pick label", has_text=category).tap()


def send(page: Page) -> None:
    page.get_by_role("button", name="提交上报").tap()


def test_three_taps_file_a_case_with_a_smaller_photo_its_time_and_the_place(phone, tmp_path):
    page = phone()
    expect(page.locator(".spot-fix")).to_have_text("已定位 ±12 米")
    choose(page, photo(tmp_path, (2600, 1950)))
    expect(page.locator(".thumbs img")).to_have_count(1)
    pick(page, "秸秆露天焚烧")
    send(page)
    expect(page.locator(".receipt-number")).to_be_visible()
    case = Case.objects.get()
    kept = case.photos.get().photo
    assert (case.lon, case.lat) == (117.5, 35.5)
    assert (kept.width, kept.height) == (1440, 1920)
    assert kept.taken_at == datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
    with kept.shown.open("rb") as file, Image.open(BytesIO(file.read())) as shown:
        assert shown.getpixel((shown.width // 2, 20))[0] > shown.getpixel((shown.width // 2, shown.height // 2))[2] + 40


def test_a_report_that_does_not_get_through_stays_and_arrives_once(phone, tmp_path):
    page = phone()
    choose(page, photo(tmp_path))
    pick(page, "秸秆露天焚烧")
    page.fill("#description", "村东有人烧秸秆")
    page.context.set_offline(True)
    send(page)
    expect(page.locator(".send-status")).to_contain_text("网络不通，没有发出。内容都还在")
    expect(page.locator(".thumbs img")).to_have_count(1)
    page.context.set_offline(False)
    send(page)
    expect(page.locator(".receipt-number")).to_be_visible()
    assert [case.description for case in Case.objects.all()] == ["村东有人烧秸秆"]


def test_a_report_whose_answer_was_lost_is_found_again_after_the_phone_died(phone, tmp_path):
    page = phone()
    choose(page, photo(tmp_path))
    pick(page, "秸秆露天焚烧")
    page.fill("#description", "村东有人烧秸秆")
    page.evaluate(_LOSE_ANSWERS)
    with page.expect_response("**/field/report/*-*/"):
        send(page)
    page.reload()
    expect(page.locator(".send-status")).to_contain_text("上次的上报已经收到。")
    assert Case.objects.count() == 1


def test_words_survive_a_phone_that_dies(phone):
    page = phone()
    page.fill("#description", "村东有人烧秸秆")
    pick(page, "工业废水")
    page.reload()
    expect(page.locator("#description")).to_have_value("村东有人烧秸秆")
    expect(page.locator("input[value=W01]")).to_be_checked()
    expect(page.locator(".send-status")).to_contain_text("已恢复上次的文字")


def test_a_session_that_ended_keeps_everything_on_the_screen(phone, tmp_path):
    page = phone()
    choose(page, photo(tmp_path))
    pick(page, "秸秆露天焚烧")
    page.context.clear_cookies()
    send(page)
    expect(page.locator(".send-status")).to_contain_text("内容都还在")
    expect(page.locator(".thumbs img")).to_have_count(1)


def test_without_javascript_a_report_is_filed_and_a_bad_file_costs_nothing(phone, tmp_path):
    page = phone(java_script_enabled=False)
    (tmp_path / "page.jpg").write_bytes(b"<!doctype html><html></html>")
    choose(page, photo(tmp_path), tmp_path / "page.jpg")
    pick(page, "秸秆露天焚烧")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("第 2 张没有收下：这是网页，不是照片")
    send(page)
    expect(page.locator(".receipt-number")).to_be_visible()
    assert Case.objects.get().photos.count() == 1


@pytest.mark.parametrize("path", ["/field/", "/field/report/", "/field/mine/", "/field/cases/{number}/"])
def test_a_page_fits_a_narrow_screen_and_is_large_enough_for_a_thumb(phone, desk, path):
    case = desk.file(title="很长的标题" * 8, place="河坝北" * 30)
    page = phone()
    page.goto(path.format(number=case.number))
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    touched = page.locator("main :is(a, button, summary, select, label:has(input)):visible")
    small = [box.text_content() for box in touched.all() if box.bounding_box()["height"] < 44]
    assert small == []
