"""The domain's questions about people, departments and what they were told. `visible_to(scope)` first.

The scope is built two floors up, in `grids.scope`; here it is anything with a user and permissions.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.choices import AccountStanding, UserKind
from accounts.permissions import Permission
from accounts.viewer import Viewer
from kernel.choices import DeliveryState


class UserQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer) -> UserQuerySet:
        """Accounts are for those who manage them; everybody sees their own. Names on posts come from posts."""
        if viewer.has(Permission.USER_EDIT):
            return self
        return self.filter(pk=viewer.user_id)

    def appointable_by(self, viewer: Viewer) -> UserQuerySet:
        """Whom somebody who edits posts may name: people whose account is open. Nobody for anyone else."""
        if not viewer.has(Permission.POST_EDIT):
            return self.none()
        return self.people().filter(is_active=True)

    def people(self) -> UserQuerySet:
        return self.filter(kind=UserKind.PERSON)

    def matching(self, text: str) -> UserQuerySet:
        """Those whose name, sign-in name or telephone contains `text`; everybody for an empty one."""
        if not text:
            return self
        return self.filter(Q(name__icontains=text) | Q(username__icontains=text) | Q(phone__contains=text))

    def called(self, text: str) -> UserQuerySet:
        """Those whose name contains `text` or whose sign-in name begins with it; nobody for an empty one."""
        if not text:
            return self.none()
        return self.filter(Q(name__icontains=text) | Q(username__istartswith=text))

    def in_standing(self, standing: str) -> UserQuerySet:
        """Those whose `User.standing` this is; everybody for an empty one."""
        conditions = {
            AccountStanding.DISABLED: Q(is_active=False),
            AccountStanding.NO_SIGN_IN: Q(is_active=True, username__isnull=True),
            AccountStanding.MUST_CHANGE: Q(is_active=True, username__isnull=False, must_change_password=True),
            AccountStanding.OPEN: Q(is_active=True, username__isnull=False, must_change_password=False),
        }
        return self.filter(conditions[AccountStanding(standing)]) if standing else self


class DepartmentQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer) -> DepartmentQuerySet:
        """The list of departments is no secret among those who hold a post."""
        return self if viewer.has_post else self.none()

    def active(self) -> DepartmentQuerySet:
        return self.filter(is_active=True)


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer) -> NoticeQuerySet:
        return self.filter(recipient_id=viewer.user_id)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class DeliveryQuerySet(models.QuerySet):
    def claimable(self, at: datetime) -> DeliveryQuerySet:
        """Waiting, due, and not leased by a worker that may still be alive."""
        return self.filter(state=DeliveryState.WAITING, next_attempt_at__lte=at).filter(
            Q(leased_until__isnull=True) | Q(leased_until__lte=at)
        )
