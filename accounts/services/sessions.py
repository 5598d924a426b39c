"""Signing in and out: who may, which session holds, and the line in the audit chain."""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.models import AccessAttempt  # type: ignore[import-untyped]  # axes ships no types
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts import rules
from accounts.models import User
from accounts.viewer import Viewer, Visitor
from kernel.audit import record
from kernel.refusal import Refused


def admit(*, user: User, at: datetime) -> None:
    """Refused when an account, its password right, was not used for 90 days; one of the demo never ages."""
    last_use = max(filter(None, (user.last_login, user.active_since, user.created_at)))
    if not user.is_demo and rules.is_unused(last_use, at):
        days = rules.UNUSED_AGE.days
        raise Refused(f"账号超过 {days} 天未使用，已锁定，请联系系统管理员重置密码。", code="unused_account")


def record_sign_in(*, user: User, session_key: str, by: Viewer, at: datetime) -> timedelta:
    """Note that `user` signed in, and return how long the session may idle.

    It becomes the only session of an administrator. A password of more than 90 days must be changed first.
    """
    with transaction.atomic():
        user.session_key = _held_key(by, session_key)
        if not user.is_demo and rules.password_is_old(user.password_changed_at, at):
            user.must_change_password = True
        user.save(update_fields=["session_key", "must_change_password"])
        record(verb="user.sign_in", subject=f"user:{user.pk}", by=by, at=at, details={"username": user.username})
    return rules.idle_limit(by.roles)


def bind_session(*, user: User, session_key: str, by: Viewer) -> None:
    """The key of a session changed (a new password was set): it stays the only one of an administrator."""
    User.objects.filter(pk=user.pk).update(session_key=_held_key(by, session_key))


def record_failed_sign_in(*, username: str, locked: bool, address: str, at: datetime) -> None:
    """Note that somebody tried and failed; `locked` when no further try is heard for a while."""
    with transaction.atomic():
        record(
            verb="user.sign_in_locked" if locked else "user.sign_in_failed",
            subject=f"username:{username}",
            by=Visitor(address),
            at=at,
        )


def record_sign_out(*, by: Viewer, at: datetime) -> None:
    with transaction.atomic():
        record(verb="user.sign_out", subject=f"user:{by.user_id}", by=by, at=at)


def unlocked_at(*, username: str, address: str, at: datetime) -> datetime:
    """When a locked sign-in name may be tried again from this address: so long after the last failure."""
    attempts = AccessAttempt.objects.filter(username=username, ip_address=address)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or at
    return last + timedelta(hours=settings.AXES_COOLOFF_TIME)


def _held_key(by: Viewer, session_key: str) -> str:
    """The session that alone may go on; empty for those who may have several."""
    return session_key if rules.is_admin(by.roles) else ""
