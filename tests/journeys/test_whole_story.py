"""From a village phone to the archive: seven people, each at a device of their own, through the pages alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from cases.choices import PartState, State
from cases.models import Case
from kernel import audit
from tests.journeys.devices import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MATTER = "村东沟边成堆焚烧秸秆，浓烟飘向学校"


def report(page: Page, photo: Path) -> None:
    """Photo, category, how grave, a word, send."""
    page.get_by_role("link", name="上报").first.tap()
    page.locator(".shots-camera input").set_input_files(photo)
    page.locator(".tiles-pick label", has_text="秸秆露天焚烧").tap()
    page.locator("label.grave-serious").tap()
    page.locator("#description").fill(MATTER)


def open_first_task(page: Page) -> None:
    """From the home page to the case that waits there."""
    page.goto("/")
    page.locator("main").get_by_role("link", name="秸秆露天焚烧").first.click()


def open_act(page: Page, action: str) -> Locator:
    """The form of an act on the page of a case, unfolded."""
    box = page.locator("details.action").filter(
        has=page.get_by_role("button", name=f"确定{action}", include_hidden=True)
    )
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    return box.locator("form")


def do(page: Page, action: str, photos: list[Path] | None = None, **texts: str) -> None:
    """Fill an act in by its labels, and confirm it."""
    form = open_act(page, action)
    for label, text in texts.items():
        form.get_by_label(label).first.fill(text)
    if photos:
        form.locator("input[type=file]").first.set_input_files(photos)
    form.get_by_role("button", name=f"确定{action}").click()
    expect(page.get_by_text(f"已办理“{action}”")).to_be_visible()


def test_a_matter_goes_from_a_village_phone_to_the_archive(sign_in, shot, camera):
    member = sign_in("member", PHONE)
    member.goto("/field/")
    camera.take(member, "member-tasks-empty")
    report(member, shot("scene"))
    camera.take(member, "member-report-filled")
    member.get_by_role("button", name="提交上报").tap()
    expect(member.locator(".receipt-number")).to_be_visible()
    camera.take(member, "member-receipt")
    number = Case.objects.get().number
    member.goto(f"/field/cases/{number}/")
    do(member, "上报上级", 意见="火势较大，村里处置不了")
    camera.take(member, "member-case-after-escalating")

    for name, words in [("area", "多个地块，请镇里处理"), ("town", "涉及河道，请县里转办")]:
        page = sign_in(name)
        camera.take(page, f"{name}-desk")
        open_first_task(page)
        camera.take(page, f"{name}-case")
        do(page, "上报上级", 意见=words)

    county = sign_in("county")
    camera.take(county, "county-desk")
    open_first_task(county)
    form = open_act(county, "转办")
    camera.take(county, "county-case-refer")
    form.get_by_label("主办单位").select_option(label="水利局")
    form.get_by_label("市生态环境局平邑县分局").check()
    form.get_by_label("意见").fill("请水利局牵头查处，生态环境分局配合")
    form.get_by_role("button", name="确定转办").click()
    expect(county.get_by_text("已办理“转办”")).to_be_visible()
    camera.take(county, "county-case-referred")

    water, env = sign_in("water"), sign_in("env")
    open_first_task(water)
    do(water, "签收")
    open_first_task(env)
    camera.take(env, "env-case")
    do(env, "协办反馈", 反馈内容="已到现场监测，未超标")
    water.reload()
    do(water, "提交处置结果", [shot("after")], 处置措施="已扑灭并清运残余秸秆", 问题原因="农户不了解禁烧规定")
    camera.take(water, "water-case-submitted")

    area = sign_in("area")
    open_first_task(area)
    do(area, "核查通过", [shot("check")], 意见="现场已恢复，没有复燃")
    camera.take(area, "area-case-checked")

    leader = sign_in("leader")
    camera.take(leader, "leader-desk")
    open_first_task(leader)
    camera.take(leader, "leader-case")
    do(leader, "同意办结", 意见="同意")

    county.goto(f"/cases/{number}/")
    do(county, "归档")
    camera.take(county, "county-case-archived")

    member.goto("/field/mine/")
    expect(member.get_by_text("已归档").first).to_be_visible()
    camera.take(member, "member-mine")
    member.goto(f"/field/cases/{number}/")
    camera.take(member, "member-case-archived")
    assert_story_is_kept(number)


def assert_story_is_kept(number: str) -> None:
    case = Case.objects.get(number=number)
    assert (case.state, case.description, case.is_overdue) == (State.ARCHIVED, MATTER, False)
    assert [(step.action, step.by_name) for step in case.steps.all()] == [
        ("report", "甲一村网格员"),
        ("escalate", "甲一村网格员"),
        ("escalate", "甲工作区长"),
        ("escalate", "仲村网格办"),
        ("refer", "县办科员"),
        ("sign", "水利经办"),
        ("answer_part", "环保经办"),
        ("submit", "水利经办"),
        ("pass_check", "甲工作区长"),
        ("close", "分管县长"),
        ("archive", "县办科员"),
    ]
    assert [part.state for part in case.parts.all()] == [PartState.SUBMITTED] * 2
    assert [photo.kind for photo in case.photos.all()] == ["scene", "after", "check"]
    assert (case.lon, case.lat, case.located_by) == (117.652, 35.528, "boundary")
    assert audit.verify() == []
