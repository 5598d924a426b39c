"""The command that makes the first administrator."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.passwords import random_password
from accounts.roles import Role
from accounts.rules import ADMIN_PASSWORD_LENGTH, character_classes, is_guessable
from grids.scope import scope_for


def create_admin(*arguments: str) -> dict:
    output = StringIO()
    call_command("create_admin", *arguments, "--json", stdout=output)
    return json.loads(output.getvalue())


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "auditor"])
def test_the_administrator_signs_in_and_must_choose_a_password(db, role):
    answer = create_admin("Root1", "--name", "张三丰", "--role", role)
    assert answer == {"username": "root1", "name": "张三丰", "role": role, "password": answer["password"]}
    client = Client()
    client.post("/login/", {"username": "root1", "password": answer["password"]})
    assert client.get("/notices/").url == "/account/password/"
    assert scope_for(User.objects.get(), timezone.localdate()).roles == {Role(role)}


def test_without_json_the_password_alone_is_on_standard_output(db):
    output, errors = StringIO(), StringIO()
    call_command("create_admin", "root1", "--name", "张三丰", stdout=output, stderr=errors)
    assert User.objects.get().check_password(output.getvalue().strip())
    assert errors.getvalue().strip() == "已新建系统管理员张三丰，登录名 root1，首次登录的密码："


def test_a_taken_name_is_refused_and_leaves_nothing(cast):
    people, errors = User.objects.count(), StringIO()
    with pytest.raises(SystemExit):
        call_command("create_admin", "admin", "--name", "另一个", stderr=errors)
    assert errors.getvalue().strip() == "登录名“admin”已有人使用，请换一个。"
    assert User.objects.count() == people


@pytest.mark.parametrize("arguments", [("a",), ("a1", "--name", "某", "--role", "member"), ("a1", "--role", "odd")])
def test_a_wrong_use_says_so(arguments):
    with pytest.raises(CommandError):
        call_command("create_admin", *arguments)


def test_a_random_password_keeps_the_rules():
    passwords = [random_password() for _ in range(200)]
    assert len(set(passwords)) == 200
    assert [p for p in passwords if len(p) < ADMIN_PASSWORD_LENGTH or character_classes(p) < 3 or is_guessable(p)] == []
