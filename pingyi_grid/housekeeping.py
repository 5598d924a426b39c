"""What is done every night, so that the program stays as small and as fast as on its first day."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from cases.services.photos import forget_abandoned
from kernel.rest import forget_old_answers

# 网络安全法 第二十一条: records of network operation are kept for at least six months.
SIGN_IN_AGE = timedelta(days=190)


def keep_house(*, at: datetime) -> None:
    """What is done every night: delete what outlived its use, and tell the planner how large the tables have become."""
    forget_the_expired(at=at)
    forget_abandoned(at=at)
    refresh_statistics()


@transaction.atomic
def forget_the_expired(*, at: datetime) -> None:
    """Deletes sessions that ended, answers past their 72 hours and failed sign-ins older than half a year."""
    Session.objects.filter(expire_date__lt=at).delete()
    forget_old_answers(at)
    AccessAttempt.objects.filter(attempt_time__lt=at - SIGN_IN_AGE).delete()


def refresh_statistics() -> None:
    """SQLite counts its tables only when told to; without, a list of 100,000 cases took five times as long."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
