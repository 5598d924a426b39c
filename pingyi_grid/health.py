"""`/healthz`: is the program well? It says what is wrong, never where anything is or how to get in."""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kernel.sweep import beat, last_beat

logger = logging.getLogger(__name__)

TIMETABLE = "timetable"
# The timetable beats every 30 seconds; a long sweep in the only worker may hold one beat up, not six in a row.
LONGEST_SILENCE = timedelta(minutes=3)
_WAIT_SECONDS = 2


def record_heartbeat(*, at: datetime) -> None:
    """Written by a task that the timetable started and a worker ran: one row proves that both are alive."""
    beat(TIMETABLE, at)


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    faults = find_faults(timezone.now())
    answer = {"status": "fault" if faults else "ok", "version": settings.VERSION}
    answer |= {part: faults.get(part, "ok") for part in ("database", "broker", "timetable")}
    return JsonResponse(answer, status=503 if faults else 200, json_dumps_params={"ensure_ascii": False})


def find_faults(at: datetime) -> dict[str, str]:
    """What is not well as of `at`: a Chinese sentence for each faulty part; empty when all is well."""
    faults = {}
    try:
        faults["timetable"] = _timetable_fault(last_beat(TIMETABLE), at)
    except DatabaseFailure:
        logger.exception("healthz: database")
        faults["database"] = "数据库不可用，或尚未迁移"
        faults["timetable"] = "数据库不可用，无法判断"
    faults["broker"] = _redis_fault() if settings.REDIS_URL else _folder_fault()
    return {part: fault for part, fault in faults.items() if fault}


def _timetable_fault(beat_at: datetime | None, at: datetime) -> str:
    if beat_at is None:
        return "定时任务尚未运行过：请检查 worker 和 beat 两个进程"
    if at - beat_at > LONGEST_SILENCE:
        return f"定时任务自 {timezone.localtime(beat_at):%Y-%m-%d %H:%M:%S} 起没有运行：请检查 worker 和 beat 两个进程"
    return ""


def _redis_fault() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=_WAIT_SECONDS, socket_timeout=_WAIT_SECONDS
        ) as client:
            client.ping()
    except redis.RedisError:
        logger.exception("healthz: broker")
        return "消息队列（Redis）不可用"
    return ""


def _folder_fault() -> str:
    return "" if os.access(settings.VAR_DIR, os.W_OK) else "数据目录不可写，消息队列不可用"
