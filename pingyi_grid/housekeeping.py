"""Rows that outlived their use."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import transaction

from kernel.rest import forget_old_answers

# 网络安全法 第二十一条: records of network operation are kept for at least six months.
SIGN_IN_AGE = timedelta(days=190)


@transaction.atomic
def forget_the_expired(*, at: datetime) -> None:
    """Deletes sessions that ended, answers past their 72 hours and failed sign-ins older than half a year."""
    Session.objects.filter(expire_date__lt=at).delete()
    forget_old_answers(at)
    AccessAttempt.objects.filter(attempt_time__lt=at - SIGN_IN_AGE).delete()
