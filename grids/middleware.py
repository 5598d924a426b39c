"""Puts the scope of the signed-in person on the request, built once and only when asked for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from grids.scope import Scope, nobody, scope_for


def scope_of(request: HttpRequest) -> Scope:
    """The scope of whoever makes `request`, today."""
    today = timezone.localdate()
    if not request.user.is_authenticated:
        return nobody(today)
    return scope_for(request.user, today, request.META.get("REMOTE_ADDR", ""))


class ScopeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.scope = SimpleLazyObject(lambda: scope_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)
