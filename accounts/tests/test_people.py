"""Accounts made, given passwords, closed and opened."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Notice, User
from accounts.roles import Role
from accounts.rules import PASSWORD_HISTORY
from accounts.tests.conftest import PASSWORD
from accounts.viewer import Visitor
from kernel.models import AuditEntry
from kernel.refusal import Refused


def owner(user: User, *roles: Role) -> Visitor:
    """`user` acting for themselves, with roles of our choice."""
    return Visitor(user_id=user.pk, name=user.name, roles=frozenset(roles))


def refusal(act, **arguments) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        act(**arguments)
    return caught.value.code, caught.value.sentence


def last_entry() -> AuditEntry:
    return AuditEntry.objects.order_by("-sequence").first()


def test_a_new_person_must_choose_a_password_first(person, keeper, now):
    person.refresh_from_db()
    assert (person.username, person.must_change_password, person.password_changed_at) == ("wjg", True, now)
    assert person.check_password(PASSWORD)
    entry = last_entry()
    assert (entry.verb, entry.subject, entry.actor_name) == ("user.create", f"user:{person.pk}", "管理员")
    assert entry.details == {"name": "王建国", "username": "wjg"}


def test_a_person_may_hold_a_post_without_a_sign_in(keeper, now):
    people = [services.create_user(name=f"王{n}", by=keeper, at=now) for n in range(2)]
    assert [(user.username, user.has_usable_password()) for user in people] == [(None, False)] * 2


def test_a_sign_in_name_is_kept_in_lower_case_and_given_once(person, keeper, now):
    assert services.create_user(name="李明", username=" LiMing.2 ", by=keeper, at=now).username == "liming.2"
    assert refusal(services.create_user, name="王", username="WJG", by=keeper, at=now) == (
        "username_taken",
        "登录名“wjg”已有人使用，请换一个。",
    )


@pytest.mark.parametrize("username", ["a", "王建国", "a b", "-ab", "x" * 41, "a\x00b"])
def test_a_malformed_sign_in_name_is_refused(keeper, now, username):
    assert refusal(services.create_user, name="王", username=username, by=keeper, at=now)[0] == "username_malformed"


def test_a_person_without_a_name_is_refused(keeper, now):
    assert refusal(services.create_user, name="  ", by=keeper, at=now) == ("name_missing", "请填写姓名。")


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"phone": "1" * 21}, ["手机"]),
        ({"email": "nobody"}, ["电子邮件"]),
        ({"name": "王" * 61, "office_phone": "0" * 99}, ["姓名", "办公电话"]),
    ],
)
def test_what_fits_no_field_is_refused_by_its_name(keeper, now, values, fields):
    code, sentence = refusal(services.create_user, **{"name": "王"} | values, by=keeper, at=now)
    assert (code, [fault.partition("：")[0] for fault in sentence.split("；")]) == ("malformed", fields)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Tq9-mz", "密码至少 8 个字符。"),
        ("mzkevrtqx9", "密码须含大写字母、小写字母、数字、符号中的三种。"),
        ("Pingyi@2024", "密码太容易猜到：不要用拼音地名、姓名或常用词加数字。"),
        ("xK-WJG-72qz", "密码不能包含登录名、姓名或电话号码。"),
        ("Kq-345678-z", "密码不能包含登录名、姓名或电话号码。"),
        ("王建国Kq-38z", "密码不能包含登录名、姓名或电话号码。"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(person, keeper, now, password, sentence):
    assert refusal(services.set_password, user=person, password=password, by=keeper, at=now)[1] == sentence


def test_a_reset_password_must_be_changed_and_its_owner_is_told(person, keeper, now):
    services.change_own_password(user=person, password="Vn4#kd82Lq", by=owner(person), at=now)
    services.set_password(user=person, password="Hd7-wqTz63", by=keeper, at=now)
    person.refresh_from_db()
    assert (person.must_change_password, person.check_password("Hd7-wqTz63")) == (True, True)
    assert [notice.subject for notice in Notice.objects.filter(recipient=person)] == ["您的密码已重置"]
    assert last_entry().verb == "user.reset_password"


def test_the_present_and_the_last_five_passwords_do_not_come_back(person, now):
    used = [PASSWORD, *(f"Vn{n}#kd8{n}Lq" for n in range(1, 7))]
    for number, password in enumerate(used[1:]):
        at = now + timedelta(days=number)
        services.change_own_password(user=person, password=password, by=owner(person), at=at)
    codes = []
    for password in used[1:]:
        codes.append(refusal(services.change_own_password, user=person, password=password, by=owner(person), at=at)[1])
    assert codes == ["不能使用现在的密码和最近 5 次用过的密码。"] * 6
    services.change_own_password(user=person, password=PASSWORD, by=owner(person), at=at)
    assert person.past_passwords.count() == PASSWORD_HISTORY


def test_an_administrator_needs_ten_characters(person, now):
    nine = "Vn4#kd82L"
    by = owner(person, Role.AUDITOR)
    assert refusal(services.change_own_password, user=person, password=nine, by=by, at=now) == (
        "password_too_short",
        "密码至少 10 个字符。",
    )
    services.change_own_password(user=person, password=nine, by=owner(person, Role.MEMBER), at=now)
    person.refresh_from_db()
    assert not person.must_change_password


def test_nobody_changes_the_password_of_another_as_their_own(cast, person, now):
    assert refusal(services.change_own_password, user=person, password=PASSWORD, by=cast.scope("county"), at=now) == (
        "not_own_password",
        "只能修改自己的密码。",
    )


def test_only_a_system_administrator_keeps_accounts(cast, person, now):
    sentence = "只有系统管理员可以管理账号。"
    for name in ("county", "audit", "leader", "member"):
        by = cast.scope(name)
        assert refusal(services.create_user, name="某人", by=by, at=now)[1] == sentence
        assert refusal(services.set_password, user=person, password=PASSWORD, by=by, at=now)[1] == sentence
        assert refusal(services.disable_user, user=person, by=by, at=now)[1] == sentence
        assert refusal(services.enable_user, user=person, by=by, at=now)[1] == sentence
        contact = {"name": "某", "phone": "", "office_phone": "", "email": ""}
        assert refusal(services.update_contact, user=person, **contact, by=by, at=now)[1] == sentence
        assert refusal(services.require_password_change, user=person, by=by, at=now)[1] == sentence


def test_changed_numbers_leave_a_trace_of_who_it_was(person, keeper, now):
    contact = {"phone": "13812345678", "office_phone": "0539-4211234", "email": "wjg@example.org"}
    services.update_contact(user=person, name="王建军", **contact, by=keeper, at=now)
    person.refresh_from_db()
    assert (person.name, person.office_phone, person.email) == ("王建军", "0539-4211234", "wjg@example.org")
    assert last_entry().details == {
        "name": "王建国",
        "username": "wjg",
        "changed": ["name", "office_phone", "email"],
    }


def test_a_disabled_account_can_be_opened_again(person, keeper, now):
    services.disable_user(user=person, by=keeper, at=now)
    assert refusal(services.disable_user, user=person, by=keeper, at=now)[1] == "王建国的账号已经停用。"
    services.enable_user(user=person, by=keeper, at=now + timedelta(days=1))
    person.refresh_from_db()
    assert (person.is_active, person.active_since) == (True, now + timedelta(days=1))
    assert [e.verb for e in AuditEntry.objects.order_by("sequence")] == ["user.create", "user.disable", "user.enable"]


def test_an_administrator_cannot_lock_the_last_door(cast, keeper, now):
    assert refusal(services.disable_user, user=cast.admin, by=keeper, at=now)[0] == "own_account"


@pytest.mark.parametrize(
    ("act", "arguments"), [(services.enable_user, {}), (services.set_password, {"password": "Vn4#kd82Lq"})]
)
def test_an_account_unused_for_ninety_days_opens_after_an_administrator_saw_to_it(person, keeper, act, arguments):
    person.created_at = timezone.now()
    later = max(person.created_at, person.active_since) + timedelta(days=90, minutes=1)
    assert refusal(services.admit, user=person, at=later) == (
        "unused_account",
        "账号超过 90 天未使用，已锁定，请联系系统管理员重置密码。",
    )
    act(user=person, by=keeper, at=later, **arguments)
    person.refresh_from_db()
    services.admit(user=person, at=later)


def test_the_trail_keeps_a_name_as_it_was(person, keeper, now):
    User.objects.filter(pk=person.pk).update(name="王改名")
    assert AuditEntry.objects.get(verb="user.create").details["name"] == "王建国"
