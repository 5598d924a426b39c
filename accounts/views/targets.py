"""Where a page may send the browser next."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def local_target(request: HttpRequest, target: str, otherwise: str = settings.LOGIN_REDIRECT_URL) -> str:
    """`target` when it is the path of a page of ours; never another host, whatever the address said.

    A word without a slash would be looked up as the name of a view, and there is none.
    """
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours and target.startswith("/") else resolve_url(otherwise)
