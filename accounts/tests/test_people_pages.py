"""The pages on which a system administrator keeps accounts."""

import pytest
from django.test import Client

from accounts import services
from accounts.choices import AccountStanding
from accounts.models import User
from accounts.tests.conftest import PASSWORD
from kernel.models import AuditEntry

pytestmark = pytest.mark.urls("accounts.tests.urls")
NEW = {"name": "李明", "phone": "13900001111", "office_phone": "", "email": "", "username": "liming"}


@pytest.fixture
def admin(cast) -> Client:
    return cast.client("admin")


def names(client: Client, query: str = "") -> list[str]:
    return [person.name for person in client.get(f"/people/{query}").context["page"]]


def told(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def faults(response) -> list[str]:
    form = response.context.get("form") or response.context["password_form"]
    return [str(error) for errors in form.errors.values() for error in errors]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/people/"),
        ("get", "/people/new/"),
        ("post", "/people/new/"),
        ("get", "/people/{}/"),
        ("get", "/people/{}/edit/"),
        ("post", "/people/{}/edit/"),
        ("post", "/people/{}/password/"),
        ("post", "/people/{}/disable/"),
        ("post", "/people/{}/enable/"),
    ],
)
def test_only_a_system_administrator_gets_in(cast, person, method, address):
    address = address.format(person.pk)
    answers = {name: getattr(cast.client(name), method)(address, {}).status_code for name in cast.users}
    assert {name for name, status in answers.items() if status != 403} == {"admin"}
    assert getattr(Client(), method)(address).url.startswith("/login/?next=")


def test_the_list_finds_by_name_sign_in_name_and_telephone(cast, admin, person):
    assert len(names(admin)) == len(cast.users) + 1
    assert names(admin, "?q=建国") == names(admin, "?q=WJG") == names(admin, "?q=13812345678") == ["王建国"]
    assert names(admin, "?q=没有这个人") == []
    assert "没有符合条件的人员。" in admin.get("/people/?q=没有这个人").content.decode()


def test_the_list_narrows_by_standing(admin, person, keeper, now):
    services.disable_user(user=User.objects.get(username="town"), by=keeper, at=now)
    services.create_user(name="只任职", by=keeper, at=now)
    found = {standing: names(admin, f"?state={standing}") for standing in AccountStanding}
    assert found["disabled"] == ["仲村网格办"]
    assert found["no_sign_in"] == ["只任职"]
    assert found["must_change"] == ["王建国"]
    assert sum(len(people) for people in found.values()) == len(names(admin))


def test_what_the_list_says_of_a_person_is_what_it_finds_by(admin, person, keeper, now):
    services.create_user(name="只任职", by=keeper, at=now)
    for standing in AccountStanding:
        assert {p.standing for p in User.objects.in_standing(standing)} <= {standing}


def test_an_odd_filter_narrows_nothing(cast, admin):
    everybody = names(admin)
    assert [names(admin, query) for query in ("?state=odd", f"?q={'x' * 41}", "?page=99")] == [everybody] * 3


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_however_long(admin, number, django_assert_num_queries):
    User.objects.bulk_create(User(name=f"人{n}") for n in range(number))
    admin.get("/people/")
    # Session, person, posts, how many, the rows, unread.
    with django_assert_num_queries(6):
        admin.get("/people/")


def test_a_new_person_can_sign_in_and_must_choose_a_password(admin):
    page = admin.post("/people/new/", NEW | {"password": PASSWORD}, follow=True)
    assert told(page) == ["已建立李明的账号，请到“人员任职”中安排任职。"]
    client = Client()
    client.post("/login/", {"username": "liming", "password": PASSWORD})
    assert client.get("/notices/").url == "/account/password/"
    assert AuditEntry.objects.get(verb="user.create").actor_name == "管理员"


def test_a_new_person_without_sign_in(admin):
    admin.post("/people/new/", NEW | {"username": "", "password": ""})
    person = User.objects.get(name="李明")
    assert (person.username, person.standing) == (None, AccountStanding.NO_SIGN_IN)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "该字段是必填项。"),
        ({"username": "town"}, "登录名“town”已有人使用，请换一个。"),
        ({"username": "李明"}, "登录名须为 2 至 40 个字母、数字或 . _ - @，以字母或数字开头。"),
        ({"username": ""}, "登录名和临时密码须同时填写，或都不填。"),
        ({"password": ""}, "登录名和临时密码须同时填写，或都不填。"),
        ({"password": "Pingyi@2024"}, "密码太容易猜到：不要用拼音地名、姓名或常用词加数字。"),
        ({"password": "Kq83z-liming-Wt"}, "密码不能包含登录名、姓名或电话号码。"),
        ({"email": "x"}, "请输入合法的邮件地址。"),
    ],
)
def test_a_new_person_is_refused_with_the_reason(admin, change, sentence):
    response = admin.post("/people/new/", NEW | {"password": PASSWORD} | change)
    assert (response.status_code, faults(response)) == (200, [sentence])
    assert not User.objects.filter(name="李明").exists()


def test_numbers_are_changed(admin, person):
    form = {"name": "王建国", "phone": "13700000000", "office_phone": "", "email": ""}
    assert admin.get(f"/people/{person.pk}/edit/").context["form"].initial["phone"] == "13812345678"
    assert admin.post(f"/people/{person.pk}/edit/", form).url == f"/people/{person.pk}/"
    person.refresh_from_db()
    assert person.phone == "13700000000"


def test_a_password_is_reset_or_refused_on_the_page_of_the_person(admin, person):
    address = f"/people/{person.pk}/password/"
    assert faults(admin.post(address, {"password": "short"})) == ["密码至少 8 个字符。"]
    page = admin.post(address, {"password": "Vn4#kd82Lq"}, follow=True)
    assert told(page) == ["已重置王建国的密码，请当面告知；本人登录后须立即修改。"]
    assert User.objects.get(pk=person.pk).check_password("Vn4#kd82Lq")
    assert "Vn4#kd82Lq" not in page.content.decode()


def test_an_account_is_closed_and_opened(cast, admin, person):
    assert told(admin.post(f"/people/{person.pk}/disable/", follow=True)) == ["已停用。"]
    assert told(admin.post(f"/people/{person.pk}/disable/", follow=True)) == ["王建国的账号已经停用。"]
    assert told(admin.post(f"/people/{person.pk}/enable/", follow=True)) == ["已启用。"]
    sentence = "不能停用自己的账号，请由另一位系统管理员操作。"
    assert told(admin.post(f"/people/{cast.admin.pk}/disable/", follow=True)) == [sentence]


def test_an_external_system_is_no_person(admin, keeper, now):
    system = services.create_user(name="市平台", kind="service", by=keeper, at=now)
    assert "市平台" not in names(admin)
    assert admin.get(f"/people/{system.pk}/").status_code == 404
