"""The query parameters of `GET cases/`."""

import django_filters

from cases.choices import Origin, Severity, State
from cases.models import Case
from cases.querysets import CaseQuerySet
from kernel.days import DAY_BOUNDS


class CaseFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=State.choices, label="状态，可重复")
    severity = django_filters.MultipleChoiceFilter(choices=Severity.choices, label="严重程度，可重复")
    origin = django_filters.MultipleChoiceFilter(choices=Origin.choices, label="来源，可重复")
    category = django_filters.CharFilter(field_name="category__code", label="类别代码")
    grid = django_filters.CharFilter(method="in_grid", label="网格编码，含下级")
    overdue = django_filters.BooleanFilter(field_name="is_overdue", label="超期")
    reported_from = django_filters.DateFilter(method="since", label="上报日期自", validators=DAY_BOUNDS)
    reported_to = django_filters.DateFilter(method="until", label="上报日期至", validators=DAY_BOUNDS)

    class Meta:
        model = Case
        fields: list[str] = []

    def in_grid(self, rows: CaseQuerySet, _name: str, code: str) -> CaseQuerySet:
        return rows.in_grid(code)

    def since(self, rows: CaseQuerySet, _name: str, day) -> CaseQuerySet:  # type: ignore[no-untyped-def]
        return rows.reported_between(day, None)

    def until(self, rows: CaseQuerySet, _name: str, day) -> CaseQuerySet:  # type: ignore[no-untyped-def]
        return rows.reported_between(None, day)
