"""Notices on their way out: claimed with a lease, sent outside any transaction, then marked.

A worker that dies leaves a lease that runs out; the next one tries again. What cannot be sent waits longer each time
and is given up at last: the inbox has had it all along.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts.models import Delivery
from kernel.choices import DeliveryState

logger = logging.getLogger(__name__)

# Waiting after the first, second … failure; after the last one a delivery is dead.
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
# Seconds to wait for an answer of the mail server.
TIMEOUT = 10
# Longer than the quarter of an hour after which a worker's task is ended: nobody repeats what is still being sent.
LEASE = timedelta(minutes=20)
SITE = "平邑网格"

# What can happen at a mail server: it is not there or refuses (OSError, of which SMTPException is one), or it is given
# an address that fits into no header (ValueError). Anything else is a mistake of ours and may be seen.
_FAILURES = (OSError, ValueError)


@dataclass(frozen=True)
class Drained:
    """What became of a batch; `failed` are tried again, `dead` are not."""

    sent: int = 0
    failed: int = 0
    dead: int = 0


def drain(at: datetime, limit: int) -> Drained:
    """Send what is due at `at`, oldest first, at most `limit`; nothing at all without a mail server in the settings."""
    if not settings.EMAIL_URL:
        return Drained()
    batch = _claim(at, limit)
    if not batch:
        return Drained()
    states = Counter(_send_all(batch, at))
    return Drained(states[DeliveryState.SENT], states[DeliveryState.WAITING], states[DeliveryState.DEAD])


def _claim(at: datetime, limit: int) -> list[Delivery]:
    """The deliveries that are ours until the lease ends; of two workers that want a row, the update lets one in."""
    due = Delivery.objects.claimable(at).select_related("notice").order_by("next_attempt_at", "id")[:limit]
    return [delivery for delivery in due if _is_claimed(delivery, at)]


def _is_claimed(delivery: Delivery, at: datetime) -> bool:
    row = Delivery.objects.claimable(at).filter(pk=delivery.pk)
    delivery.leased_until, delivery.attempts = at + LEASE, delivery.attempts + 1
    return bool(row.update(leased_until=delivery.leased_until, attempts=delivery.attempts))


def _send_all(batch: list[Delivery], at: datetime) -> Iterator[DeliveryState]:
    """Send one after the other through one connection; once that is lost, the rest fail at once."""
    connection = get_connection(timeout=TIMEOUT)
    lost = _failure(connection.open)
    for delivery in batch:
        failure = lost or _failure(_letter(delivery, connection).send)
        if failure is None:
            _mark(delivery, state=DeliveryState.SENT, sent_at=at, last_error="")
            yield DeliveryState.SENT
            continue
        lost = lost or (failure if _is_lost(failure) else None)
        yield _fail(delivery, failure, at)
    connection.close()


def _failure(act: Callable[[], object]) -> Exception | None:
    """Do it; what went wrong at the mail server, or None."""
    try:
        act()
    except _FAILURES as error:
        logger.warning("mail not sent: %s", error)
        return error
    return None


def _is_lost(failure: Exception) -> bool:
    """True when the connection is gone, not one letter refused."""
    if isinstance(failure, SMTPException):
        return isinstance(failure, SMTPServerDisconnected)
    return isinstance(failure, OSError)


def _letter(delivery: Delivery, connection: BaseEmailBackend) -> EmailMessage:
    notice = delivery.notice
    subject = f"【{SITE}】{'紧急：' if notice.urgent else ''}{notice.subject}"
    written = timezone.localtime(notice.created_at)
    body = f"{notice.body or notice.subject}\n\n时间：{written:%Y-%m-%d %H:%M}\n请登录{SITE}查看。"
    return EmailMessage(subject, body, to=[delivery.address], connection=connection)


def _fail(delivery: Delivery, failure: Exception, at: datetime) -> DeliveryState:
    """Note why, and when to try again; dead after the last attempt."""
    reason = f"{type(failure).__name__}: {failure}"[:300]
    if delivery.attempts > len(BACKOFF):
        _mark(delivery, state=DeliveryState.DEAD, last_error=reason)
        return DeliveryState.DEAD
    _mark(delivery, next_attempt_at=at + BACKOFF[delivery.attempts - 1], last_error=reason)
    return DeliveryState.WAITING


def _mark(delivery: Delivery, **values: object) -> None:
    """Note the outcome and give the lease back, unless it ran out and the row is another worker's by now."""
    ours = Delivery.objects.filter(pk=delivery.pk, leased_until=delivery.leased_until, state=DeliveryState.WAITING)
    ours.update(leased_until=None, **values)
