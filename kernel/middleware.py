"""What no address may carry."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest


class NoNulMiddleware:
    """PostgreSQL takes no NUL character: an address with one is nowhere, a question with one cannot be asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("网址中含有不能接受的字符。", content_type="text/plain; charset=utf-8")
        return self.get_response(request)
