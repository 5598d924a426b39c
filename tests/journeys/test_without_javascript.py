"""The essential act on a phone whose browser runs no scripts, from the sign-in page to the receipt."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cases.models import Case
from tests.journeys.devices import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_member_signs_in_reports_and_sees_what_became_of_it_without_javascript(sign_in, shot, camera):
    member = sign_in("member", PHONE, java_script_enabled=False)
    member.goto("/field/")
    member.locator("main").get_by_role("link", name="上报问题").tap()
    member.locator(".shots-album input").set_input_files([shot("one"), shot("two")])
    member.locator(".tiles-pick label", has_text="秸秆露天焚烧").tap()
    member.locator("#description").fill("村东有人烧秸秆")
    camera.take(member, "form")
    member.get_by_role("button", name="提交上报").tap()
    expect(member.locator(".receipt-number")).to_be_visible()
    case = Case.objects.get()
    assert (case.description, case.photos.count(), case.grid.name) == ("村东有人烧秸秆", 2, "仲村甲一村")
    member.goto("/field/mine/")
    expect(member.get_by_role("link", name="仲村甲一村秸秆露天焚烧")).to_be_visible()
    camera.take(member, "mine")
