"""Days of the county as moments."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def start_of(day: date) -> datetime:
    """The midnight with which the local `day` begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The midnight with which the local `day` ends: the first moment that is no longer in it."""
    return start_of(day + timedelta(days=1))
