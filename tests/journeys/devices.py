"""The devices that people use, and how they sign in on them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PHONE: dict[str, object] = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
DESK: dict[str, object] = {"viewport": {"width": 1440, "height": 900}}


def sign_in_by_form(page: Page, name: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("密码")).to_have_count(0)
