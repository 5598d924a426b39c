"""How often another system may call: per client, so that one busy system does not slow the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiClient

if TYPE_CHECKING:
    # DRF reads this module while it builds its views: importing them here would go in a circle.
    from rest_framework.request import Request
    from rest_framework.views import APIView


class ClientRate(SimpleRateThrottle):
    """Counts the calls of a client in the shared cache; people signed in are not counted."""

    scope = "client"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if not isinstance(request.auth, ApiClient):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.auth.prefix}
