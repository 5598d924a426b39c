"""Nobody does anything: the matter climbs by itself, level by level, and everybody sees who let it lie."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Case
from conftest import SHANGHAI
from kernel import audit
from pingyi_grid.sweep import sweep_all
from tests.journeys.devices import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Monday 2026-11-23 09:00 and one working day at each level; the mornings after each of them has passed.
MORNINGS = {
    "仲村镇/仲村甲工作区": datetime(2026, 11, 25, 8, 0, tzinfo=SHANGHAI),
    "仲村镇": datetime(2026, 11, 27, 8, 0, tzinfo=SHANGHAI),
    "平邑县": datetime(2026, 12, 1, 8, 0, tzinfo=SHANGHAI),
}
WHO = {"仲村镇/仲村甲工作区": "area", "仲村镇": "town", "平邑县": "county"}
TWO_DAYS_LATER = datetime(2026, 12, 3, 8, 0, tzinfo=SHANGHAI)


def test_what_nobody_touches_climbs_by_itself_and_shows_its_red_cards(sign_in, clock, shot, camera):
    member = sign_in("member", PHONE)
    member.goto("/field/report/")
    member.locator(".shots-camera input").set_input_files(shot("scene"))
    member.locator(".tiles-pick label", has_text="工业废水").tap()
    member.get_by_role("button", name="提交上报").tap()
    expect(member.locator(".receipt-number")).to_be_visible()

    for level, morning in MORNINGS.items():
        clock.move_to(morning)
        sweep_all(at=timezone.now())
        page = sign_in(WHO[level])
        climbed = page.locator("section, div").filter(has=page.get_by_role("heading", name="上来的")).last
        expect(climbed.get_by_role("link", name="仲村甲一村工业废水")).to_be_visible()
        camera.take(page, f"{WHO[level]}-desk-with-what-climbed")

    clock.move_to(TWO_DAYS_LATER)
    sweep_all(at=timezone.now())
    county = sign_in("county")
    expect(county.get_by_text("红牌").first).to_be_visible()
    camera.take(county, "county-desk-red")
    county.locator("main").get_by_role("link", name="仲村甲一村工业废水").first.click()
    expect(county.locator(".case-marks").get_by_text("红牌")).to_be_visible()
    camera.take(county, "county-case-red")

    member = sign_in("member", PHONE)
    member.goto("/field/mine/")
    camera.take(member, "member-mine-overdue")
    assert_story_is_kept()


def assert_story_is_kept() -> None:
    case = Case.objects.get()
    steps = [(step.action, step.to_holder) for step in case.steps.all() if step.action in ("report", "climb")]
    assert steps == [("report", "仲村镇/仲村甲工作区/仲村甲一村"), *(("climb", level) for level in MORNINGS)]
    assert (case.is_overdue, case.card) == (True, "red")
    red = case.cards.filter(colour="red").order_by("issued_at").values_list("grid__name", flat=True)
    assert list(red) == ["仲村甲一村", "仲村甲工作区", "仲村镇", "平邑县"]
    assert audit.verify() == []
