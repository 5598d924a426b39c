"""The questions asked of rows that know no domain word."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from django.db import models
from django.db.models import Q

from kernel.moments import end_of, start_of


class AuditReader(Protocol):
    @property
    def reads_audit(self) -> bool: ...


class AuditQuerySet(models.QuerySet):
    def visible_to(self, viewer: AuditReader) -> AuditQuerySet:
        """The audit log is for auditors alone: not even an administrator reads it."""
        return self if viewer.reads_audit else self.none()

    def matching(self, text: str) -> AuditQuerySet:
        """Where the actor's name, the verb or the subject holds `text`."""
        return self.filter(Q(actor_name__icontains=text) | Q(verb__icontains=text) | Q(subject__icontains=text))

    def between(self, first: date | None, last: date | None) -> AuditQuerySet:
        """Acts on the local days `first` to `last`, both included; None leaves that end open."""
        rows = self if first is None else self.filter(at__gte=start_of(first))
        return rows if last is None else rows.filter(at__lt=end_of(last))
