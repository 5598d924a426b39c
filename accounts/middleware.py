"""Where a request comes from, and how long and under which conditions a session stays open."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

Handler = Callable[[HttpRequest], HttpResponse]

# Reachable with a password that must be changed first.
_BEFORE_PASSWORD = frozenset({"accounts:password", "accounts:sign_out"})
_SEEN_AT = "seen_at"
# One write of a session a minute is enough to know whether a quarter of an hour has passed.
_SEEN_EVERY = 60


class ClientAddressMiddleware:
    """Puts the caller's own address in REMOTE_ADDR when `PROXY_COUNT` proxies of ours stand in front.

    Each proxy appends the address it saw to X-Forwarded-For, so the caller's is as many from the right as there are
    proxies; what stands left of it was written by the caller and is not believed.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.PROXY_COUNT:
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            address = _address(forwarded[-settings.PROXY_COUNT :][0])
            if address and len(forwarded) >= settings.PROXY_COUNT:
                request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


class SessionRulesMiddleware:
    """Ends a session that a later sign-in replaced, asks for a new password first, and counts the idle time.

    How long a session may idle was decided at sign-in (`accounts.rules.idle_limit`) and is its expiry; here every
    request within it starts the time anew. A disabled account is out already: its session has no user.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Callable, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        if request.user.session_key and request.user.session_key != request.session.session_key:
            logout(request)
            return _turned_away(request, 401, "您的账号已在别处登录，本次登录已结束。", settings.LOGIN_URL)
        _keep_alive(request)
        if request.user.must_change_password and not _leads_to_password(request):
            return _turned_away(request, 403, "请先修改密码。", "accounts:password")
        return None


def _leads_to_password(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.view_name in _BEFORE_PASSWORD


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""


def _keep_alive(request: HttpRequest) -> None:
    """Note that the session is in use; saving it moves its expiry."""
    now = int(timezone.now().timestamp())
    if now - request.session.get(_SEEN_AT, 0) >= _SEEN_EVERY:
        request.session[_SEEN_AT] = now


def _turned_away(request: HttpRequest, status: int, sentence: str, page: str) -> HttpResponse:
    """The way out for a person, or the problem for a program that asked the API."""
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": sentence, "status": status, "detail": sentence, "code": "session"}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    messages.warning(request, sentence)
    return redirect(page)
