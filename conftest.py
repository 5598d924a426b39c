"""The cast: a small real tree and the people who stand in it, for the tests of every app.

平邑县 371326 ─ 仲村镇 371326101 ─ W01 ─ 村 001, 村 002
             │                  └ W02 ─ 村 003
             └ 武台镇 371326102 ─ W01 ─ 村 001        (the stranger's town, with data that could leak)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import Department, User
from accounts.roles import Role
from grids.choices import GridKind, SponsorClass
from grids.models import Grid, GridLevel, Post, Sponsorship
from grids.scope import Scope, scope_for

pytest_plugins = ["tests.browser"]
SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday morning in office hours: most tests act at this moment and count from it.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
TODAY = NOW.date()
LONG_AGO = date(2020, 1, 1)


@pytest.fixture(scope="session", autouse=True)
def _no_collected_files(tmp_path_factory):
    """An empty folder for collected static files: tests read our sources, and a live server starts before each test."""
    django_settings.STATIC_ROOT = tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def _quiet_settings(settings, tmp_path):
    """Plain static files, a fast password hash, photos in a folder of the test's own."""
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "media"


@dataclass
class Cast:
    """Everybody by their sign-in name, every grid by its code, and their scopes on the day of the test."""

    users: dict[str, User] = field(default_factory=dict)
    grids: dict[str, Grid] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["users"][name]
        except KeyError as error:
            raise AttributeError(name) from error

    def scope(self, name: str, day: date = TODAY) -> Scope:
        return scope_for(self.users[name], day)

    def grid(self, code: str) -> Grid:
        return Grid.objects.get(code=code)

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(self.users[name], backend="accounts.backends.PersonBackend")
        return client


COUNTY, TOWN, OTHER_TOWN = "371326", "371326101", "371326102"
AREA, SECOND_AREA, OTHER_AREA = "371326101W01", "371326101W02", "371326102W01"
VILLAGE, NEXT_VILLAGE, FAR_VILLAGE = "371326101001", "371326101002", "371326101003"
OTHER_VILLAGE = "371326102001"

_TREE = [
    (COUNTY, None, "平邑县", GridKind.COUNTY, 0),
    (TOWN, COUNTY, "仲村镇", GridKind.TOWN, 1),
    (AREA, TOWN, "仲村甲工作区", GridKind.WORK_AREA, 2),
    (VILLAGE, AREA, "仲村甲一村", GridKind.VILLAGE, 3),
    (NEXT_VILLAGE, AREA, "仲村甲二村", GridKind.VILLAGE, 3),
    (SECOND_AREA, TOWN, "仲村乙工作区", GridKind.WORK_AREA, 2),
    (FAR_VILLAGE, SECOND_AREA, "仲村乙三村", GridKind.VILLAGE, 3),
    (OTHER_TOWN, COUNTY, "武台镇", GridKind.TOWN, 1),
    (OTHER_AREA, OTHER_TOWN, "武台甲工作区", GridKind.WORK_AREA, 2),
    (OTHER_VILLAGE, OTHER_AREA, "武台甲一村", GridKind.VILLAGE, 3),
]

# sign-in, name, role, place (a grid code or a department code, None for an administrator)
_PEOPLE = [
    ("admin", "管理员", Role.SYSTEM_ADMIN, None),
    ("audit", "审计员", Role.AUDITOR, None),
    ("county", "县办科员", Role.COUNTY_OFFICE, COUNTY),
    ("county2", "县办副科员", Role.COUNTY_OFFICE, COUNTY),
    ("leader", "分管县长", Role.LEADER, COUNTY),
    ("assessor", "考核员", Role.ASSESSOR, COUNTY),
    ("clerk", "信访受理员", Role.COMPLAINT_CLERK, COUNTY),
    ("water", "水利经办", Role.DEPT_OFFICER, "water"),
    ("waterhead", "水利局长", Role.DEPT_HEAD, "water"),
    ("env", "环保经办", Role.DEPT_OFFICER, "env"),
    ("town", "仲村网格办", Role.TOWN_OFFICE, TOWN),
    ("townhead", "仲村镇长", Role.TOWN_HEAD, TOWN),
    ("area", "甲工作区长", Role.AREA_HEAD, AREA),
    ("area2", "乙工作区长", Role.AREA_HEAD, SECOND_AREA),
    ("villagehead", "甲一村支书", Role.VILLAGE_HEAD, VILLAGE),
    ("member", "甲一村网格员", Role.MEMBER, VILLAGE),
    ("member2", "甲二村网格员", Role.MEMBER, NEXT_VILLAGE),
    ("stranger", "武台网格办", Role.TOWN_OFFICE, OTHER_TOWN),
    ("strangerarea", "武台区长", Role.AREA_HEAD, OTHER_AREA),
    ("strangermember", "武台网格员", Role.MEMBER, OTHER_VILLAGE),
    ("sponsor", "包保干部", Role.SPONSOR, None),
]


def plant_tree(cast: Cast) -> None:
    """Test rows: one process, one transaction, so the tree needs no lock here."""
    levels = {
        rank: GridLevel.objects.get_or_create(rank=rank, defaults={"name": name})[0]
        for rank, name in enumerate(["县", "镇（街道、开发区）", "工作区", "村（社区）"])
    }
    for code, parent, name, kind, rank in _TREE:
        above = Grid.objects.get(code=parent) if parent else None
        path = name if above is None or above.parent_id is None else f"{above.path}/{name}"
        Grid.objects.create(
            code=code, name=name, kind=kind, rank=levels[rank], parent=above, path=path, active_from=LONG_AGO
        )
    cast.grids.update({grid.code: grid for grid in Grid.objects.all()})


def seat_people(cast: Cast) -> None:
    for code, name in [("water", "水利局"), ("env", "市生态环境局平邑县分局")]:
        cast.departments[code] = Department.objects.create(code=code, name=name)
    for username, name, role, place in _PEOPLE:
        user = User(username=username, name=name, phone="13900000000")
        # Stored with the row: a session is bound to the password that the database has.
        user.set_unusable_password()
        user.save()
        cast.users[username] = user
        Post.objects.create(
            user=user,
            role=role,
            grid=cast.grids.get(place),
            department=cast.departments.get(place),
            starts_on=LONG_AGO,
        )
    Sponsorship.objects.create(
        user=cast.users["sponsor"],
        grid=cast.grids[VILLAGE],
        sponsor_class=SponsorClass.COUNTY_LEADER,
        starts_on=LONG_AGO,
    )


def assemble() -> Cast:
    """The people and the tree, written into the database at hand: for processes of a race as well."""
    made = Cast()
    plant_tree(made)
    seat_people(made)
    return made


@pytest.fixture
def cast(db) -> Cast:
    """The people and the tree, in the database of the test."""
    return assemble()


@pytest.fixture
def now() -> datetime:
    return NOW


def later(**amount: int) -> datetime:
    """A moment after NOW, as `later(days=3)`."""
    return NOW + timedelta(**amount)
