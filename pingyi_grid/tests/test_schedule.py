from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from conftest import NOW
from kernel.models import Heartbeat
from pingyi_grid import tasks
from pingyi_grid.celery import app
from pingyi_grid.housekeeping import forget_the_expired
from pingyi_grid.schedule import TIMETABLE


def test_every_line_of_the_timetable_starts_a_task_that_there_is():
    app.loader.import_default_modules()
    assert [entry["task"] for entry in TIMETABLE.values() if entry["task"] not in app.tasks] == []


def test_a_message_that_waited_a_whole_interval_is_dropped():
    waits = {name: entry["options"]["expires"] for name, entry in TIMETABLE.items()}
    assert waits == {"heartbeat": 30, "sweep": 60, "deliver": 60, "tidy": 3600}


def test_the_night_is_the_night_in_shanghai():
    tidy = TIMETABLE["tidy"]["schedule"]
    tidy.app = app
    evening = datetime(2026, 11, 23, 19, 19, tzinfo=UTC)
    tidy.nowfun = lambda: evening.astimezone(app.timezone)
    assert tidy.remaining_estimate(evening - timedelta(hours=1)) == timedelta(minutes=1)


def test_messages_carry_no_results_and_survive_the_death_of_a_worker():
    assert app.conf.task_ignore_result
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.task_time_limit < 3600, "a task must end before Redis gives it to a second worker"


@pytest.mark.django_db
def test_the_tasks_run_on_an_empty_database():
    for task in (tasks.heartbeat, tasks.sweep, tasks.deliver, tasks.tidy):
        task()
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db
def test_sessions_that_ended_are_forgotten_and_others_kept():
    Session.objects.create(session_key="ended", session_data="", expire_date=NOW - timedelta(seconds=1))
    Session.objects.create(session_key="open", session_data="", expire_date=NOW + timedelta(seconds=1))
    forget_the_expired(at=NOW)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_the_program_lives_in_shanghai():
    assert str(timezone.get_default_timezone()) == str(app.timezone) == "Asia/Shanghai"
