"""Categories and limits among the reference data: what a county confirms and changes without code."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin import ReferenceAdmin, reference_site
from accounts.permissions import Permission
from cases.models import CaseCategory, Limit
from cases.services.reference import save_category, save_limit


@admin.register(CaseCategory, site=reference_site)
class CaseCategoryAdmin(ReferenceAdmin):
    permission = Permission.CATEGORY_EDIT
    list_display: Sequence[str] = ("code", "name", "line", "lead_department", "self_handling_allowed", "is_active")
    list_filter = ("line", "pollution_type", "self_handling_allowed", "is_active")
    search_fields = ("code", "name")
    filter_horizontal = ("cooperating_departments",)
    list_select_related = ("lead_department",)

    def save_model(self, request: HttpRequest, obj: CaseCategory, form: Any, change: bool) -> None:
        save_category(category=obj, changed=form.changed_data, by=request.scope, at=timezone.now())


@admin.register(Limit, site=reference_site)
class LimitAdmin(ReferenceAdmin):
    """A limit of the past is ended by a date and followed by a new row: what was due by it stays explained."""

    permission = Permission.CATEGORY_EDIT
    list_display: Sequence[str] = (
        "stage", "severity", "category", "amount", "unit", "valid_from", "valid_to", "source",
    )  # fmt: skip
    list_filter = ("stage", "severity", "unit")
    list_select_related = ("category",)

    def save_model(self, request: HttpRequest, obj: Limit, form: Any, change: bool) -> None:
        save_limit(limit=obj, changed=form.changed_data, by=request.scope, at=timezone.now())
