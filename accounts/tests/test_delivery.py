"""Letters on their way: claimed, sent, tried again, given up; never in the way of the work."""

import socket
from datetime import datetime, timedelta
from itertools import chain
from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts import services
from accounts.delivery import BACKOFF, LEASE, Drained, drain
from accounts.models import Delivery, User
from kernel.choices import DeliveryState
from tests.processes import BACKENDS, scratch_database

MINUTE = timedelta(minutes=1)
_START = "2026-11-23T09:00:00+08:00"


class RefusingMailbox(EmailBackend):
    """A mail server that takes letters for everybody but one."""

    def send_messages(self, messages):
        if messages[0].to == ["p1@example.org"]:
            raise SMTPRecipientsRefused({"p1@example.org": (550, b"no such user")})
        return super().send_messages(messages)


@pytest.fixture
def letters(db, settings, now):
    """Three letters that are due now."""
    settings.EMAIL_URL = "smtp://127.0.0.1:25"
    users = User.objects.bulk_create(User(name=f"人{n}", email=f"p{n}@example.org") for n in range(3))
    for user in users:
        services.notify(users=[user], subject=f"给{user.name}", body="请签收", at=now)


@pytest.fixture
def dead_server(settings):
    """The address of a mail server that is not there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"


def rows(*fields: str) -> list[tuple]:
    return list(Delivery.objects.order_by("id").values_list(*fields))


def test_what_is_due_is_sent_once(letters, now):
    assert drain(now, limit=10) == Drained(sent=3)
    assert drain(now, limit=10) == Drained()
    assert [(m.to, m.subject) for m in mail.outbox] == [
        ([f"p{n}@example.org"], f"【平邑网格】给人{n}") for n in range(3)
    ]
    assert mail.outbox[0].body == "请签收\n\n时间：2026-11-23 09:00\n请登录平邑网格查看。"
    assert rows("state", "attempts", "sent_at", "leased_until") == [(DeliveryState.SENT, 1, now, None)] * 3


def test_the_oldest_go_first_and_no_more_than_asked(letters, now):
    assert drain(now, limit=2) == Drained(sent=2)
    assert rows("state") == [("sent",), ("sent",), ("waiting",)]


def test_what_is_not_due_waits(letters, now):
    Delivery.objects.update(next_attempt_at=now + MINUTE)
    assert drain(now, limit=10) == Drained()


def test_an_urgent_letter_says_so(letters, now):
    services.notify(users=User.objects.filter(name="人0"), subject="超标", urgent=True, at=now)
    drain(now, limit=10)
    assert mail.outbox[-1].subject == "【平邑网格】紧急：超标"


def test_without_a_mail_server_nothing_is_claimed(letters, settings, now):
    settings.EMAIL_URL = ""
    assert drain(now, limit=10) == Drained()
    assert rows("attempts", "leased_until") == [(0, None)] * 3


def test_a_dead_server_is_tried_again_later_and_given_up_at_last(letters, dead_server, now):
    at, waits = now, []
    for wait in BACKOFF:
        assert drain(at, limit=10) == Drained(failed=3)
        waits.append(Delivery.objects.first().next_attempt_at - at)
        assert drain(at + wait - timedelta(seconds=1), limit=10) == Drained()
        at += wait
    assert waits == [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE]
    assert drain(at, limit=10) == Drained(dead=3)
    assert drain(at + timedelta(days=9), limit=10) == Drained()
    assert rows("state", "attempts") == [(DeliveryState.DEAD, 5)] * 3
    assert Delivery.objects.first().last_error.startswith("ConnectionRefusedError")


def test_a_dead_server_never_stops_anybody_from_being_told(letters, dead_server, cast, now):
    User.objects.filter(username="town").update(email="town@example.org")
    services.notify(users=User.objects.filter(username="town"), subject="照常", at=now)
    assert cast.client("town").get("/notices/").context["page"][0].subject == "照常"


def test_a_server_that_comes_back_gets_everything(letters, dead_server, settings, now):
    drain(now, limit=10)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert drain(now + MINUTE, limit=10) == Drained(sent=3)


def test_one_refused_address_does_not_hold_up_the_others(letters, settings, now):
    settings.EMAIL_BACKEND = f"{__name__}.RefusingMailbox"
    assert drain(now, limit=10) == Drained(sent=2, failed=1)
    assert rows("state") == [("sent",), ("waiting",), ("sent",)]


def test_an_address_that_fits_no_header_is_a_failure_of_that_letter(letters, now):
    Delivery.objects.filter(address="p1@example.org").update(address="p1@example.org\nBcc: all@example.org")
    assert drain(now, limit=10) == Drained(sent=2, failed=1)


def test_a_worker_that_died_is_followed_by_another(letters, now):
    Delivery.objects.update(leased_until=now + LEASE, attempts=1)
    assert drain(now + LEASE - timedelta(seconds=1), limit=10) == Drained()
    assert drain(now + LEASE, limit=10) == Drained(sent=3)


def test_a_worker_too_late_leaves_the_row_to_the_next(letters, settings, now):
    """Its lease ran out while it was sending, and another one has claimed the row: the mark of the first is void."""
    settings.EMAIL_BACKEND = f"{__name__}.Usurper"
    drain(now, limit=1)
    assert rows("state", "leased_until")[0] == (DeliveryState.WAITING, now + 2 * LEASE)


class Usurper(EmailBackend):
    """While this mailbox works, another worker takes over the lease."""

    def send_messages(self, messages):
        first = Delivery.objects.order_by("id").first()
        Delivery.objects.filter(pk=first.pk).update(leased_until=first.leased_until + LEASE)
        return super().send_messages(messages)


def write_letters(count: int) -> None:
    users = User.objects.bulk_create(User(name=f"人{n}", email=f"p{n}@example.org") for n in range(count))
    services.notify(users=users, subject="通知", at=datetime.fromisoformat(_START))


def send_letters(_index: int) -> list[str]:
    """Whom this process wrote to, into a mailbox of its own."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    drain(datetime.fromisoformat(_START), limit=100)
    return [letter.to[0] for letter in getattr(mail, "outbox", [])]


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_of_four_workers_one_sends_each_letter(backend, monkeypatch):
    monkeypatch.setenv("PINGYI_EMAIL_URL", "smtp://127.0.0.1:25")
    with scratch_database(backend) as database:
        database.run(write_letters, 60)
        sent = database.run_together(send_letters, count=4)
    assert sorted(chain.from_iterable(sent)) == sorted(f"p{n}@example.org" for n in range(60))
