"""The first administrator of a new installation, and the one who lets the others in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.passwords import random_password
from accounts.roles import Role
from accounts.services import create_user
from grids.scope import Scope
from grids.services.posts import appoint


@dataclass(frozen=True)
class Seated:
    """A new administrator and the password for the first sign-in, which is shown now and never again."""

    user: User
    password: str


def seat_administrator(*, username: str, name: str, role: Role, by: Scope, at: datetime) -> Seated:
    """A new person who is one of the three administrators from today on. Refused when the sign-in name is taken."""
    password = random_password()
    with transaction.atomic():
        user = create_user(name=name, username=username, password=password, by=by, at=at)
        appoint(user=user, role=role, starts_on=by.day, by=by, at=at)
    return Seated(user, password)
