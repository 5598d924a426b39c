"""Numbers of the nested set, computed in memory from who stands under whom."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def numbered(above: Mapping[Key, Key | None]) -> dict[Key, tuple[int, int, int]]:
    """(left, right, depth) of every node that hangs on a root, siblings in the order of their keys; roots share one
    count, so call it for one tree. A node in a circle hangs on no root and is missing from the answer.
    """
    below: dict[Key | None, list[Key]] = {}
    for key in sorted(above, reverse=True):  # type: ignore[type-var]
        below.setdefault(above[key], []).append(key)
    answer: dict[Key, tuple[int, int, int]] = {}
    left_of: dict[Key, int] = {}
    count = 0
    waiting: list[tuple[Key, int]] = [(root, 0) for root in below.get(None, [])]
    while waiting:
        key, depth = waiting[-1]
        count += 1
        if key in left_of:
            waiting.pop()
            answer[key] = (left_of[key], count, depth)
            continue
        left_of[key] = count
        waiting.extend((child, depth + 1) for child in below.get(key, []))
    return answer
