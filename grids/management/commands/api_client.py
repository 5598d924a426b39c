"""A key for another system."""

from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.key_scopes import KEY_SCOPES, READ, WRITE
from accounts.models import Department, User
from accounts.services import IssuedKey, issue_key
from grids.models import Grid
from grids.scope import Scope, system_scope
from grids.services.clients import issue_key_at
from kernel.commands import Answer, AnsweringCommand
from kernel.refusal import Refused

# A person's own key may do what the person may; a system at a place reads, and reports what it found.
_OF_PERSON = (READ, WRITE)
_OF_PLACE = (READ, "cases:write")


class Command(AnsweringCommand):
    help = (
        "为外部系统签发接口密钥，密钥只显示这一次，库中只存其哈希。"
        "同名再次执行即换发：新密钥生效，旧密钥立即停用。代表一个人，或一个部门、一个网格。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="外部系统的名称")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--user", metavar="USERNAME", help="代表此人，范围与其任职相同")
        whom.add_argument("--department", metavar="CODE", help="代表此部门")
        whom.add_argument("--grid", metavar="CODE", help="代表此网格及其下级")
        parser.add_argument(
            "--scopes",
            nargs="+",
            type=_words,
            help=f"权限范围，空格或逗号隔开：{' '.join(KEY_SCOPES)}。默认 read write，部门和网格 read cases:write",
        )
        parser.add_argument("--days", type=_days, default=365, help="有效天数，1 到 3650，默认 365")

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        by = system_scope(timezone.localdate(at))
        given = [scope for words in options["scopes"] or () for scope in words]
        terms = {"name": options["name"], "expires_at": at + timedelta(days=options["days"]), "by": by, "at": at}
        if options["user"]:
            issued = issue_key(user=_user(options["user"], by), scopes=given or _OF_PERSON, **terms)
        elif options["department"]:
            department = _department(options["department"], by)
            issued = issue_key_at(department=department, scopes=given or _OF_PLACE, **terms)
        else:
            issued = issue_key_at(grid=_grid(options["grid"], by), scopes=given or _OF_PLACE, **terms)
        if not options["json"]:
            self.stderr.write(_sentence(issued))
        return Answer(_data(issued), issued.key)


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 3650:
        raise ArgumentTypeError(f"有效天数应为 1 到 3650 的整数，不是 {text}")
    return int(text)


def _user(username: str, by: Scope) -> User:
    user = User.objects.visible_to(by).filter(username=username.lower()).first()
    if user is None:
        raise Refused(f"没有登录名为“{username}”的人员。", code="not_found")
    return user


def _department(code: str, by: Scope) -> Department:
    department = Department.objects.visible_to(by).filter(code=code).first()
    if department is None:
        raise Refused(f"没有代码为“{code}”的部门。", code="not_found")
    return department


def _grid(code: str, by: Scope) -> Grid:
    grid = Grid.objects.visible_to(by).filter(code=code).first()
    if grid is None:
        raise Refused(f"没有编码为“{code}”的网格。", code="not_found")
    return grid


def _data(issued: IssuedKey) -> dict[str, Any]:
    client = issued.client
    return {
        "name": client.name,
        "key": issued.key,
        "user": client.user.username or client.user.name,
        "scopes": client.scopes,
        "expires_at": timezone.localtime(client.expiry_date).isoformat(timespec="seconds"),
        "renewed": issued.renewed,
    }


def _sentence(issued: IssuedKey) -> str:
    client = issued.client
    done = "已换发，旧密钥已停用" if issued.renewed else "已签发"
    until = timezone.localdate(client.expiry_date)
    words = f"代表{client.user}，权限 {' '.join(client.scopes)}，有效至 {until}"
    return f"“{client.name}”的密钥{done}：{words}。密钥只显示这一次："
