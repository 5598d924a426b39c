"""Whoever looks or acts, as this floor sees them. The scope itself is built one floor up, in `grids.scope`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from accounts.permissions import Permission
from accounts.roles import Role


class Viewer(Protocol):
    """What of a scope this floor needs to know; every viewer is also an actor of `kernel.audit`."""

    @property
    def user_id(self) -> int | None: ...

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def has_post(self) -> bool: ...

    @property
    def roles(self) -> frozenset[Role]: ...

    def has(self, permission: Permission) -> bool: ...


@dataclass(frozen=True)
class Visitor:
    """Somebody who is not signed in: sees nothing, but leaves an address in the audit chain."""

    address: str = ""
    user_id: int | None = None
    name: str = "未登录"
    has_post: bool = False
    roles: frozenset[Role] = frozenset()

    def has(self, permission: Permission) -> bool:
        return False
