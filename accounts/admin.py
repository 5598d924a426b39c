"""The site for reference data under /admin/: lists that seldom change, kept by those who manage the system.

Only what is registered on `reference_site` appears there. The tree, cases, people and the audit chain are not: they are
written by their services alone.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.http import urlencode

from accounts import services
from accounts.models import Department
from accounts.permissions import Permission

_KEEPERS = (Permission.USER_EDIT, Permission.CALENDAR_EDIT, Permission.CATEGORY_EDIT)


class ReferenceSite(admin.AdminSite):
    """Open to those who keep some list of it. Signs nobody in: lock, sessions and audit are those of our own page."""

    site_title = site_header = "平邑网格 · 基础资料"
    index_title = "基础资料"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and any(request.scope.has(permission) for permission in _KEEPERS)

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("/")
        query = urlencode({"next": request.GET.get("next", request.path)})
        return redirect(f"{resolve_url('accounts:sign_in')}?{query}")

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The way out of our own pages does the same and leaves its trace; this address only leads there."""
        return HttpResponseRedirect(resolve_url("accounts:sign_out"), preserve_request=True)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("accounts:password")


reference_site = ReferenceSite(name="admin")


class ReferenceAdmin(admin.ModelAdmin):
    """A list that holders of `permission` may extend and change. Nothing is deleted: rows are put out of use."""

    permission: Permission

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.scope.has(self.permission)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.scope.has(self.permission)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.scope.has(self.permission)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.scope.has(self.permission)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Department, site=reference_site)
class DepartmentAdmin(ReferenceAdmin):
    permission = Permission.USER_EDIT
    list_display: Sequence[str] = ("code", "name", "former_name", "affiliation", "is_active", "position")
    list_filter = ("affiliation", "is_active")
    search_fields = ("code", "name", "former_name")

    def save_model(self, request: HttpRequest, obj: Department, form: Any, change: bool) -> None:
        services.save_department(department=obj, changed=form.changed_data, by=request.scope, at=timezone.now())
