"""The settings of the program with the bare views beside its own, and static files without a manifest."""

from pathlib import Path

from pingyi_grid.settings import *  # noqa: F403 - the same program
from pingyi_grid.settings import LOGGING, STORAGES, TEMPLATES

ROOT_URLCONF = "benchmarks.urls"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
TEMPLATES = [TEMPLATES[0] | {"DIRS": [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}]
LOGGING = LOGGING | {"root": {"handlers": ["console"], "level": "WARNING"}}
