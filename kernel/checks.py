"""What the program needs on the machine, said at start and not at the first photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from kernel.fonts import chinese_font


def has_chinese_font(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """An error when there is no font for watermarks."""
    try:
        chinese_font()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="kernel.E001")]
    return []
