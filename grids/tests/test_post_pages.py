"""Pages that give and end posts and 包保: for whom, what they say, and that a second press does nothing twice."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from conftest import COUNTY, NOW, OTHER_VILLAGE, TODAY, TOWN, VILLAGE, Cast
from grids.choices import GridKind
from grids.models import Grid, Post, Sponsorship
from grids.scope import system_scope
from grids.services import GridRow, create_grid, end_post, roles_given_by, sponsor
from kernel.models import AuditEntry
from kernel.refusal import Refused

TOMORROW = TODAY + timedelta(days=1)
BY = system_scope(TODAY)
POST = {"role": "member", "grid": VILLAGE, "title": "一组组长", "starts_on": "2026-11-23"}
SPONSORSHIP = {"grid": VILLAGE, "sponsor_class": "dept_staff", "starts_on": "2026-11-23"}
WITHOUT_THE_RIGHT = ("stranger", "town", "townhead", "leader", "water", "member", "sponsor", "assessor", "audit")


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def newcomer(db) -> User:
    return User.objects.create(username="newcomer", name="新来的", phone="13911112222")


def posts_of(user: User) -> list[tuple[str, str | None, date, date | None]]:
    rows = Post.objects.filter(user=user).order_by("id")
    return list(rows.values_list("role", "grid__code", "starts_on", "ends_on"))


def paths_for(cast: Cast, person: User) -> list[str]:
    post, row = Post.objects.get(user=cast.member), Sponsorship.objects.get()
    return [
        "/posts/new/",
        f"/posts/new/{person.pk}/",
        f"/posts/{post.pk}/end/",
        "/sponsorships/new/",
        f"/sponsorships/new/{person.pk}/",
        f"/sponsorships/{row.pk}/end/",
    ]


# --- for whom -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", WITHOUT_THE_RIGHT)
def test_who_may_not_edit_posts_is_turned_away_and_sees_no_button(cast, newcomer, who):
    client = cast.client(who)
    for path in paths_for(cast, newcomer):
        assert (path, client.get(path).status_code) == (path, 403)
        if "/new/" not in path or str(newcomer.pk) in path:
            assert (path, client.post(path, POST | SPONSORSHIP | {"ends_on": "2026-11-24"}).status_code) == (path, 403)
    assert (posts_of(newcomer), Sponsorship.objects.count()) == ([], 1)
    for path in ("/posts/", f"/grids/{VILLAGE}/"):
        page = client.get(path).content.decode()
        assert [words for words in ("安排任职", "安排包保", "结束任职", "结束包保") if words in page] == []


def test_without_signing_in_every_page_leads_to_the_sign_in_page(client, cast, newcomer):
    for path in paths_for(cast, newcomer):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


@pytest.mark.parametrize("who", ["county", "admin"])
def test_those_who_edit_posts_find_the_way_on_the_list_and_on_the_page_of_a_grid(cast, who):
    post, row = Post.objects.get(user=cast.member), Sponsorship.objects.get()
    client = cast.client(who)
    posts = client.get("/posts/").content.decode()
    grid = client.get(f"/grids/{VILLAGE}/").content.decode()
    assert f'href="/posts/{post.pk}/end/"' in posts
    assert 'href="/posts/new/"' in posts
    assert f'href="/posts/new/?grid={VILLAGE}"' in grid
    assert f'href="/sponsorships/{row.pk}/end/"' in grid


def test_administrators_are_appointed_and_ended_by_those_who_keep_accounts(cast, newcomer):
    assert {Role.SYSTEM_ADMIN, Role.AUDITOR} & set(roles_given_by(cast.scope("county"))) == set()
    assert {Role.SYSTEM_ADMIN, Role.AUDITOR} <= set(roles_given_by(cast.scope("admin")))
    assert roles_given_by(cast.scope("town")) == []
    audit = Post.objects.get(user=cast.audit)
    path = f"/posts/new/{newcomer.pk}/"
    asked = {"role": "auditor", "starts_on": "2026-11-23"}
    assert cast.client("county").post(path, asked).status_code == 422
    assert cast.client("county").get(f"/posts/{audit.pk}/end/").status_code == 404
    assert cast.client("admin").post(path, asked).status_code == 302
    assert posts_of(newcomer) == [("auditor", None, TODAY, None)]


# --- who is found -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["新来", "newc", "NEWCOMER"])
def test_a_person_is_found_by_name_or_sign_in_name_and_nothing_else_of_them_is_shown(cast, newcomer, words):
    page = cast.client("county").get(f"/posts/new/?q={words}&grid={VILLAGE}").content.decode()
    assert f'<a href="/posts/new/{newcomer.pk}/?grid={VILLAGE}">新来的</a>' in page
    assert "13911112222" not in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "先填写姓名或登录名，再查询"),
        ("?q=13911112222", "没有找到可以安排的人员"),
        ("?q=查无此人", "没有找到可以安排的人员"),
    ],
)
def test_an_empty_search_says_what_to_do(cast, newcomer, query, sentence):
    page = cast.client("county").get(f"/posts/new/{query}").content.decode()
    assert sentence in page
    assert "新来的" not in page


def test_people_of_one_name_are_told_apart_by_their_posts(cast):
    User.objects.create(username="second", name="甲一村网格员")
    page = cast.client("county").get("/posts/new/?q=甲一村网格员").content.decode()
    for words in ("member", "second", "仲村镇/仲村甲工作区/仲村甲一村 网格员"):
        assert words in page


def test_twenty_are_listed_in_as_many_queries_as_one(cast, newcomer):
    client = cast.client("county")
    client.get("/posts/new/?q=新来")
    counts = []
    for count in (0, 30):
        User.objects.bulk_create(User(name=f"新来{number}") for number in range(count))
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/posts/new/?q=新来").content.decode()
        counts.append((len(asked), page.count('class="row-title"'), "只列出前 20 人" in page))
    assert counts == [(counts[0][0], 1, False), (counts[0][0], 20, True)]


def test_neither_the_disabled_nor_who_serves_in_another_county_can_be_chosen(cast, newcomer):
    county = create_grid(row=GridRow("371327", "莒南县", GridKind.COUNTY, None), active_from=TODAY, by=BY, at=NOW)
    abroad = User.objects.create(username="abroad", name="外县人员")
    Post.objects.create(user=abroad, role=Role.COUNTY_OFFICE, grid=county, starts_on=TODAY)
    User.objects.filter(pk=newcomer.pk).update(is_active=False)
    client = cast.client("county")
    for person in (abroad, newcomer):
        assert person.name not in client.get(f"/posts/new/?q={person.username}").content.decode().split("<table")[1]
        assert client.get(f"/posts/new/{person.pk}/").status_code == 404
        assert client.post(f"/sponsorships/new/{person.pk}/", SPONSORSHIP).status_code == 404
    assert cast.client("admin").get(f"/posts/new/{abroad.pk}/").status_code == 200
    assert "莒南县" not in client.get(f"/posts/new/{cast.member.pk}/").content.decode()
    answer = client.post(f"/posts/new/{cast.member.pk}/", POST | {"role": "leader", "grid": "371327"})
    assert (answer.status_code, "不在您的责任范围内" in answer.content.decode()) == (422, True)


# --- a post -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["county", "admin"])
def test_a_person_is_appointed_and_the_list_shows_it(cast, newcomer, who):
    answer = cast.client(who).post(f"/posts/new/{newcomer.pk}/", POST | {"is_acting": "on"}, follow=True)
    page = answer.content.decode()
    for words in ("已安排新来的任 仲村镇/仲村甲工作区/仲村甲一村 一组组长，自 2026-11-23 起。", "代理", "1 项任职"):
        assert words in page
    assert posts_of(newcomer) == [("member", VILLAGE, TODAY, None)]
    assert list(AuditEntry.objects.values_list("verb", "subject")) == [("post.appoint", f"user:{newcomer.pk}")]


def test_a_person_is_appointed_to_a_department_for_a_time(cast, newcomer):
    asked = {"role": "dept_officer", "department": "water", "starts_on": "2026-11-23", "ends_on": "2027-01-01"}
    answer = cast.client("county").post(f"/posts/new/{newcomer.pk}/", asked)
    assert answer.status_code == 302
    assert posts_of(newcomer) == [("dept_officer", None, TODAY, date(2027, 1, 1))]


def test_the_form_begins_with_today_and_the_grid_one_came_from(cast, newcomer):
    page = cast.client("county").get(f"/posts/new/{newcomer.pk}/?grid={OTHER_VILLAGE}").content.decode()
    assert 'value="2026-11-23"' in page
    assert f'<option value="{OTHER_VILLAGE}" selected>' in page


def test_pressing_twice_appoints_once_and_says_so(cast, newcomer):
    client, path = cast.client("county"), f"/posts/new/{newcomer.pk}/"
    first, second = client.post(path, POST), client.post(path, POST)
    assert (first.status_code, second.status_code) == (302, 409)
    assert "新来的这段时间已任网格员，请先结束原任职或改日期。" in second.content.decode()
    assert len(posts_of(newcomer)) == 1


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"grid": COUNTY}, 409, "“网格员”须在县以下的网格任职。"),
        ({"grid": TOWN, "role": "area_head"}, 409, "“工作区网格长”须在第 2 级网格（工作区）任职。"),
        ({"grid": ""}, 409, "“网格员”须在一个网格任职，请选择网格。"),
        ({"department": "water"}, 409, "“网格员”须在一个网格任职，请选择网格。"),
        ({"ends_on": "2026-11-23"}, 409, "离任日期须晚于任职日期。"),
        ({"grid": "nowhere"}, 422, "该网格不存在、已停用或不在您的责任范围内，请重新选择"),
        ({"role": "sponsor"}, 422, "有内容需要修改"),
        ({"starts_on": "0001-01-01"}, 422, "有内容需要修改"),
        ({"starts_on": ""}, 422, "有内容需要修改"),
    ],
)
def test_a_refusal_stands_at_the_form_and_what_was_typed_stays(cast, newcomer, change, status, sentence):
    answer = cast.client("county").post(f"/posts/new/{newcomer.pk}/", POST | change)
    page = answer.content.decode()
    assert answer.status_code == status
    assert sentence in page
    assert 'value="一组组长"' in page
    assert posts_of(newcomer) == []


def test_nobody_appoints_themselves(cast):
    answer = cast.client("county").post(f"/posts/new/{cast.county.pk}/", POST)
    assert (answer.status_code, "不能给自己任职，请由他人办理。" in answer.content.decode()) == (409, True)


def test_a_post_is_ended_once(cast):
    post = Post.objects.get(user=cast.member)
    client, path = cast.client("county"), f"/posts/{post.pk}/end/"
    assert "甲一村网格员：仲村镇/仲村甲工作区/仲村甲一村 网格员，2020-01-01 起" in client.get(path).content.decode()
    first = client.post(path, {"ends_on": "2026-11-23"}, follow=True).content.decode()
    assert "已结束甲一村网格员的任职：仲村镇/仲村甲工作区/仲村甲一村 网格员，到 2026-11-23 止（不含）。" in first
    second = client.post(path, {"ends_on": "2026-11-23"})
    assert (second.status_code, "该任职已于 2026-11-23 结束。" in second.content.decode()) == (409, True)
    assert posts_of(cast.member) == [("member", VILLAGE, date(2020, 1, 1), TODAY)]


@pytest.mark.parametrize(("ends_on", "status"), [("2020-01-01", 409), ("soon", 422), ("", 422)])
def test_a_post_does_not_end_before_it_began_nor_on_no_day(cast, ends_on, status):
    post = Post.objects.get(user=cast.member)
    answer = cast.client("county").post(f"/posts/{post.pk}/end/", {"ends_on": ends_on})
    assert answer.status_code == status
    assert posts_of(cast.member) == [("member", VILLAGE, date(2020, 1, 1), None)]


def test_the_list_offers_to_end_only_what_is_not_over(cast):
    post = Post.objects.get(user=cast.member)
    end_post(post=post, ends_on=TODAY, by=BY, at=NOW)
    page = cast.client("county").get("/posts/?q=甲一村网格员&at=2026-01-01").content.decode()
    assert "甲一村网格员" in page
    assert f"/posts/{post.pk}/end/" not in page


# --- 包保 ---------------------------------------------------------------------------------------------------------
def test_a_cadre_is_made_a_sponsor_once_and_the_page_of_the_grid_shows_it(cast, newcomer):
    client, path = cast.client("county"), f"/sponsorships/new/{newcomer.pk}/"
    page = client.post(path, SPONSORSHIP, follow=True).content.decode()
    for words in ("已安排新来的包保“仲村甲一村”，自 2026-11-23 起。", "部门工作人员", "结束包保"):
        assert words in page
    second = client.post(path, SPONSORSHIP)
    assert (second.status_code, "新来的这段时间已包保“仲村甲一村”。" in second.content.decode()) == (409, True)
    assert Sponsorship.objects.filter(user=newcomer).count() == 1
    assert posts_of(newcomer) == [("sponsor", None, TODAY, None)]


def test_a_sponsorship_is_ended_once(cast):
    row = Sponsorship.objects.get()
    client, path = cast.client("county"), f"/sponsorships/{row.pk}/end/"
    first = client.post(path, {"ends_on": "2026-11-23"}, follow=True).content.decode()
    assert "已结束包保干部对“仲村甲一村”的包保，到 2026-11-23 止（不含）。" in first
    second = client.post(path, {"ends_on": "2026-11-24"})
    assert (second.status_code, "该包保已于 2026-11-23 结束。" in second.content.decode()) == (409, True)
    row.refresh_from_db()
    assert row.ends_on == TODAY


def test_a_disabled_person_is_made_no_sponsor(cast, newcomer):
    User.objects.filter(pk=newcomer.pk).update(is_active=False)
    grid = Grid.objects.get(code=VILLAGE)
    with pytest.raises(Refused, match="新来的的账号已停用，请先启用。"):
        sponsor(user=newcomer, grid=grid, sponsor_class="dept_staff", starts_on=TOMORROW, by=BY, at=NOW)
