"""The same thing sent twice is made once: by a phone that lost the answer, or by two clicks in one moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

Made = TypeVar("Made")


def made_once(find: Callable[[], Made | None], make: Callable[[], Made]) -> tuple[Made, bool]:
    """What `find` finds, or else what `make` makes in one transaction; and whether it was made now.

    Needs a unique constraint over what `find` looks for: of two that make it at once the database lets one through,
    and the other finds what that one made.
    """
    found = find()
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            return make(), True
    except IntegrityError:
        found = find()
        if found is None:
            raise
        return found, False
