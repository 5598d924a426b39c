"""Who calls the API, by key or by session; departments, and who am I."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from accounts import services
from accounts.models import ApiClient, Department, User
from accounts.throttling import ClientRate
from accounts.viewer import Visitor
from kernel.refusal import Refused

pytestmark = pytest.mark.urls("accounts.tests.urls")
ME, DEPARTMENTS = "/api/v1/me/", "/api/v1/departments/"


class Approver(Visitor):
    """A security administrator, who lets other systems in."""

    def has(self, permission) -> bool:
        return permission == "api_client.approve"


@pytest.fixture
def issue(cast, now):
    """Issue a key for somebody of the cast."""

    def issued(user: str = "town", name: str = "市平台", scopes=("read",), days: int = 30):
        expires_at = now + timedelta(days=days)
        user = cast.users[user]
        return services.issue_key(name=name, user=user, scopes=scopes, expires_at=expires_at, by=Approver(), at=now)

    return issued


def call(key: str, address: str = ME):
    return Client().get(address, headers={"Authorization": f"Bearer {key}"})


def problem(response) -> tuple[int, str, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    return response.status_code, body["code"], body["detail"]


def test_a_key_opens_the_api_as_its_user(issue, now):
    with time_machine.travel(now):
        answer = call(issue().key)
    assert answer.status_code == 200
    assert answer.json()["name"] == "仲村网格办"


def test_the_word_bearer_may_be_written_small(issue, now):
    with time_machine.travel(now):
        answer = Client().get(ME, headers={"Authorization": f"bearer {issue().key}"})
    assert answer.status_code == 200


def test_only_a_hash_of_the_key_is_kept(issue):
    issued = issue()
    row = ApiClient.objects.filter(pk=issued.client.pk).values().get()
    assert [field for field, value in row.items() if issued.key.partition(".")[2] in str(value)] == []


def test_a_renewed_key_ends_the_one_before(issue, now):
    old, new = issue(), issue()
    with time_machine.travel(now):
        assert problem(call(old.key)) == (401, "key_revoked", "密钥已停用，请联系安全管理员重新签发。")
        assert call(new.key).status_code == 200


def test_a_revoked_key_is_refused(issue, now):
    issued = issue()
    services.revoke_key(client=issued.client, by=Approver(), at=now)
    with time_machine.travel(now):
        assert problem(call(issued.key))[:2] == (401, "key_revoked")
    with pytest.raises(Refused, match="“市平台”的密钥已经停用。"):
        services.revoke_key(client=issued.client, by=Approver(), at=now)


def test_an_expired_key_is_refused(issue, now):
    issued = issue(days=30)
    with time_machine.travel(now + timedelta(days=30, seconds=1)):
        assert problem(call(issued.key)) == (401, "key_expired", "密钥已过期，请联系安全管理员重新签发。")


def test_a_key_of_a_disabled_person_is_refused(issue, cast, keeper, now):
    issued = issue()
    services.disable_user(user=cast.town, by=keeper, at=now)
    with time_machine.travel(now):
        assert problem(call(issued.key))[:2] == (401, "user_disabled")


@pytest.mark.parametrize(
    "key", ["", "x", "a" * 8 + "." + "b" * 32, "网格", "a" * 100_000, "' OR 1=1", "aaaaaaaa.bbbb cccc"]
)
def test_what_is_no_key_is_refused(db, key):
    status, code, _ = problem(Client().get(ME, HTTP_AUTHORIZATION=f"Bearer {key}"))
    assert (status, code) == (401, "key_invalid")


def test_a_key_with_one_letter_changed_is_refused(issue, now):
    key = issue().key
    with time_machine.travel(now):
        assert problem(call(key[:-1] + ("a" if key[-1] != "a" else "b")))[:2] == (401, "key_invalid")


def test_only_a_security_administrator_lets_systems_in(cast, now):
    for name in ("admin", "county", "audit"):
        with pytest.raises(Refused, match="只有安全管理员可以审批外部系统的密钥。"):
            services.issue_key(name="x", user=cast.town, scopes=["read"], expires_at=None, by=cast.scope(name), at=now)


def test_an_expiry_in_the_past_is_refused(issue):
    with pytest.raises(Refused, match="有效期须晚于现在。"):
        issue(days=0)


def test_the_session_of_the_pages_opens_the_api(cast):
    assert cast.client("town").get(ME).json()["username"] == "town"


def test_a_stranger_is_asked_who_he_is(db):
    response = Client().get(ME)
    assert problem(response)[0] == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_session_writes_only_with_the_token_of_a_page(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.town, backend="accounts.backends.PersonBackend")
    status, code, sentence = problem(client.post(ME))
    assert (status, code) == (403, "csrf")
    assert sentence == "缺少或已失效的页面令牌（X-CSRFToken），请刷新页面后重试。"


def test_before_the_first_change_of_password_the_api_says_so(cast):
    client = cast.client("town")
    User.objects.filter(username="town").update(must_change_password=True)
    assert problem(client.get(ME)) == (403, "password_change_required", "请先修改密码。")


def test_a_session_ended_elsewhere_is_told_so(cast):
    client = cast.client("admin")
    User.objects.filter(username="admin").update(session_key="another")
    assert problem(client.get(ME)) == (401, "signed_in_elsewhere", "您的账号已在别处登录，本次登录已结束。")


def test_who_am_i(cast):
    assert cast.client("member").get(ME).json() == {
        "username": "member",
        "name": "甲一村网格员",
        "posts": [{"code": "member", "name": "网格员", "title": "仲村甲一村网格员"}],
        "permissions": sorted(cast.scope("member").holdings[0].permissions),
    }


def test_departments_in_their_order(cast):
    Department.objects.filter(code="env").update(position=1, former_name="环境保护局", affiliation="vertical")
    assert cast.client("stranger").get(DEPARTMENTS).json()["results"] == [
        {
            "code": "env",
            "name": "市生态环境局平邑县分局",
            "former_name": "环境保护局",
            "affiliation": "vertical",
            "is_active": True,
        },
        {"code": "water", "name": "水利局", "former_name": "", "affiliation": "county", "is_active": True},
    ]


def test_departments_can_be_filtered(cast):
    Department.objects.filter(code="env").update(affiliation="vertical")
    rows = cast.client("town").get(f"{DEPARTMENTS}?affiliation=vertical").json()["results"]
    assert [row["code"] for row in rows] == ["env"]


def test_who_holds_no_post_sees_no_department(person):
    client = Client()
    User.objects.filter(pk=person.pk).update(must_change_password=False)
    client.force_login(User.objects.get(pk=person.pk), backend="accounts.backends.PersonBackend")
    assert client.get(DEPARTMENTS).json()["results"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_however_long(cast, number, django_assert_num_queries):
    Department.objects.bulk_create(Department(code=f"d{n}", name=f"部门{n}") for n in range(number))
    client = cast.client("town")
    client.get(DEPARTMENTS)
    # Session, person, posts, the rows.
    with django_assert_num_queries(4):
        client.get(DEPARTMENTS)


def test_a_key_costs_two_queries_more_than_nothing(issue, now, django_assert_num_queries):
    key = issue().key
    # The key with its user, posts.
    with time_machine.travel(now), django_assert_num_queries(2):
        call(key)


def test_a_busy_system_is_slowed_down_alone(issue, now, monkeypatch):
    cache.clear()
    monkeypatch.setattr(ClientRate, "THROTTLE_RATES", {"client": "2/min"})
    busy, other = issue(), issue(name="另一个")
    with time_machine.travel(now, tick=False):
        assert [call(busy.key).status_code for _ in range(3)] == [200, 200, 429]
        assert call(other.key).status_code == 200
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        assert call(busy.key).status_code == 200


def test_people_at_their_desks_are_not_counted(cast, monkeypatch):
    cache.clear()
    monkeypatch.setattr(ClientRate, "THROTTLE_RATES", {"client": "1/min"})
    client = cast.client("town")
    assert [client.get(ME).status_code for _ in range(3)] == [200, 200, 200]
