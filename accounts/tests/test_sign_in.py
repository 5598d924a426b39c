"""The way in and out through the pages: lock, idle time, one session, first password."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import User
from kernel.models import AuditEntry

SIGN_IN = "/login/"


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("sequence").values_list("verb", flat=True))


def inbox(client: Client) -> int:
    """The answer of a page that only a signed-in person sees."""
    return client.get("/notices/").status_code


def problems(response) -> list[str]:
    return [str(error) for errors in response.context["form"].errors.values() for error in errors]


def end_posts(user: User) -> None:
    """Every post of `user` ended today; the model stands one floor up, so by its name."""
    posts = apps.get_model("grids", "Post").objects.filter(user=user)
    posts.update(ends_on=timezone.localdate())


@pytest.fixture
def clock(now):
    """The clock of the program, to be moved by a test."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def test_a_person_signs_in_and_out(sign_in, cast):
    client, response = sign_in("town", HTTP_USER_AGENT="x", REMOTE_ADDR="10.1.2.3")
    assert (response.status_code, response.url) == (302, "/")
    assert inbox(client) == 200
    assert client.post("/logout/").url == SIGN_IN
    assert inbox(client) == 302
    entries = AuditEntry.objects.order_by("sequence").values_list("verb", "subject", "actor_name", "address")
    assert list(entries) == [
        ("user.sign_in", f"user:{cast.town.pk}", "仲村网格办", "10.1.2.3"),
        ("user.sign_out", f"user:{cast.town.pk}", "仲村网格办", "127.0.0.1"),
    ]


def test_the_sign_in_name_may_be_typed_in_capitals(sign_in):
    assert sign_in(" Town ")[1].status_code == 302


