"""The command that lets another system in."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiClient, User
from accounts.permissions import Permission
from accounts.roles import Role
from conftest import OTHER_TOWN, TOWN
from grids.models import Post
from grids.scope import scope_for
from kernel.models import AuditEntry


def api_client(*arguments: str) -> dict:
    output = StringIO()
    call_command("api_client", *arguments, "--json", stdout=output)
    return json.loads(output.getvalue())


def refusal(*arguments: str) -> str:
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("api_client", *arguments, stderr=errors)
    assert ended.value.code == 1
    return errors.getvalue().strip()


def test_a_key_for_a_person_may_do_what_the_person_may(cast):
    answer = api_client("市平台", "--user", "Town")
    client = ApiClient.objects.get()
    assert answer == {
        "name": "市平台",
        "key": answer["key"],
        "user": "town",
        "scopes": ["read", "write"],
        "expires_at": timezone.localtime(client.expiry_date).isoformat(timespec="seconds"),
        "renewed": False,
    }
    assert client.is_valid(answer["key"])
    assert answer["key"].partition(".")[2] not in client.hashed_key
    assert timedelta(days=364) < client.expiry_date - timezone.now() <= timedelta(days=365)


def test_without_json_the_key_alone_is_on_standard_output(cast):
    output, errors = StringIO(), StringIO()
    call_command("api_client", "市平台", "--user", "town", "--days", "30", stdout=output, stderr=errors)
    until = timezone.localdate(timezone.now() + timedelta(days=30))
    assert ApiClient.objects.get().is_valid(output.getvalue().strip())
    assert errors.getvalue().strip() == (
        f"“市平台”的密钥已签发：代表仲村网格办，权限 read write，有效至 {until}。密钥只显示这一次："
    )


def test_a_renewed_key_ends_the_old_one(cast):
    old = api_client("市平台", "--user", "town")
    new = api_client("市平台", "--user", "town", "--scopes", "read")
    clients = {client.revoked: client for client in ApiClient.objects.all()}
    assert (clients[True].is_valid(old["key"]), clients[False].is_valid(new["key"])) == (True, True)
    assert (new["renewed"], clients[False].scopes) == (True, ["read"])


def test_a_department_has_a_user_of_its_own_that_stays(cast):
    first = api_client("水利平台", "--department", "water")
    second = api_client("水利平台", "--department", "water")
    user = User.objects.get(kind="service")
    post = Post.objects.get(user=user)
    assert (user.name, user.username, user.has_usable_password()) == ("水利平台", None, False)
    assert (post.role, post.department.code, post.grid) == (Role.EXTERNAL, "water", None)
    assert (first["renewed"], second["renewed"]) == (False, True)
    assert second["scopes"] == ["read", "cases:write"]


def test_a_department_reads_the_tree_and_what_lies_with_it(cast):
    api_client("水利平台", "--department", "water")
    scope = scope_for(User.objects.get(kind="service"), timezone.localdate())
    assert scope.sees_all(Permission.GRID_VIEW)
    assert scope.in_department(cast.departments["water"].pk, Permission.CASE_VIEW)
    assert not scope.in_department(cast.departments["env"].pk, Permission.CASE_VIEW)
    assert scope.spans(Permission.CASE_VIEW) == ()


def test_a_grid_reaches_itself_and_what_lies_below(cast):
    api_client("镇平台", "--grid", TOWN)
    scope = scope_for(User.objects.get(kind="service"), timezone.localdate())
    assert [scope.covers(cast.grids[code]) for code in (TOWN, f"{TOWN}001", OTHER_TOWN)] == [True, True, False]


def test_the_same_name_at_another_place_stands_only_there(cast):
    api_client("镇平台", "--grid", TOWN)
    api_client("镇平台", "--grid", OTHER_TOWN)
    client = ApiClient.objects.get(revoked=False)
    assert [post.grid.code for post in Post.objects.filter(user=client.user)] == [OTHER_TOWN]


def test_scopes_may_stand_apart_or_behind_commas(cast):
    answer = api_client("x", "--user", "town", "--scopes", "read,cases:write", "sources:write")
    assert answer["scopes"] == ["read", "cases:write", "sources:write"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("x", "--user", "nobody"), "没有登录名为“nobody”的人员。"),
        (("x", "--department", "nobody"), "没有代码为“nobody”的部门。"),
        (("x", "--grid", "999"), "没有编码为“999”的网格。"),
        (("长" * 51, "--user", "town"), "外部系统的名称须为 1 至 50 个字符。"),
        (("", "--user", "town"), "外部系统的名称须为 1 至 50 个字符。"),
        (("", "--grid", TOWN), "请填写姓名。"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_leaves_nothing(cast, arguments, sentence):
    people = User.objects.count()
    assert refusal(*arguments) == sentence
    assert (ApiClient.objects.count(), User.objects.count(), AuditEntry.objects.count()) == (0, people, 0)


def test_an_unknown_scope_is_refused_and_the_known_ones_are_named(cast):
    assert refusal("x", "--user", "town", "--scopes", "cases", "read").startswith(
        "没有这样的权限范围：cases。可用：read、write、grids:read、"
    )


def test_a_disabled_person_gets_no_key(cast):
    User.objects.filter(username="town").update(is_active=False)
    assert refusal("x", "--user", "town") == "“仲村网格办”的账号已停用，不能签发密钥。"


@pytest.mark.parametrize(
    "arguments", [("x",), ("x", "--user", "a", "--grid", "b"), ("x", "--user", "a", "--days", "0")]
)
def test_a_wrong_use_says_so(arguments):
    with pytest.raises(CommandError):
        call_command("api_client", *arguments)


def test_who_let_whom_in_is_in_the_audit_chain(cast):
    api_client("镇平台", "--grid", TOWN)
    entries = AuditEntry.objects.order_by("sequence")
    assert [(entry.verb, entry.actor_name) for entry in entries] == [
        ("user.create", "系统"),
        ("post.appoint", "系统"),
        ("api_client.issue", "系统"),
    ]
    assert entries[2].details["scopes"] == ["read", "cases:write"]


def test_a_place_left_takes_the_reach_of_the_key_with_it(cast):
    api_client("镇平台", "--grid", TOWN)
    Post.objects.filter(role=Role.EXTERNAL).update(starts_on=date(2020, 1, 1), ends_on=timezone.localdate())
    scope = scope_for(User.objects.get(kind="service"), timezone.localdate())
    assert not scope.has_post
