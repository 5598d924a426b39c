"""An administrator, made on the machine itself."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.roles import Role
from grids.scope import system_scope
from grids.services.administrators import seat_administrator
from kernel.commands import Answer, AnsweringCommand

_ROLES = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)


class Command(AnsweringCommand):
    help = (
        "新建一位管理员并显示首次登录的密码（只显示这一次，登录后须修改）。"
        "用于新安装的系统；所有管理员都无法登录时，也可用它新建一位，再由其重置他人的密码。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", help="登录名")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument(
            "--role",
            type=Role,
            choices=_ROLES,
            default=Role.SYSTEM_ADMIN,
            help="系统管理员（默认）、安全管理员或审计员；三者不得由一人兼任",
        )

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        by = system_scope(timezone.localdate(at))
        role = options["role"]
        seated = seat_administrator(username=options["username"], name=options["name"], role=role, by=by, at=at)
        if not options["json"]:
            self.stderr.write(f"已新建{role.label}{seated.user}，登录名 {seated.user.username}，首次登录的密码：")
        data = {"username": seated.user.username, "name": seated.user.name, "role": role, "password": seated.password}
        return Answer(data, seated.password)
