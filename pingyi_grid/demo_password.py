"""The one password of all demo people: from the environment, or made at random and kept beside their data."""

import os
import secrets
from pathlib import Path

from django.conf import settings


def demo_password() -> str:
    """The password to give new demo people; from now on `kept_password` answers it."""
    password = settings.DEMO_PASSWORD or kept_password() or _random_password()
    descriptor = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password)
    return password


def kept_password() -> str:
    """The password that the demo people were given; empty when this machine never gave one."""
    return _path().read_text() if _path().exists() else ""


def _path() -> Path:
    return settings.VAR_DIR / "demo_password"


def _random_password() -> str:
    """Twelve characters that nobody confuses when they copy them by hand, of three kinds as the password rule asks."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)).capitalize() for _ in range(2)) + (
        f"-{secrets.randbelow(9000) + 1000}"
    )
