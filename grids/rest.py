"""What every view of the API shares: the scope of the caller, narrowed by the key of another system."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.key_scopes import may_write
from accounts.models import ApiClient
from accounts.permissions import Permission
from grids.middleware import scope_of
from grids.scope import Scope, nobody


class ScopedAPIView(APIView):
    """Base of every view of the API; stands first among the bases. `self.scope` and `request.scope` are the same.

    The API learns who calls after the middleware did its work, so the scope is built again here, and a key takes from
    it whatever it was not given.
    """

    @property
    def scope(self) -> Scope:
        """The caller's scope; nobody's where there is no caller (while the schema is generated)."""
        return getattr(self.request, "scope", None) or nobody(timezone.localdate())

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        scope = scope_of(request)
        if isinstance(request.auth, ApiClient):
            scope = narrowed(scope, request.auth.permissions)
        request._request.scope = scope  # type: ignore[attr-defined]

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        client = request.auth
        if isinstance(client, ApiClient) and request.method not in SAFE_METHODS and not may_write(client.scopes):
            raise PermissionDenied("该密钥只能读取；需要写入请联系安全管理员重新签发。", code="key_reads_only")


def narrowed(scope: Scope, permissions: frozenset[Permission]) -> Scope:
    """`scope` without the permissions that are not among `permissions`; its places stay as they are."""
    holdings = tuple(
        replace(
            holding,
            permissions=holding.permissions & permissions,
            everywhere=holding.everywhere & permissions,
        )
        for holding in scope.holdings
    )
    return replace(scope, holdings=holdings)
