"""The program's own timetable with the sweep started every half second instead of every minute, for tests that wait."""

from pingyi_grid.celery import app
from pingyi_grid.schedule import TIMETABLE

app.conf.beat_schedule = {"sweep": {**TIMETABLE["sweep"], "schedule": 0.5}}
