"""Accounts: made, given a password, closed and opened again. Every verb writes its line in the audit chain."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import rules
from accounts.choices import UserKind
from accounts.models import PastPassword, User
from accounts.permissions import Permission
from accounts.services.notices import notify
from accounts.viewer import Viewer
from kernel.audit import record
from kernel.refusal import Refused

_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.@-]{1,39}")


def create_user(
    *,
    name: str,
    username: str | None = None,
    password: str | None = None,
    phone: str = "",
    office_phone: str = "",
    email: str = "",
    kind: UserKind = UserKind.PERSON,
    must_change: bool = True,
    is_demo: bool = False,
    by: Viewer,
    at: datetime,
) -> User:
    """A new person; without `username` one who only holds a post, without `password` one who cannot sign in yet.

    The sign-in name is kept in lower case. `must_change` asks for a password of the person's own at the first sign-in.
    Refused when the sign-in name is taken or malformed, the name is empty, or the password breaks the rules.
    """
    _may_keep_accounts(by)
    user = User(
        name=_name(name),
        username=_username(username),
        phone=phone,
        office_phone=office_phone,
        email=email,
        kind=kind,
        is_demo=is_demo,
        active_since=at,
    )
    _check_fields(user)
    _encode_password(user, password, must_change, at)
    with transaction.atomic():
        if user.username and User.objects.filter(username=user.username).exists():
            raise Refused(f"登录名“{user.username}”已有人使用，请换一个。", code="username_taken")
        user.save(force_insert=True)
        record(verb="user.create", subject=_subject(user), by=by, at=at, details=_words(user))
    return user


def set_password(*, user: User, password: str, by: Viewer, at: datetime) -> User:
    """Give somebody a password for the next sign-in, where a new one must be chosen; their open sessions end.

    An account that was not used for 90 days opens again; a notice tells the person. Refused when the password breaks
    the rules or was used before.
    """
    _may_keep_accounts(by)
    with transaction.atomic():
        user = _locked(user)
        _replace_password(user, password, must_change=True, at=at)
        User.objects.filter(pk=user.pk).update(active_since=at)
        notify(users=[user], subject="您的密码已重置", body=f"由{by.name}重置，登录后请立即修改。", at=at)
        record(verb="user.reset_password", subject=_subject(user), by=by, at=at, details=_words(user))
    return user


def change_own_password(*, user: User, password: str, by: Viewer, at: datetime) -> User:
    """The password that a person chose; administrators' are longer. Other open sessions of the person end.

    Refused when the password breaks the rules or was used before. The caller has checked the present one.
    """
    if by.user_id != user.pk:
        raise Refused("只能修改自己的密码。", code="not_own_password")
    with transaction.atomic():
        user = _locked(user)
        _replace_password(user, password, must_change=False, at=at, roles=by.roles)
        record(verb="user.change_password", subject=_subject(user), by=by, at=at)
    return user


def require_password_change(*, user: User, by: Viewer, at: datetime) -> None:
    """Ask for a new password at the next request: whoever becomes an administrator needs a longer one."""
    _may_keep_accounts(by)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(must_change_password=True)
        record(verb="user.require_password_change", subject=_subject(user), by=by, at=at, details=_words(user))


def update_contact(
    *, user: User, name: str, phone: str, office_phone: str, email: str, by: Viewer, at: datetime
) -> User:
    """Name and numbers as they are now; the audit chain keeps which changed, and the name as it was."""
    _may_keep_accounts(by)
    with transaction.atomic():
        user = _locked(user)
        values = {"name": _name(name), "phone": phone, "office_phone": office_phone, "email": email}
        changed = [field for field, value in values.items() if getattr(user, field) != value]
        before = _words(user)
        for field in changed:
            setattr(user, field, values[field])
        _check_fields(user)
        user.save(update_fields=changed)
        record(verb="user.update", subject=_subject(user), by=by, at=at, details=before | {"changed": changed})
    return user


def disable_user(*, user: User, by: Viewer, at: datetime) -> None:
    """Close an account: sessions and keys of the person are refused from the next request on.

    Refused for one's own account, so that there is always an administrator left.
    """
    _may_keep_accounts(by)
    if by.user_id == user.pk:
        raise Refused("不能停用自己的账号，请由另一位系统管理员操作。", code="own_account")
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, session_key=""):
            raise Refused(f"{user.name}的账号已经停用。", code="already_disabled")
        record(verb="user.disable", subject=_subject(user), by=by, at=at, details=_words(user))


def enable_user(*, user: User, by: Viewer, at: datetime) -> None:
    """Open an account again, one closed by hand as well as one that was not used for 90 days."""
    _may_keep_accounts(by)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True, active_since=at)
        record(verb="user.enable", subject=_subject(user), by=by, at=at, details=_words(user))


def _may_keep_accounts(by: Viewer) -> None:
    if not by.has(Permission.USER_EDIT):
        raise Refused("只有系统管理员可以管理账号。", code="not_permitted")


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _name(name: str) -> str:
    name = name.strip()
    if not name:
        raise Refused("请填写姓名。", code="name_missing")
    return name


def _check_fields(user: User) -> None:
    """Refused for a value that does not fit its field: too long, not an e-mail address."""
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        faults = [
            f"{User._meta.get_field(field).verbose_name}：{''.join(messages)}"  # type: ignore[union-attr]
            for field, messages in error.message_dict.items()
        ]
        raise Refused("；".join(faults), code="malformed") from error


def _username(username: str | None) -> str | None:
    if not username:
        return None
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Refused("登录名须为 2 至 40 个字母、数字或 . _ - @，以字母或数字开头。", code="username_malformed")
    return username


def _replace_password(
    user: User, password: str, *, must_change: bool, at: datetime, roles: Collection[str] = ()
) -> None:
    _check_password(password, user, roles)
    if user.has_usable_password():
        PastPassword.objects.create(user=user, password=user.password, replaced_at=at)
    kept = user.past_passwords.values_list("pk", flat=True)[: rules.PASSWORD_HISTORY]
    user.past_passwords.exclude(pk__in=list(kept)).delete()
    user.set_password(password)
    user.must_change_password, user.password_changed_at = must_change, at
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])


def _encode_password(user: User, password: str | None, must_change: bool, at: datetime) -> None:
    if password is None:
        user.set_unusable_password()
        return
    _check_password(password, user, roles=())
    user.set_password(password)
    user.must_change_password, user.password_changed_at = must_change, at


def _check_password(password: str, user: User, roles: Collection[str]) -> None:
    least = rules.least_length(roles)
    if len(password) < least:
        raise Refused(f"密码至少 {least} 个字符。", code="password_too_short")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("".join(error.messages), code="password_refused") from error


def _subject(user: User) -> str:
    return f"user:{user.pk}"


def _words(user: User) -> dict[str, str]:
    """Who it was in words, for the day when the row says something else."""
    return {"name": user.name, "username": user.username or ""}
