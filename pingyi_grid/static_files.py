"""Collects the static files anew when one of them, or a package that brings some, has changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

_SOURCES = ("static", "requirements.txt", "package-lock.json", "pingyi_grid/finders.py", "pingyi_grid/settings.py")


def is_stale() -> bool:
    """True when nothing was collected yet, or one of the sources has changed since."""
    return not _stamp().exists() or _stamp().read_text() != _fingerprint()


def collect() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    _stamp().write_text(_fingerprint())


def _stamp() -> Path:
    return Path(settings.STATIC_ROOT) / ".collected"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for source in _SOURCES:
        path = settings.BASE_DIR / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.relative_to(settings.BASE_DIR)}\0{file.stat().st_size}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