def test_nobody_is_signed_out_by_a_link(sign_in):
    client, _ = sign_in("town")
    assert client.get("/logout/").status_code == 405
    assert inbox(client) == 200


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/notices/", "/notices/"),
        ("/cases/?state=open&page=2", "/cases/?state=open&page=2"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("\\\\evil.example", "/"),
        ("notices", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_the_page_asked_for_and_never_to_another_host(passwords, target, leads_to):
    form = {"username": "town", "password": passwords, "next": target}
    assert Client().post(SIGN_IN, form).url == leads_to


def test_the_page_keeps_where_the_person_wanted_to_go(db):
    page = Client().get("/notices/", follow=True)
    assert page.redirect_chain == [("/login/?next=/notices/", 302)]
    assert page.context["next"] == "/notices/"


def test_somebody_signed_in_is_not_asked_again(sign_in):
    client, _ = sign_in("town")
    assert client.get("/login/?next=/notices/").url == "/notices/"


def test_a_wrong_password_says_how_many_tries_are_left(sign_in):
    _, response = sign_in("town", "wrong")
    assert response.status_code == 200
    assert problems(response) == ["登录名或密码不对，再错 4 次将锁定 30 分钟。"]
    assert verbs() == ["user.sign_in_failed"]


def test_a_name_that_does_not_exist_gets_the_same_answer(sign_in):
    _, response = sign_in("nobody", "wrong")
    assert problems(response) == ["登录名或密码不对，再错 4 次将锁定 30 分钟。"]


@pytest.mark.parametrize("form", [{}, {"username": "town"}, {"username": "a" * 41, "password": "x"}])
def test_an_incomplete_form_counts_as_no_try(cast, form):
    assert Client().post(SIGN_IN, form).status_code == 200
    assert verbs() == []


@pytest.mark.parametrize("username", ["t\x00wn", "' OR 1=1 --", "网格员"])
def test_odd_names_are_refused_quietly(cast, username):
    assert Client().post(SIGN_IN, {"username": username, "password": "x"}).status_code == 200


def test_five_failures_lock_name_and_address_for_half_an_hour(sign_in, clock, now):
    for _ in range(4):
        assert sign_in("town", "wrong")[1].status_code == 200
    _, response = sign_in("town", "wrong")
    assert response.status_code == 429
    assert "请于 <strong><time" in response.content.decode()
    assert "09:30" in response.content.decode()
    assert sign_in("town")[1].status_code == 429
    assert sign_in("town", REMOTE_ADDR="10.9.9.9")[1].status_code == 302
    assert sign_in("area")[1].status_code == 302
    assert verbs()[:5] == ["user.sign_in_failed"] * 4 + ["user.sign_in_locked"]


def test_trying_while_locked_does_not_lengthen_the_lock(sign_in, clock, now):
    for _ in range(5):
        sign_in("town", "wrong")
    clock.move_to(now + timedelta(minutes=29))
    assert "09:30" in sign_in("town")[1].content.decode()
    clock.move_to(now + timedelta(minutes=30, seconds=1))
    assert sign_in("town")[1].status_code == 302


def test_a_success_forgets_earlier_failures(sign_in):
    for _ in range(4):
        sign_in("town", "wrong")
    sign_in("town")
    assert problems(sign_in("town", "wrong")[1]) == ["登录名或密码不对，再错 4 次将锁定 30 分钟。"]


def test_the_lock_holds_behind_a_proxy_by_the_address_of_the_person(sign_in, settings):
    settings.PROXY_COUNT = 1
    for _ in range(5):
        sign_in("town", "wrong", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.0.0.1")
    assert sign_in("town", HTTP_X_FORWARDED_FOR="7.7.7.7, 10.0.0.1")[1].status_code == 429
    assert sign_in("town", HTTP_X_FORWARDED_FOR="10.0.0.2")[1].status_code == 302
    assert AuditEntry.objects.get(verb="user.sign_in").address == "10.0.0.2"


@pytest.mark.parametrize("header", ["", "unknown", "10.0.0.1, not-an-address", "999.1.1.1"])
def test_a_forwarded_address_that_is_none_is_ignored(sign_in, settings, header):
    settings.PROXY_COUNT = 1
    sign_in("town", HTTP_X_FORWARDED_FOR=header)
    assert AuditEntry.objects.get(verb="user.sign_in").address == "127.0.0.1"


def test_without_a_proxy_of_ours_nobody_chooses_their_address(sign_in):
    sign_in("town", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert AuditEntry.objects.get(verb="user.sign_in").address == "127.0.0.1"


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"kind": "service"}, {"username": None}, {"password": "!unusable"}]
)
def test_who_may_not_sign_in(sign_in, cast, change):
    User.objects.filter(pk=cast.town.pk).update(**change)
    assert sign_in("town")[1].status_code == 200


@pytest.mark.parametrize(("name", "minutes"), [("town", 30), ("member", 12 * 60), ("admin", 15), ("audit", 15)])
def test_a_session_ends_when_it_idles(sign_in, clock, now, name, minutes):
    client, _ = sign_in(name)
    clock.move_to(now + timedelta(minutes=minutes - 1))
    assert inbox(client) == 200
    clock.move_to(now + timedelta(minutes=2 * minutes - 2))
    assert inbox(client) == 200
    clock.move_to(now + timedelta(minutes=3 * minutes))
    assert inbox(client) == 302


def test_a_busy_session_is_written_once_a_minute(sign_in, clock, now):
    client, _ = sign_in("town")
    inbox(client)
    before = Session.objects.get().session_data
    clock.move_to(now + timedelta(seconds=59))
    inbox(client)
    assert Session.objects.get().session_data == before
    clock.move_to(now + timedelta(seconds=61))
    inbox(client)
    assert Session.objects.get().expire_date == now + timedelta(minutes=30, seconds=61)


def test_a_later_sign_in_of_an_administrator_ends_the_earlier(sign_in):
    first, _ = sign_in("admin")
    second, _ = sign_in("admin")
    page = first.get("/notices/", follow=True)
    assert page.redirect_chain == [("/login/", 302)]
    assert "您的账号已在别处登录，本次登录已结束。" in page.content.decode()
    assert inbox(second) == 200


def test_others_may_sit_at_a_desk_and_carry_a_telephone(sign_in):
    first, _ = sign_in("town")
    second, _ = sign_in("town")
    assert [inbox(first), inbox(second)] == [200, 200]


def test_who_becomes_an_administrator_has_one_session_from_the_next_sign_in_on(sign_in, cast):
    first, _ = sign_in("town")
    second, _ = sign_in("town")
    services.bind_session(user=cast.town, session_key=second.session.session_key, by=cast.scope("audit"))
    assert [inbox(first), inbox(second)] == [302, 200]


def test_a_disabled_person_is_out_at_the_next_request(sign_in, cast, keeper, now):
    client, _ = sign_in("town")
    services.disable_user(user=cast.town, by=keeper, at=now)
    assert inbox(client) == 302


def test_a_reset_password_ends_the_open_sessions(sign_in, cast, keeper, now):
    client, _ = sign_in("town")
    services.set_password(user=cast.town, password="Vn4#kd82Lq", by=keeper, at=now)
    assert inbox(client) == 302


def test_before_the_first_change_of_password_nothing_else_opens(sign_in, cast):
    User.objects.filter(pk=cast.town.pk).update(must_change_password=True)
    client, _ = sign_in("town")
    assert client.get("/notices/").url == "/account/password/"
    assert client.post("/notices/read/").url == "/account/password/"
    assert client.get("/admin/").url == "/account/password/"
    assert client.get("/account/password/").status_code == 200
    assert client.post("/logout/").url == SIGN_IN


def test_the_first_change_of_password_opens_the_rest(sign_in, cast, passwords):
    User.objects.filter(pk=cast.town.pk).update(must_change_password=True)
    client, _ = sign_in("town")
    form = {"current": passwords, "password": "Vn4#kd82Lq", "again": "Vn4#kd82Lq"}
    assert client.post("/account/password/", form).url == "/"
    assert inbox(client) == 200


def test_an_administrator_who_changes_the_password_stays_signed_in(sign_in, passwords):
    client, _ = sign_in("audit")
    other, _ = sign_in("audit")
    form = {"current": passwords, "password": "Vn4#kd82Lq", "again": "Vn4#kd82Lq"}
    assert client.post("/account/password/", form).url == SIGN_IN
    assert other.post("/account/password/", form).url == "/"
    assert inbox(other) == 200


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"current": "wrong"}, "现在的密码不对，再错 4 次将锁定 30 分钟。"),
        ({"again": "different"}, "两次输入的新密码不一样，请重新输入。"),
        ({"password": "Pingyi@2024", "again": "Pingyi@2024"}, "密码太容易猜到：不要用拼音地名、姓名或常用词加数字。"),
        ({"password": "short", "again": "short"}, "密码至少 8 个字符。"),
        ({"password": ""}, "该字段是必填项。"),
    ],
)
def test_a_change_of_password_is_refused_with_the_reason(sign_in, passwords, form, sentence):
    client, _ = sign_in("town")
    good = {"current": passwords, "password": "Vn4#kd82Lq", "again": "Vn4#kd82Lq"}
    response = client.post("/account/password/", good | form)
    assert (response.status_code, problems(response)) == (200, [sentence])
    assert User.objects.get(username="town").check_password(passwords)


