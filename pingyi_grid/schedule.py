"""The timetable, in Asia/Shanghai: what the clock starts by itself.

Every entry starts a scan that may run twice, late or not at all without harm. A message that waited longer than
`expires` seconds is dropped: the next one does its work.
"""

from celery.schedules import crontab


def _every(seconds: int, task: str) -> dict:
    return {"task": f"pingyi_grid.tasks.{task}", "schedule": seconds, "options": {"expires": seconds}}


def _nightly(hour: int, minute: int, task: str) -> dict:
    return {
        "task": f"pingyi_grid.tasks.{task}",
        "schedule": crontab(hour=hour, minute=minute),
        "options": {"expires": 3600},
    }


TIMETABLE = {
    "heartbeat": _every(30, "heartbeat"),
    # An urgent matter must be signed for within 10 minutes, so a ladder that ran every 10 could be 10 minutes late.
    "sweep": _every(60, "sweep"),
    "deliver": _every(60, "deliver"),
    "tidy": _nightly(3, 20, "tidy"),
}
