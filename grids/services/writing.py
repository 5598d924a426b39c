"""One writer of the tree at a time: two at once corrupt a nested set, even inside transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F

from grids.choices import ChangeKind
from grids.models import Grid, GridChange, TreeVersion
from grids.scope import Scope, scope_for

# Any number that no other advisory lock of the database uses: 371326 is the division code of the county.
_LOCK = 371326
_ONLY_ROW = 1


@contextmanager
def writing(by: Scope) -> Iterator[Scope]:
    """The tree belongs to the caller until the transaction ends. Gives the scope of `by` as it is *now*: its spans may
    have moved while the caller waited. Rows of the tree that were read before are stale inside: read them again.

    The lock is an advisory one on PostgreSQL; on SQLite a transaction (IMMEDIATE) is itself the lock.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield scope_for(by.user, by.day, by.address) if by.user else by


def raise_version() -> None:
    """Tell every process that what it has cached of the tree or of outlines is stale."""
    token = uuid4().hex
    if not TreeVersion.objects.filter(pk=_ONLY_ROW).update(number=F("number") + 1, token=token):
        TreeVersion.objects.create(pk=_ONLY_ROW, number=1, token=token)


def note_change(
    *,
    grid: Grid,
    kind: ChangeKind,
    day: date,
    basis: str,
    by: Scope,
    at: datetime,
    old_name: str = "",
    old_parent_id: int | None = None,
) -> GridChange:
    """A row of 网格调整 for `grid` as it is after the change; what is not given did not change."""
    return GridChange.objects.create(
        grid=grid,
        kind=kind,
        day=day,
        old_name=old_name or grid.name,
        new_name=grid.name,
        old_parent_id=old_parent_id or grid.parent_id,
        new_parent_id=grid.parent_id,
        basis=basis[:120],
        recorded_at=at,
        recorded_by=by.name[:60],
    )
