"""The levels of the tree under /admin/: what they are called, and one more when a county goes deeper."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin import ReferenceAdmin, reference_site
from accounts.permissions import Permission
from grids.models import GridLevel
from grids.rules import level_fault
from grids.services import name_level
from grids.services.levels import known_ranks


class LevelForm(forms.ModelForm):
    class Meta:
        model = GridLevel
        fields = ("rank", "name")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        rank = values.get("rank", self.instance.rank)
        fault = level_fault(rank, values.get("name", ""), known_ranks()) if rank is not None else None
        if fault:
            raise forms.ValidationError(fault)
        return values


@admin.register(GridLevel, site=reference_site)
class GridLevelAdmin(ReferenceAdmin):
    permission = Permission.GRID_EDIT
    form = LevelForm
    list_display = ("rank", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: GridLevel | None = None) -> tuple[str, ...]:
        return ("rank",) if obj else ()

    def save_model(self, request: HttpRequest, obj: GridLevel, form: Any, change: bool) -> None:
        name_level(rank=obj.rank, name=obj.name, by=request.scope, at=timezone.now())
