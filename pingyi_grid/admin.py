"""The working calendar among the reference data: holidays, make-up working days, office hours.

It stands on the roof because the site and its permissions are floors above the calendar.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.admin import ReferenceAdmin, reference_site
from accounts.permissions import Permission
from kernel.calendar import season_of
from kernel.models import CalendarDay, OfficeHours
from kernel.refusal import Refused
from kernel.services import calendar


class DayForm(forms.ModelForm):
    name = forms.CharField(label="名称", max_length=40, help_text="如 国庆节、春节调休")

    class Meta:
        model = CalendarDay
        fields = ("day", "is_working", "name", "source")


class CalendarAdmin(ReferenceAdmin):
    """Rows that are set and removed by the services of the calendar; the date of a row that exists stays."""

    permission = Permission.CALENDAR_EDIT
    date_field: str

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return (self.date_field,) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.scope.has(self.permission)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return redirect(request.path)

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Model]) -> None:
        for row in queryset:
            self.delete_model(request, row)


@admin.register(CalendarDay, site=reference_site)
class CalendarDayAdmin(CalendarAdmin):
    form = DayForm
    date_field = "day"
    list_display = ("day", "is_working", "name", "source")
    list_filter = ("is_working",)
    date_hierarchy = "day"
    ordering = ("-day",)

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: Any, change: bool) -> None:
        row = calendar.set_day(
            day=obj.day,
            is_working=obj.is_working,
            name=obj.name,
            source=obj.source,
            by=request.scope,
            at=timezone.now(),
        )
        obj.pk = row.pk

    def delete_model(self, request: HttpRequest, obj: CalendarDay) -> None:
        calendar.remove_day(day=obj.day, by=request.scope, at=timezone.now())


@admin.register(OfficeHours, site=reference_site)
class OfficeHoursAdmin(CalendarAdmin):
    date_field = "from_date"
    list_display = ("from_date", "morning_start", "morning_end", "afternoon_start", "afternoon_end", "source")
    ordering = ("-from_date",)

    def save_model(self, request: HttpRequest, obj: OfficeHours, form: Any, change: bool) -> None:
        row = calendar.set_office_hours(season=season_of(obj), source=obj.source, by=request.scope, at=timezone.now())
        obj.pk = row.pk

    def delete_model(self, request: HttpRequest, obj: OfficeHours) -> None:
        calendar.remove_office_hours(from_date=obj.from_date, by=request.scope, at=timezone.now())
