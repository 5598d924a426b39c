"""Where a request comes from, and how long and under which conditions a session stays open."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.response import Response

from kernel.rest.problems import CONTENT_TYPE, problem

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
            ended = AuthenticationFailed("您的账号已在别处登录，本次登录已结束。", code="signed_in_elsewhere")
            return _turned_away(request, ended, settings.LOGIN_URL)
        _keep_alive(request)
        if request.user.must_change_password and not _leads_to_password(request):
            first = PermissionDenied("请先修改密码。", code="password_change_required")
            return _turned_away(request, first, "accounts:password")
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


def _turned_away(request: HttpRequest, failure: APIException, page: str) -> HttpResponse:
    """The way out for a person, or the problem for a program that asked the API."""
    if request.path.startswith("/api/"):
        answer = cast(Response, problem(failure, {}))  # None is for bugs; this is a failure it knows
        return JsonResponse(answer.data, status=answer.status_code, content_type=CONTENT_TYPE)
    messages.warning(request, str(failure.detail))
    return redirect(page)
