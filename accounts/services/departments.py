"""The list of departments, as reference data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Department
from accounts.permissions import Permission
from accounts.viewer import Viewer
from kernel.audit import record
from kernel.refusal import Refused


def save_department(*, department: Department, changed: Sequence[str] = (), by: Viewer, at: datetime) -> Department:
    """Store a new or a changed department; `changed` names the fields, for the audit chain."""
    if not by.has(Permission.USER_EDIT):
        raise Refused("只有系统管理员可以维护部门。", code="not_permitted")
    verb = "department.change" if department.pk else "department.create"
    with transaction.atomic():
        department.save()
        details = {"name": department.name, "changed": list(changed)}
        record(verb=verb, subject=f"department:{department.code}", by=by, at=at, details=details)
    return department
