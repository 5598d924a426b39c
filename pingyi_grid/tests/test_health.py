from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.utils import timezone

from conftest import NOW
from pingyi_grid.health import LONGEST_SILENCE, find_faults, record_heartbeat

pytestmark = pytest.mark.django_db
NEVER_RAN = {"timetable": "定时任务尚未运行过：请检查 worker 和 beat 两个进程"}


def test_all_is_well_while_the_timetable_beats():
    record_heartbeat(at=timezone.now())
    response = Client().get("/healthz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": configured.VERSION,
        "database": "ok",
        "broker": "ok",
        "timetable": "ok",
    }


def test_a_timetable_that_never_ran_is_a_fault():
    response = Client().get("/healthz")
    assert response.status_code == 503
    assert response.json()["status"] == "fault"
    assert find_faults(NOW) == NEVER_RAN


def test_a_timetable_that_fell_silent_is_a_fault_and_says_since_when():
    record_heartbeat(at=NOW)
    assert find_faults(NOW + LONGEST_SILENCE) == {}
    assert find_faults(NOW + LONGEST_SILENCE + timedelta(seconds=1)) == {
        "timetable": "定时任务自 2026-11-23 09:00:00 起没有运行：请检查 worker 和 beat 两个进程"
    }


def test_a_second_heartbeat_replaces_the_first():
    record_heartbeat(at=NOW)
    record_heartbeat(at=NOW + timedelta(hours=1))
    assert find_faults(NOW + timedelta(hours=1)) == {}


def test_a_broker_that_is_gone_is_a_fault_and_its_address_stays_secret(settings):
    record_heartbeat(at=NOW)
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    assert find_faults(NOW) == {"broker": "消息队列（Redis）不可用"}


def test_a_database_without_our_tables_is_a_fault():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kernel_heartbeat")
    assert find_faults(NOW) == {
        "database": "数据库不可用，或尚未迁移",
        "timetable": "数据库不可用，无法判断",
    }


def test_health_may_only_be_read():
    assert Client().post("/healthz").status_code == 405


def test_health_is_answered_without_tls_where_pages_are_not(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz").status_code == 503
    assert Client().get("/login/").status_code == 301
