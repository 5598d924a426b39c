"""The filters of the list of patrols."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from grids.scope import Scope
from inspections.querysets import PatrolQuerySet


class PatrolFilter(forms.Form):
    grid = forms.CharField(label="网格", required=False, max_length=60)
    member = forms.CharField(label="巡查人", required=False, max_length=20)
    first = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if scope.is_masked:
            # Who reads records but no names must not find them by a name either.
            del self.fields["member"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", "结束日期不能早于开始日期")
        return values

    def narrow(self, rows: PatrolQuerySet) -> PatrolQuerySet:
        """`rows` by the filters that are filled in; none of them where a filter cannot be read."""
        if not self.is_valid():
            return rows.none()
        values = self.cleaned_data
        if values["grid"]:
            rows = rows.in_places(values["grid"])
        if values.get("member"):
            rows = rows.by_member(values["member"])
        first: date | None = values["first"]
        return rows.started_between(first, values["last"])
