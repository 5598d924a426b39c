"""What the timetable starts: the moment is read here, once, and handed to one service."""

from django.utils import timezone

from accounts.delivery import drain
from pingyi_grid.celery import app
from pingyi_grid.health import record_heartbeat
from pingyi_grid.housekeeping import keep_house
from pingyi_grid.sweep import sweep_all

# At 500 cases a second and more, a scan stays far below the interval and a backlog is worked off within minutes.
SWEEP_LIMIT = 5000
DELIVERY_LIMIT = 200


@app.task
def heartbeat() -> None:
    record_heartbeat(at=timezone.now())


@app.task
def sweep() -> None:
    sweep_all(at=timezone.now(), limit=SWEEP_LIMIT)


@app.task
def deliver() -> None:
    drain(at=timezone.now(), limit=DELIVERY_LIMIT)


@app.task
def tidy() -> None:
    keep_house(at=timezone.now())
