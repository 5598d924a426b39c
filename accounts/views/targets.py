"""Where a page may send the browser next."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def local_target(request: HttpRequest, target: str, otherwise: str = settings.LOGIN_REDIRECT_URL) -> str:
    """`target` when it is a page of ours; never another host, whatever the address said."""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else resolve_url(otherwise)
