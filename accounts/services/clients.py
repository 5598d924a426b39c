"""Keys for other systems: issued once, kept only as a hash, renewed by a new row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.key_scopes import KEY_SCOPES, unknown_scopes
from accounts.models import ApiClient, User
from accounts.permissions import Permission
from accounts.viewer import Viewer
from kernel.audit import record
from kernel.refusal import Refused


@dataclass(frozen=True)
class IssuedKey:
    """A client and its key, which is shown now and never again."""

    client: ApiClient
    key: str
    renewed: bool


def issue_key(
    *, name: str, user: User, scopes: Sequence[str], expires_at: datetime | None, by: Viewer, at: datetime
) -> IssuedKey:
    """A key with which the system `name` acts as `user` within `scopes`; an older key of that name stops at once.

    Refused for a scope that means nothing, an expiry in the past, and an account that is disabled.
    """
    _may_approve(by)
    _check(name, user, scopes, expires_at, at)
    with transaction.atomic():
        renewed = ApiClient.objects.filter(name=name, revoked=False).update(revoked=True)
        client = ApiClient(name=name, user=user, scopes=list(scopes), expiry_date=expires_at)
        key = ApiClient.objects.assign_key(client)
        client.save(force_insert=True)
        details = {"name": name, "user": user.name, "scopes": list(scopes), "expires_at": expires_at}
        record(verb="api_client.issue", subject=f"client:{client.prefix}", by=by, at=at, details=details)
    return IssuedKey(client, key, renewed=bool(renewed))


def revoke_key(*, client: ApiClient, by: Viewer, at: datetime) -> None:
    """The key is refused from now on, for good."""
    _may_approve(by)
    with transaction.atomic():
        if not ApiClient.objects.filter(pk=client.pk, revoked=False).update(revoked=True):
            raise Refused(f"“{client.name}”的密钥已经停用。", code="already_revoked")
        record(verb="api_client.revoke", subject=f"client:{client.prefix}", by=by, at=at, details={"name": client.name})


def _may_approve(by: Viewer) -> None:
    if not by.has(Permission.API_CLIENT_APPROVE):
        raise Refused("只有安全管理员可以审批外部系统的密钥。", code="not_permitted")


def _check(name: str, user: User, scopes: Sequence[str], expires_at: datetime | None, at: datetime) -> None:
    if not name.strip() or len(name) > 50:
        raise Refused("外部系统的名称须为 1 至 50 个字符。", code="name_malformed")
    if unknown := unknown_scopes(scopes):
        known = "、".join(KEY_SCOPES)
        raise Refused(f"没有这样的权限范围：{'、'.join(unknown)}。可用：{known}。", code="unknown_scope")
    if expires_at is not None and expires_at <= at:
        raise Refused("有效期须晚于现在。", code="expired")
    if not user.is_active:
        raise Refused(f"“{user.name}”的账号已停用，不能签发密钥。", code="user_disabled")
