"""A signed-in browser that speaks to the program in this process, through the whole of its middleware."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application

from accounts.models import User

_CSRF = "k" * 32
_application = get_wsgi_application()


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


class Browser:
    """Asks as `username`; a failure stops the benchmark: a fast page of an error would be a good figure."""

    def __init__(self, username: str) -> None:
        cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(username)}; {settings.CSRF_COOKIE_NAME}={_CSRF}"
        self.headers = {"Cookie": cookie, "X-CSRFToken": _CSRF, "Content-Type": "application/json"}

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        begun: list[str] = []
        environ = _environ(method, path, body) | {"HTTP_COOKIE": self.headers["Cookie"], "HTTP_X_CSRFTOKEN": _CSRF}
        response = _application(environ, lambda status, headers: begun.append(status))
        content = b"".join(response)
        response.close()
        status = int(begun[0][:3])
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise RuntimeError(f"{method} {path}: {begun[0]}\n{content[:2000].decode()}")
        return Answer(status, content)


def _environ(method: str, path: str, body: bytes) -> dict[str, Any]:
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }


def session_of(username: str) -> str:
    """The key of a new session of this person, who needs no password here."""
    user = User.objects.get(username=username)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PersonBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key
