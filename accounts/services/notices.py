"""Telling people: a row in their inbox at once, and a delivery where an outside channel is configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts import rules
from accounts.choices import Channel
from accounts.models import BODY_LENGTH, SUBJECT_LENGTH, Delivery, Notice, User
from accounts.viewer import Viewer


@dataclass(frozen=True)
class Message:
    """What some people are told; somebody named twice is told once."""

    users: tuple[User, ...]
    subject: str
    body: str = ""
    url: str = ""
    urgent: bool = False


def notify(
    *, users: Iterable[User], subject: str, body: str = "", url: str = "", urgent: bool = False, at: datetime
) -> list[Notice]:
    """Put a notice in the inbox of each of `users`, once however often one is named; returns them, may be empty.

    Writes in the transaction of the caller, two statements at most for a hundred people. Nobody is rung up between
    22:00 and 07:00 unless it is `urgent`; the inbox has it at once. Overlong text is cut.
    """
    return notify_each([Message(tuple(users), subject, body, url, urgent)], at=at)


def notify_each(messages: Iterable[Message], *, at: datetime) -> list[Notice]:
    """Many messages as `notify` sends one, in as few statements as one."""
    notices = [notice for message in messages for notice in _notices(message, at)]
    if not notices:
        return []
    with transaction.atomic(savepoint=False):
        Notice.objects.bulk_create(notices)
        _send_out(notices, at)
    return notices


def _notices(message: Message, at: datetime) -> Iterator[Notice]:
    for user in {user.pk: user for user in message.users}.values():
        yield Notice(
            recipient=user,
            subject=_fit(message.subject, SUBJECT_LENGTH),
            body=_fit(message.body, BODY_LENGTH),
            url=message.url,
            urgent=message.urgent,
            created_at=at,
        )


def mark_read(*, notice: Notice, at: datetime) -> None:
    """The recipient has seen it; the first time counts."""
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=at)


def mark_all_read(*, by: Viewer, at: datetime) -> int:
    """Everything in one's own inbox is read; returns how many were not."""
    return Notice.objects.visible_to(by).unread().update(read_at=at)


def _send_out(notices: list[Notice], at: datetime) -> None:
    """Deliveries for those who can be reached outside; none without a mail server, so that nothing waits in vain."""
    if not settings.EMAIL_URL:
        return
    Delivery.objects.bulk_create(
        Delivery(
            notice=notice,
            channel=Channel.EMAIL,
            address=notice.recipient.email,
            next_attempt_at=rules.first_attempt_at(at, urgent=notice.urgent),
        )
        for notice in notices
        if notice.recipient.email and notice.recipient.is_active
    )


def _fit(text: str, most: int) -> str:
    """`text` on one line and within `most` characters, the last of them … when something was cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
