"""How often another system may call: per client, so that one busy system does not slow the others."""

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from accounts.models import ApiClient


class ClientRate(SimpleRateThrottle):
    """Counts the calls of a client in the shared cache; people signed in are not counted."""

    scope = "client"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if not isinstance(request.auth, ApiClient):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.auth.prefix}
