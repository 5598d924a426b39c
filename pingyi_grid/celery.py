"""The Celery application of the worker and of the timetable.

A message only says "look now": every task is a scan that claims its own rows, so a lost message costs one interval,
a doubled one nothing. No results, no eta, no countdown.
"""

import logging.config
import os
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pingyi_grid.settings")

from celery import Celery
from celery.signals import beat_init, setup_logging
from django.conf import settings

from pingyi_grid.schedule import TIMETABLE

# Celery warns root on account of pickled messages; ours are JSON, and nothing else is accepted.
warnings.filterwarnings("ignore", "You're running the worker with superuser privileges")


def _broker() -> dict:
    """Redis where `REDIS_URL` names one, else a folder: enough for one worker in one process."""
    if settings.REDIS_URL:
        return {
            "broker_url": settings.REDIS_URL,
            # Longer than any task may run, so that no task is delivered to a second worker while the first is at it.
            # A throttle of 1 looks for messages of dead workers at every turn; the default took about 100 s more.
            "broker_transport_options": {"visibility_timeout": 3600, "unacked_restore_throttle": 1},
        }
    folder = settings.VAR_DIR / "broker"
    queue = folder / "queue"
    queue.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://localhost",
        "broker_transport_options": {
            "data_folder_in": str(queue),
            "data_folder_out": str(queue),
            "control_folder": str(folder / "control"),
        },
        # Several processes deadlock on a folder after one of them is killed.
        "worker_pool": "solo",
    }


app = Celery("pingyi_grid", include=["pingyi_grid.tasks"])
app.conf.update(
    _broker(),
    timezone=settings.TIME_ZONE,
    beat_schedule=TIMETABLE,
    # In memory: the schedule is code, and a file of last runs could only go stale.
    beat_scheduler="celery.beat:Scheduler",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=900,
    worker_concurrency=settings.WORKER_PROCESSES,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=500,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)


@setup_logging.connect
def _log_like_the_web(**_kwargs: object) -> None:
    logging.config.dictConfig(settings.LOGGING)


@beat_init.connect
def _beat_at_once(**_kwargs: object) -> None:
    """A timetable that just started shows itself now, not only after the first interval."""
    app.send_task("pingyi_grid.tasks.heartbeat")
