"""The gallery shows every component; the shells show each person's own ways; a refusal says what to do."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.models import Notice, User
from conftest import NOW
from grids.scope import nobody, scope_for
from pingyi_grid.context import Shell, page

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def shell_of(user: User, path: str = "/") -> Shell:
    request = RequestFactory().get(path)
    request.scope = scope_for(user, NOW.date())
    return page(request)["shell"]


def labels(lines) -> list[str]:
    return [line.destination.label for line in lines]


def test_every_component_is_shown_in_the_gallery(cast):
    client = cast.client("member")
    pages = [client.get("/gallery/"), client.get("/gallery/field/")]
    shown = {template.name for answer in pages for template in answer.templates}
    components = {f"_components/{path.name}" for path in (TEMPLATES / "_components").glob("*.html")}
    assert [answer.status_code for answer in pages] == [200, 200]
    assert components - shown == set()


def test_every_icon_of_the_sprite_is_shown_in_the_gallery(cast):
    sprite = (Path(settings.BASE_DIR) / "static/img/icons.svg").read_text("utf-8")
    html = cast.client("member").get("/gallery/").content.decode()
    assert html.count("<li title=") == sprite.count("<symbol ")


def test_a_visitor_is_sent_to_the_sign_in_page(client, db):
    answer = client.get("/gallery/")
    assert (answer.status_code, answer.url) == (302, "/login/?next=/gallery/")


def test_a_person_without_a_post_is_told_whom_to_ask(client, db):
    user = User.objects.create(username="former", name="离任者")
    client.force_login(user, backend="accounts.backends.PersonBackend")
    answer = client.get("/gallery/")
    assert answer.status_code == 403
    assert "请联系本镇网格办或县网格办更新任职" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("county", ["我的待办", "办件", "网格", "污染源", "巡查记录", "人员任职", "消息", "手机端", "管理"]),
        ("member", ["我的待办", "办件", "网格", "污染源", "巡查记录", "人员任职", "消息", "手机端"]),
        ("assessor", ["我的待办", "办件", "网格", "污染源", "巡查记录", "人员任职", "消息"]),
        ("clerk", ["我的待办", "网格", "人员任职", "消息"]),
        ("admin", ["我的待办", "网格", "人员任职", "账号", "消息", "管理"]),
        ("audit", ["我的待办", "消息", "审计"]),
    ],
)
def test_the_navigation_holds_what_the_post_may_open(cast, name, expected):
    assert labels(shell_of(cast.users[name]).navigation) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ["我的待办"]),
        ("/cases/WT-1/", ["办件"]),
        ("/field/", ["手机端"]),
        ("/field/report/", []),
        ("/gallery/", []),
    ],
)
def test_one_line_of_the_navigation_is_where_we_are(cast, path, expected):
    lines = shell_of(cast.member, path).navigation
    assert labels([line for line in lines if line.is_current]) == expected


def test_the_phone_has_a_tab_to_report_only_for_those_who_may(cast):
    assert labels(shell_of(cast.member, "/field/").tabs) == ["任务", "上报", "我的"]
    assert labels(shell_of(cast.assessor, "/field/").tabs) == ["任务", "我的"]


def test_only_ones_own_unread_notices_are_counted(cast, django_assert_num_queries):
    def tell(user: User, read_at=None) -> None:
        Notice.objects.create(recipient=user, subject="办件已办结", created_at=NOW, read_at=read_at)

    tell(cast.member)
    tell(cast.member, read_at=NOW)
    tell(cast.stranger)
    shell = shell_of(cast.member)
    with django_assert_num_queries(1):
        assert (shell.unread_count, shell.unread_count) == (1, 1)
    assert [line.waiting for line in shell.navigation if line.destination.path == "/notices/"] == [1]


def test_a_page_without_navigation_asks_the_database_nothing(django_assert_num_queries, db):
    request = RequestFactory().get("/login/")
    request.scope = nobody(NOW.date())
    with django_assert_num_queries(0):
        assert page(request)["shell"].unread_count == 0


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_a_page_of_failure_needs_neither_a_request_nor_the_database(name):
    html = render_to_string(f"{name}.html")
    assert '<a class="btn btn-primary" href="/">回到首页</a>' in html


def test_an_address_that_is_not_there_says_so_in_chinese(client, db):
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "找不到这个页面" in answer.content.decode()


def test_the_menu_and_every_act_of_the_gallery_work_without_javascript(cast):
    html = cast.client("member").get("/gallery/").content.decode()
    assert html.count("<script") == 1
    assert '<details class="topbar-menu">' in html