def test_an_open_session_is_no_way_to_guess_the_password(sign_in):
    client, _ = sign_in("town")
    form = {"current": "wrong", "password": "Vn4#kd82Lq", "again": "Vn4#kd82Lq"}
    assert [client.post("/account/password/", form).status_code for _ in range(5)] == [200] * 4 + [429]


def test_an_old_password_must_be_changed_at_the_next_sign_in(sign_in, cast):
    long_ago = timezone.now() - timedelta(days=91)
    User.objects.filter(pk=cast.town.pk).update(password_changed_at=long_ago)
    client, _ = sign_in("town")
    assert client.get("/notices/").url == "/account/password/"


def test_an_unused_account_says_whom_to_ask(sign_in, cast):
    long_ago = timezone.now() - timedelta(days=91)
    User.objects.filter(pk=cast.town.pk).update(created_at=long_ago, last_login=long_ago)
    _, response = sign_in("town")
    assert problems(response) == ["账号超过 90 天未使用，已锁定，请联系系统管理员重置密码。"]


def test_people_of_the_demo_never_age(sign_in, cast):
    long_ago = timezone.now() - timedelta(days=400)
    User.objects.filter(pk=cast.town.pk).update(is_demo=True, created_at=long_ago, password_changed_at=long_ago)
    client, _ = sign_in("town")
    assert inbox(client) == 200


def test_a_post_that_ended_takes_its_permissions_the_same_day(sign_in, cast):
    client, _ = sign_in("admin")
    assert client.get("/admin/").status_code == 200
    end_posts(cast.admin)
    assert client.get("/admin/").status_code == 302


def test_a_page_for_everybody_costs_no_query(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get(SIGN_IN)


def test_the_time_of_a_sign_in_is_kept(sign_in, clock, now, cast):
    sign_in("town")
    assert User.objects.get(username="town").last_login == now
