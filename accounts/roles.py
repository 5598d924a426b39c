"""Roles as code: stable code, Chinese name, one sentence, permissions, and how far they reach.

Who holds which role, where, from when until when are `grids.Post` rows.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models

from accounts.permissions import Permission as P


class Role(models.TextChoices):
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDITOR = "auditor", "审计员"
    COUNTY_OFFICE = "county_office", "县网格办"
    LEADER = "leader", "县领导"
    DEPT_HEAD = "dept_head", "部门负责人"
    DEPT_OFFICER = "dept_officer", "部门经办人"
    ENFORCEMENT = "enforcement", "执法人员"
    TOWN_HEAD = "town_head", "镇网格长"
    TOWN_OFFICE = "town_office", "镇网格办"
    AREA_HEAD = "area_head", "工作区网格长"
    VILLAGE_HEAD = "village_head", "村网格长"
    MEMBER = "member", "网格员"
    SPONSOR = "sponsor", "包保干部"
    COMPLAINT_CLERK = "complaint_clerk", "信访受理员"
    ASSESSOR = "assessor", "考核员"
    EXTERNAL = "external", "外部系统"


class Reach(StrEnum):
    """How far the permissions of a post extend from the place where it is held."""

    COUNTY = "county"
    SUBTREE = "subtree"
    DEPARTMENT = "department"
    SPONSORED = "sponsored"
    NOTHING = "nothing"


@dataclass(frozen=True)
class RoleDefinition:
    """One row of the table: what a role is, and what it may do within its reach."""

    role: Role
    reach: Reach
    sentence: str
    permissions: frozenset[P]
    masked: bool = False


def _row(role: Role, reach: Reach, sentence: str, *permissions: P, masked: bool = False) -> RoleDefinition:
    return RoleDefinition(role, reach, sentence, frozenset(permissions), masked)


_READ = (P.GRID_VIEW, P.SOURCE_VIEW, P.CASE_VIEW, P.PATROL_VIEW)
_GRASSROOTS = (*_READ, P.CASE_REPORT, P.CASE_HANDLE, P.CASE_CHECK, P.CASE_VERIFY, P.SOURCE_EDIT, P.PATROL_RECORD)
_TOWN = (P.CASE_TRIAGE, P.CASE_REVIEW, P.CASE_REFER, P.CASE_DECIDE_REQUEST, P.CASE_MERGE, P.CASE_URGE, P.CASE_REGISTER)

_TABLE = (
    _row(
        Role.SYSTEM_ADMIN,
        Reach.COUNTY,
        "管理账号、网格和参数，不看业务数据。",
        P.GRID_VIEW,
        P.GRID_EDIT,
        P.POST_EDIT,
        P.USER_EDIT,
        P.CALENDAR_EDIT,
        P.CATEGORY_EDIT,
    ),
    _row(Role.SECURITY_ADMIN, Reach.NOTHING, "管理安全策略，审批外部系统。", P.SECURITY_EDIT, P.API_CLIENT_APPROVE),
    _row(Role.AUDITOR, Reach.NOTHING, "查看和校验审计日志。", P.AUDIT_VIEW),
    _row(
        Role.COUNTY_OFFICE,
        Reach.COUNTY,
        "全县网格化监管的指挥中心：研判、转办、审批、督办。",
        *_READ,
        *_TOWN,
        P.GRID_EDIT,
        P.POST_EDIT,
        P.SOURCE_EDIT,
        P.CASE_REPORT,
        P.CASE_CHECK,
        P.CASE_CLOSE,
        P.CASE_ARCHIVE,
        P.CALENDAR_EDIT,
        P.CATEGORY_EDIT,
    ),
    _row(
        Role.LEADER,
        Reach.COUNTY,
        "分管或包保的县领导：较重以上办件的办结审批。",
        *_READ,
        P.CASE_REPORT,
        P.CASE_CLOSE,
        P.CASE_CLOSE_SERIOUS,
        P.CASE_URGE,
    ),
    _row(
        Role.DEPT_HEAD,
        Reach.DEPARTMENT,
        "县直部门主要负责人：本部门办件的签收、处置和逾期退回的签批。",
        *_READ,
        P.CASE_REPORT,
        P.CASE_HANDLE,
        P.CASE_HANDLE_HEAD,
    ),
    _row(
        Role.DEPT_OFFICER,
        Reach.DEPARTMENT,
        "县直部门经办人：签收、处置转来的办件。",
        *_READ,
        P.CASE_REPORT,
        P.CASE_HANDLE,
    ),
    _row(
        Role.ENFORCEMENT,
        Reach.DEPARTMENT,
        "持证执法人员：现场处置和核查。",
        *_READ,
        P.CASE_REPORT,
        P.CASE_HANDLE,
        P.CASE_CHECK,
        P.PATROL_RECORD,
        P.SOURCE_EDIT,
    ),
    _row(
        Role.TOWN_HEAD,
        Reach.SUBTREE,
        "镇（街道、开发区）网格长：本镇较重以上办件的办结审批。",
        *_READ,
        *_TOWN,
        P.CASE_REPORT,
        P.CASE_CHECK,
        P.CASE_CLOSE,
        P.CASE_CLOSE_SERIOUS,
    ),
    _row(
        Role.TOWN_OFFICE,
        Reach.SUBTREE,
        "镇网格办：研判、镇内转办、核查、办结。",
        *_GRASSROOTS,
        *_TOWN,
        P.CASE_CLOSE,
        P.CASE_ARCHIVE,
    ),
    _row(
        Role.AREA_HEAD,
        Reach.SUBTREE,
        "工作区网格长：研判村级上报，自处置或上报镇。",
        *_GRASSROOTS,
        P.CASE_TRIAGE,
        P.CASE_REVIEW,
    ),
    _row(
        Role.VILLAGE_HEAD,
        Reach.SUBTREE,
        "村（社区）网格长：研判本村问题，自处置或上报工作区。",
        *_GRASSROOTS,
        P.CASE_TRIAGE,
    ),
    _row(Role.MEMBER, Reach.SUBTREE, "网格员：巡查、上报、核实和就地处置。", *_GRASSROOTS, P.CASE_TRIAGE),
    _row(Role.SPONSOR, Reach.SPONSORED, "包保干部：查看包保网格，现场核查。", *_READ, P.CASE_REPORT, P.CASE_CHECK),
    _row(Role.COMPLAINT_CLERK, Reach.COUNTY, "信访受理员：登记、受理、答复群众信访。", P.GRID_VIEW),
    _row(Role.ASSESSOR, Reach.COUNTY, "考核员：查看全县记录，按细则考核。", *_READ, masked=True),
    _row(Role.EXTERNAL, Reach.SUBTREE, "外部系统：按授权读取数据、推送问题。", *_READ, P.CASE_REPORT, P.CASE_REGISTER),
)

ROLES: dict[Role, RoleDefinition] = {row.role: row for row in _TABLE}

# 三员分立: no person holds two of these at once.
SEPARATED_ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
