"""What a key of another system may do: words that stand for groups of permissions.

`read` and `write` mean everything, `cases:read` or `cases:write` one resource of the API. A key narrows the permissions
of the user it acts for and never widens them. Accounts, security and audit have no word here: no key carries them.
"""

from collections.abc import Iterable

from accounts.permissions import Permission

# The noun of a permission (`case.refer`) → the resource of the API it belongs to.
_RESOURCES = {
    "grid": "grids",
    "post": "grids",
    "source": "sources",
    "patrol": "patrols",
    "case": "cases",
    "complaint": "complaints",
    "calendar": "settings",
    "category": "settings",
}
READ, WRITE = "read", "write"

KEY_SCOPES: tuple[str, ...] = (
    READ,
    WRITE,
    *(f"{resource}:{verb}" for resource in dict.fromkeys(_RESOURCES.values()) for verb in (READ, WRITE)),
)


def scope_of_permission(permission: Permission) -> str | None:
    """The narrowest key scope that carries `permission` (`case.refer` → `cases:write`); None: no key ever does."""
    noun, _, act = permission.value.partition(".")
    resource = _RESOURCES.get(noun)
    if resource is None:
        return None
    return f"{resource}:{READ if act == 'view' else WRITE}"


def permissions_of(scopes: Iterable[str]) -> frozenset[Permission]:
    """The permissions that a key with `scopes` lets through. Unknown words let nothing through."""
    given = frozenset(scopes)
    return frozenset(permission for permission in Permission if _lets_through(given, scope_of_permission(permission)))


def may_write(scopes: Iterable[str]) -> bool:
    """True when a key with `scopes` may change anything at all."""
    return any(scope.partition(":")[2] == WRITE or scope == WRITE for scope in scopes)


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """The words in `scopes` that mean nothing, in their order."""
    return [scope for scope in scopes if scope not in KEY_SCOPES]


def _lets_through(given: frozenset[str], scope: str | None) -> bool:
    if scope is None:
        return False
    return scope in given or scope.partition(":")[2] in given
