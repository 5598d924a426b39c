"""The rules of accounts as tables that an official can read."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.roles import Role
from accounts.rules import (
    character_classes,
    first_attempt_at,
    idle_limit,
    is_guessable,
    is_unused,
    least_length,
    password_is_old,
    separated,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "password",
    [
        "pingyi2024",
        "Pingyi@2024",
        "PingYi#2026!",
        "P1ngy1@2024",
        "Zhongcun#371326",
        "Zhangsan@1990",
        "Wangge#2025!",
        "Huanbao.123",
        "Linyi0539",
        "Pyx@2024",
        "Admin@123456",
        "P@ssw0rd!",
        "Qwer1234!",
        "Abcd#8888",
        "2024@Pingyi",
        "PingYi@2024abc",
    ],
)
def test_what_everybody_tries_first_is_guessable(password):
    assert is_guessable(password)


@pytest.mark.parametrize(
    "password", ["Lv7#qk29Tz", "aB3$eF6&", "Tq9-mzKe4vR", "correct-Horse7battery", "山高水长Grid7", "X4!kd92_Vm"]
)
def test_what_takes_thought_is_not_guessable(password):
    assert not is_guessable(password)


@pytest.mark.parametrize(
    ("password", "classes"),
    [("", 0), ("abc", 1), ("abcABC", 2), ("abcABC1", 3), ("abcABC1!", 4), ("abc网格", 2), ("１２３", 1)],
)
def test_character_classes_are_counted(password, classes):
    assert character_classes(password) == classes


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        ((), None),
        ((Role.SYSTEM_ADMIN,), None),
        ((Role.SYSTEM_ADMIN, Role.COUNTY_OFFICE), None),
        ((Role.SYSTEM_ADMIN, Role.AUDITOR), "系统管理员、审计员须由不同的人担任（三员分立），请另选人员。"),
        ((Role.AUDITOR, Role.SECURITY_ADMIN), "安全管理员、审计员须由不同的人担任（三员分立），请另选人员。"),
        (
            ("security_admin", "system_admin", "auditor"),
            "系统管理员、安全管理员、审计员须由不同的人担任（三员分立），请另选人员。",
        ),
    ],
)
def test_the_three_administrators_are_different_people(roles, sentence):
    assert separated(roles) == sentence


@pytest.mark.parametrize(
    ("roles", "length", "minutes"),
    [
        ((), 8, 30),
        ((Role.TOWN_OFFICE,), 8, 30),
        ((Role.LEADER,), 8, 30),
        ((Role.MEMBER,), 8, 12 * 60),
        ((Role.VILLAGE_HEAD, Role.MEMBER), 8, 12 * 60),
        ((Role.MEMBER, Role.COMPLAINT_CLERK), 8, 30),
        ((Role.SYSTEM_ADMIN,), 10, 15),
        ((Role.SECURITY_ADMIN,), 10, 15),
        ((Role.AUDITOR,), 10, 15),
        ((Role.MEMBER, Role.AUDITOR), 10, 15),
    ],
)
def test_administrators_have_longer_passwords_and_shorter_sessions(roles, length, minutes):
    assert (least_length(roles), idle_limit(roles)) == (length, timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("written", "urgent", "rings"),
    [
        (local(23, 9), False, local(23, 9)),
        (local(23, 21, 59), False, local(23, 21, 59)),
        (local(23, 22), False, local(24, 7)),
        (local(23, 23, 59), False, local(24, 7)),
        (local(24, 0), False, local(24, 7)),
        (local(24, 6, 59), False, local(24, 7)),
        (local(24, 7), False, local(24, 7)),
        (local(30, 23), False, datetime(2026, 12, 1, 7, tzinfo=SHANGHAI)),
        (local(24, 3), True, local(24, 3)),
    ],
)
def test_nobody_is_rung_up_at_night_unless_it_is_urgent(written, urgent, rings):
    assert first_attempt_at(written, urgent=urgent) == rings


def test_the_night_is_that_of_the_county_not_of_the_server():
    three_in_the_afternoon_utc = datetime.fromisoformat("2026-11-23T15:00:00+00:00")
    assert first_attempt_at(three_in_the_afternoon_utc, urgent=False) == local(24, 7)


def test_a_password_is_old_after_ninety_days():
    set_at = local(1, 9)
    assert not password_is_old(None, set_at)
    assert not password_is_old(set_at, set_at + timedelta(days=90))
    assert password_is_old(set_at, set_at + timedelta(days=90, seconds=1))


def test_an_account_is_unused_after_ninety_days():
    assert not is_unused(local(1, 9), local(1, 9) + timedelta(days=90))
    assert is_unused(local(1, 9), local(1, 9) + timedelta(days=90, seconds=1))
