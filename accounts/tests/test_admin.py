"""The site for reference data: who enters, what is there, and what can never be written there."""

import pytest

from accounts.admin import ReferenceAdmin, reference_site
from accounts.models import Department
from kernel.models import AuditEntry

pytestmark = pytest.mark.urls("accounts.tests.urls")
ADD, CHANGE = "/admin/accounts/department/add/", "/admin/accounts/department/{}/change/"
FORM = {"code": "forest", "name": "林业局", "affiliation": "county", "position": "5", "is_active": "on"}


def test_only_those_who_keep_a_list_enter(cast):
    entered = [name for name in cast.users if cast.client(name).get("/admin/").status_code == 200]
    assert entered == ["admin", "county", "county2"]


def test_who_keeps_one_list_does_not_reach_another(cast):
    assert cast.client("county").get(ADD).status_code == 403
    assert cast.client("county").post(ADD, FORM).status_code == 403
    assert not Department.objects.filter(code="forest").exists()


@pytest.mark.parametrize("address", ["/admin/", ADD, "/admin/accounts/department/", "/admin/login/"])
def test_nobody_else_gets_further_than_the_door(cast, address):
    assert {cast.client(name).get(address, follow=True).redirect_chain[0][1] for name in ("town", "audit")} == {302}
    assert cast.client("town").post(address, FORM).status_code == 302
    assert not Department.objects.filter(code="forest").exists()


def test_the_site_signs_nobody_in_itself(client, db):
    assert client.get("/admin/", follow=True).redirect_chain == [
        ("/admin/login/?next=/admin/", 302),
        ("/login/?next=%2Fadmin%2F", 302),
    ]
    assert client.post("/admin/login/", {"username": "admin", "password": "x"}).status_code == 302


def test_a_password_is_changed_on_our_own_page(cast):
    assert cast.client("admin").get("/admin/password_change/").url == "/account/password/"


def test_the_way_out_is_that_of_our_own_pages(cast):
    client = cast.client("admin")
    assert client.post("/admin/logout/", follow=True).redirect_chain == [("/logout/", 307), ("/login/", 302)]
    assert AuditEntry.objects.get().verb == "user.sign_out"
    assert client.get("/notices/").status_code == 302


def test_a_department_is_added_and_changed_with_a_trace(cast):
    client = cast.client("admin")
    client.post(ADD, FORM)
    department = Department.objects.get(code="forest")
    client.post(CHANGE.format(department.pk), FORM | {"name": "自然资源和规划局", "former_name": "林业局"})
    department.refresh_from_db()
    assert (department.name, department.former_name) == ("自然资源和规划局", "林业局")
    entries = AuditEntry.objects.order_by("sequence").values_list("verb", "subject", "actor_name")
    assert list(entries) == [
        ("department.create", "department:forest", "管理员"),
        ("department.change", "department:forest", "管理员"),
    ]
    assert AuditEntry.objects.get(verb="department.change").details == {
        "name": "自然资源和规划局",
        "changed": ["name", "former_name"],
    }


def test_nothing_is_deleted(cast):
    client = cast.client("admin")
    pk = cast.departments["water"].pk
    assert client.post(f"/admin/accounts/department/{pk}/delete/", {"post": "yes"}).status_code == 403
    client.post("/admin/accounts/department/", {"action": "delete_selected", "_selected_action": pk, "post": "yes"})
    assert Department.objects.filter(pk=pk).exists()


NEVER = {"grid", "case", "post", "user", "auditentry", "audithead", "notice", "apiclient", "accessattempt", "group"}


def test_what_only_services_write_is_not_on_the_site():
    registered = {model._meta.model_name for model in reference_site._registry}
    assert registered & NEVER == set()


def test_every_list_of_the_site_asks_the_scope():
    assert [site for site in reference_site._registry.values() if not isinstance(site, ReferenceAdmin)] == []
