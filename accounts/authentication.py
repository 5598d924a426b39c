"""Who calls the API: another system by its key, or a person by the session of the pages."""

import re

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiClient, User

_KEY = re.compile(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}")


class ClientKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`: `request.user` is the user the client acts for, `request.auth` the client.

    The first class of the API, so its header makes every refusal to a stranger a 401, by key or by session.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiClient] | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        client = _client_of(key.strip())
        return client.user, client

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class PersonSessionAuthentication(SessionAuthentication):
    """The session of the pages, with the CSRF token in the header `X-CSRFToken`."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as denied:
            raise PermissionDenied("缺少或已失效的页面令牌（X-CSRFToken），请刷新页面后重试。", code="csrf") from denied


def _client_of(key: str) -> ApiClient:
    """The live client whose key this is; AuthenticationFailed says why not, to the holder of the key alone."""
    if not _KEY.fullmatch(key):
        raise AuthenticationFailed("密钥格式不对，请核对后重试。", code="key_invalid")
    client = ApiClient.objects.select_related("user").filter(prefix=key.partition(".")[0]).first()
    if client is None or not client.is_valid(key):
        raise AuthenticationFailed("密钥无效，请核对后重试。", code="key_invalid")
    if client.revoked:
        raise AuthenticationFailed("密钥已停用，请联系安全管理员重新签发。", code="key_revoked")
    if client.has_expired:
        raise AuthenticationFailed("密钥已过期，请联系安全管理员重新签发。", code="key_expired")
    if not client.user.is_active:
        raise AuthenticationFailed("密钥所代表的账号已停用，请联系系统管理员。", code="user_disabled")
    return client
