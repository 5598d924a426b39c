"""The filters of the list of cases. A value that makes no sense is told at its field and left out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict

from accounts.choices import WorkLine
from accounts.permissions import Permission
from cases.boxes import BOXES
from cases.choices import CardColour, Origin, Severity, State
from cases.models import CaseCategory
from grids.models import Grid
from grids.querysets import around
from grids.scope import Scope, Span
from kernel.days import DAY_BOUNDS

_ANY = [("", "不限")]
_ORDERS = [("", "默认"), ("due", "先到期的在前"), ("newest", "新建的在前")]
_INDENT = "　"


def _choice(label: str, choices: list[tuple[Any, Any]], **options: Any) -> forms.ChoiceField:
    message = {"invalid_choice": f"没有这样的{label}，已忽略此项"}
    return forms.ChoiceField(label=label, choices=choices, required=False, error_messages=message, **options)


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    message = {"invalid": "日期应如 2026-11-23，已忽略此项"}
    return forms.DateField(label=label, required=False, widget=widget, validators=DAY_BOUNDS, error_messages=message)


class FilterForm(forms.Form):
    """Everything by which a list is narrowed. `wanted` holds what was understood, whether or not all of it was."""

    q = forms.CharField(
        label="查找",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、标题或地点"}),
    )
    box = _choice("清单", [])
    grid = _choice("网格", [])
    category = _choice("类别", [])
    severity = _choice("严重程度", [*_ANY, *Severity.choices])
    state = _choice("状态", [*_ANY, *State.choices], widget=forms.HiddenInput)
    overdue = _choice("超期", [*_ANY, ("1", "只看超期")])
    card = _choice("黄红牌", [*_ANY, *CardColour.choices])
    origin = _choice("来源", [*_ANY, *Origin.choices])
    line = _choice("工作线", [*_ANY, *WorkLine.choices])
    reported_from = _day("上报日期自")
    reported_to = _day("上报日期至")
    order = _choice("排序", _ORDERS)
    red_in = forms.RegexField(
        r"^20\d\d-(0[1-9]|1[0-2])$",
        label="红牌月份",
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": "月份应如 2026-11，已忽略此项"},
    )

    def __init__(self, sent: QueryDict, scope: Scope) -> None:
        super().__init__(sent)
        self._offer("box", [(box.name, box.label) for box in BOXES.values() if box.is_for(scope)])
        self._offer("category", [*_ANY, *category_choices()])
        self._offer("grid", [*_ANY, *grid_choices(scope, sent.get("grid", ""))])

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """The values that were given and make sense."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("q", "box", "grid", "category")]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        shown = ("severity", "overdue", "card", "origin", "line", "reported_from", "reported_to", "order")
        return [self[name] for name in shown]

    @property
    def more_are_used(self) -> bool:
        return any(bound.data or bound.errors for bound in self.more_fields)


def category_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The categories in use, grouped by the kind of pollution. One query."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name, kind in CaseCategory.objects.filter(is_active=True).values_list("code", "name", "pollution_type"):
        groups.setdefault(kind, []).append((code, name))
    return list(groups.items())


def grid_choices(scope: Scope, chosen: str) -> list[tuple[str, str]]:
    """Where a list can be narrowed to: the way down to one's own places and to `chosen`, with what lies directly below
    each; indented, in the order of the tree. One query, two with a choice.
    """
    visible = Grid.objects.visible_to(scope).active_on(scope.day)
    grid = visible.filter(code=chosen).first() if chosen else None
    spans = scope.spans(Permission.GRID_VIEW) + ((Span.of(grid),) if grid else ())
    opened = Grid.objects.filter(around(spans) | Q(pk__in=[span.grid_id for span in spans]))
    at_the_top = Q(parent__parent__isnull=True)
    shown = visible.filter(at_the_top | Q(parent__in=opened.order_by().values("pk"))).in_order()
    return [(row.code, f"{_INDENT * row.rank_id}{row.name}") for row in shown]
