"""The table of roles against roles.md, by rows that an official can read."""

import pytest

from accounts.key_scopes import KEY_SCOPES, permissions_of, scope_of_permission, unknown_scopes
from accounts.permissions import Permission as P
from accounts.roles import ROLES, Reach, Role

BUSINESS = {P.CASE_VIEW, P.SOURCE_VIEW, P.PATROL_VIEW}
ADMINISTRATORS = [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR]


def holders(permission: P) -> set[Role]:
    return {role for role, row in ROLES.items() if permission in row.permissions}


def test_every_role_has_a_row_and_a_sentence():
    assert set(ROLES) == set(Role)
    assert [row.role for row in ROLES.values() if not row.sentence.endswith("。")] == []


def test_every_permission_is_held_by_somebody():
    assert [permission for permission in P if not holders(permission)] == []


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_an_administrator_sees_no_business_data(role):
    assert {p for p in ROLES[role].permissions if p.startswith(("case.", "source.", "patrol."))} == set()


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (P.USER_EDIT, {Role.SYSTEM_ADMIN}),
        (P.SECURITY_EDIT, {Role.SECURITY_ADMIN}),
        (P.API_CLIENT_APPROVE, {Role.SECURITY_ADMIN}),
        (P.AUDIT_VIEW, {Role.AUDITOR}),
        (P.CASE_CLOSE_SERIOUS, {Role.LEADER, Role.TOWN_HEAD}),
        (P.CASE_HANDLE_HEAD, {Role.DEPT_HEAD}),
        (P.CASE_REFER, {Role.COUNTY_OFFICE, Role.TOWN_HEAD, Role.TOWN_OFFICE}),
        (P.CASE_MERGE, {Role.COUNTY_OFFICE, Role.TOWN_HEAD, Role.TOWN_OFFICE}),
    ],
)
def test_who_holds_a_permission_that_matters(permission, roles):
    assert holders(permission) == roles


def test_the_three_administrators_share_nothing():
    shared = [ROLES[a].permissions & ROLES[b].permissions for a in ADMINISTRATORS for b in ADMINISTRATORS if a < b]
    assert shared == [frozenset()] * 3


def test_only_the_assessor_reads_records_without_people():
    assert {role for role, row in ROLES.items() if row.masked} == {Role.ASSESSOR}


def test_an_assessor_changes_nothing():
    assert {p for p in ROLES[Role.ASSESSOR].permissions if not p.endswith(".view")} == set()


@pytest.mark.parametrize(
    ("reach", "roles"),
    [
        (Reach.NOTHING, {Role.SECURITY_ADMIN, Role.AUDITOR}),
        (Reach.SPONSORED, {Role.SPONSOR}),
        (Reach.DEPARTMENT, {Role.DEPT_HEAD, Role.DEPT_OFFICER, Role.ENFORCEMENT}),
        (
            Reach.COUNTY,
            {Role.SYSTEM_ADMIN, Role.COUNTY_OFFICE, Role.LEADER, Role.COMPLAINT_CLERK, Role.ASSESSOR},
        ),
    ],
)
def test_how_far_a_role_reaches(reach, roles):
    assert {role for role, row in ROLES.items() if row.reach == reach} == roles


def test_the_scope_of_an_administrator_holds_no_case(cast):
    scopes = [cast.scope(name) for name in ("admin", "audit")]
    assert [{p for p in BUSINESS if scope.has(p)} for scope in scopes] == [set(), set()]


def test_only_a_scope_of_masked_roles_is_masked(cast):
    assert [name for name in cast.users if cast.scope(name).is_masked] == ["assessor"]


def test_each_key_scope_stands_for_permissions_of_its_resource():
    assert permissions_of(["cases:write"]) == {p for p in P if p.startswith("case.") and p != P.CASE_VIEW}
    assert permissions_of(["sources:read"]) == {P.SOURCE_VIEW}
    assert permissions_of(["grids:write"]) == {P.GRID_EDIT, P.POST_EDIT}
    assert permissions_of(["read"]) == {P.GRID_VIEW, P.SOURCE_VIEW, P.PATROL_VIEW, P.CASE_VIEW}


def test_no_key_carries_accounts_security_or_audit():
    never = {p for p in P if scope_of_permission(p) is None}
    assert never == {P.USER_EDIT, P.SECURITY_EDIT, P.API_CLIENT_APPROVE, P.AUDIT_VIEW}
    assert permissions_of(KEY_SCOPES) == set(P) - never


def test_a_key_without_scopes_or_with_unknown_ones_carries_nothing():
    assert permissions_of([]) == frozenset()
    assert permissions_of(["case.view", "", "cases", "audit:read"]) == frozenset()
    assert unknown_scopes(["read", "cases", "cases:write", "audit:read"]) == ["cases", "audit:read"]
