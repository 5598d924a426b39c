"""Everything between a fresh checkout and a program that can be started."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from cases.services.reference import load_reference
from grids.models import Post
from grids.scope import Scope, system_scope
from kernel.commands import Answer, AnsweringCommand
from kernel.services.calendar import seed_holidays
from pingyi_grid.demo.load import is_empty
from pingyi_grid.demo_password import kept_password
from pingyi_grid.static_files import collect, is_stale


class Command(AnsweringCommand):
    help = (
        "让本机可以运行：迁移数据库，补工作日历、部门、问题类别和时限，汇集静态文件；"
        "数据库里没有人时装入平邑县演示数据（PINGYI_DEMO=0 则不装）。只补缺少的，可重复执行。"
    )

    def answer(self, options: dict[str, Any], *, at: datetime) -> Answer:
        by = system_scope(timezone.localdate(at))
        call_command("migrate", interactive=False, verbosity=0)
        seed_holidays(by=by, at=at)
        load_reference(by=by, at=at)
        collected = is_stale()
        if collected:
            self._say("汇集静态文件……")
            collect()
        if settings.DEMO and is_empty():
            self._say("装入平邑县演示数据，约一分钟……")
            call_command("load_demo", stdout=self.stderr)
        people = _demo_people(by)
        return Answer({"collected": collected, "demo_people": people}, _how_to_sign_in(people))

    def _say(self, sentence: str) -> None:
        """What is going on, for the person who waits; the answer alone goes to stdout."""
        self.stderr.write(sentence)
        self.stderr.flush()


def _demo_people(scope: Scope) -> list[dict[str, str]]:
    """The demo people who can sign in, one row for each post that they hold today; empty in a real county."""
    posts = (
        Post.objects.visible_to(scope)
        .held_on(scope.day)
        .filter(user__is_demo=True, user__username__isnull=False)
        .select_related("user", "grid", "department")
        .order_by("user_id", "id")
    )
    return [
        {
            "username": post.user.username,
            "role": post.get_role_display(),
            "place": str(post.grid or post.department or ""),
        }
        for post in posts
    ]


def _how_to_sign_in(people: list[dict[str, str]]) -> str:
    if not people:
        return "准备完成。"
    rows = [f"  {person['username']:<12}{person['role']}　{person['place']}" for person in people]
    return "\n".join(["演示人员（登录名、角色、所在）：", *rows, f"密码都是：{kept_password()}"])
