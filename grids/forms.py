"""Forms of the tree, the posts and the ledger: HTTP in, clean values out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict

from accounts.choices import WorkLine
from accounts.models import Department
from accounts.permissions import Permission
from accounts.roles import Role
from grids.choices import CoordSys, SourceCategory, SourceClass, SponsorClass
from grids.coordinates import GivenPoint
from grids.models import Grid, GridLevel, Source
from grids.rules import AREA_RANK
from grids.scope import Scope
from grids.services import SourceDraft, roles_given_by
from kernel.text import refuse_control_characters

_ANY = [("", "不限")]
_DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))]
_INDENT = "　"


def _search(placeholder: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "placeholder": placeholder})
    return forms.CharField(label="查找", max_length=60, required=False, widget=widget)


def _choice(label: str, choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    message = {"invalid_choice": f"没有这样的{label}，已忽略此项"}
    return forms.ChoiceField(label=label, choices=choices, required=False, error_messages=message)


class Narrowing(forms.Form):
    """A form of filters: `wanted` holds what was understood, whether or not all of it was."""

    def __init__(self, sent: QueryDict, scope: Scope) -> None:
        super().__init__(sent)
        self.scope = scope
        self.offer()
        self.is_valid()
        self.wanted = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def offer(self) -> None:
        """Fill in the choices that depend on who looks."""

    def grid_choices(self) -> list[tuple[str, str]]:
        """The visible grids down to work areas, indented by level; villages are found by their name."""
        grids = Grid.objects.visible_to(self.scope).active_on(self.scope.day).filter(rank__lte=AREA_RANK).in_order()
        rows = grids.values_list("code", "name", "rank_id")
        return [*_ANY, *((code, f"{_INDENT * rank}{name}") for code, name, rank in rows)]


class TreeFilter(Narrowing):
    q = _search("网格名称或编码")
    level = _choice("层级", [])
    vacant = _choice("责任人", [*_ANY, ("1", "空缺")])

    def offer(self) -> None:
        self.fields["level"].choices = [*_ANY, *((str(row.rank), row.name) for row in GridLevel.objects.all())]


class PostFilter(Narrowing):
    q = _search("姓名或职务")
    grid = _choice("网格", [])
    role = _choice("角色", [*_ANY, *Role.choices])
    at = forms.DateField(
        label="在任日期",
        required=False,
        validators=_DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期应如 2026-11-23，已忽略此项"},
    )

    def offer(self) -> None:
        self.fields["grid"].choices = self.grid_choices()


class PersonSearch(Narrowing):
    """Looks for the person to appoint; the grid that was being looked at is kept for the form that follows."""

    q = _search("姓名或登录名")
    grid = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)


def _day(label: str, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, validators=_DAYS, widget=widget, **more)


def _place(label: str, **more: Any) -> forms.ModelChoiceField:
    """A grid by its code, or a department; what may be chosen is filled in with who chooses."""
    return forms.ModelChoiceField(
        label=label,
        queryset=None,
        to_field_name="code",
        error_messages={"invalid_choice": f"该{label}不存在、已停用或不在您的责任范围内，请重新选择"},
        **more,
    )


def _offer_grids(field: forms.ModelChoiceField, scope: Scope) -> None:
    """The grids in use where posts may be given."""
    visible = Grid.objects.visible_to(scope)
    field.queryset = visible.within(scope, Permission.POST_EDIT).active_on(scope.day).in_order()
    field.label_from_instance = lambda grid: grid.path


class PostForm(forms.Form):
    """A post for a person who is known already. Which place a role needs is the service's to say."""

    role = forms.ChoiceField(label="角色", choices=[])
    title = forms.CharField(
        label="职务",
        max_length=40,
        required=False,
        validators=[refuse_control_characters],
        help_text="如 党委书记、镇长、支部书记",
    )
    grid = _place("网格", required=False, empty_label="不在网格任职")
    department = _place("部门", required=False, empty_label="不在部门任职")
    starts_on = _day("任职日期")
    ends_on = _day("离任日期", required=False, help_text="当日起不再任职；没有定下可不填")
    is_fulltime = forms.BooleanField(label="专职", required=False)
    is_acting = forms.BooleanField(label="代理", required=False)
    line = forms.ChoiceField(label="工作线", choices=[("", "各条线"), *WorkLine.choices], required=False)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "请选择"), *((role.value, role.label) for role in roles_given_by(scope))]
        self.fields["department"].queryset = Department.objects.visible_to(scope).active()
        _offer_grids(self.fields["grid"], scope)


class SponsorshipForm(forms.Form):
    """包保 by a cadre who is known already."""

    grid = _place("网格", empty_label="请选择")
    sponsor_class = forms.ChoiceField(label="类别", choices=[("", "请选择"), *SponsorClass.choices])
    starts_on = _day("开始日期")
    ends_on = _day("结束日期", required=False, help_text="当日起不再包保；没有定下可不填")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_grids(self.fields["grid"], scope)


class TermEndForm(forms.Form):
    """The day on which a post or a 包保 is over."""

    ends_on = _day("结束日期", help_text="当日起不再负责，前一日为最后一日")


class SourceFilter(Narrowing):
    q = _search("名称、地址或编号")
    grid = _choice("网格", [])
    category = _choice("类别", [*_ANY, *SourceCategory.choices])
    supervision_class = _choice("监管级别", [*_ANY, *SourceClass.choices])
    use = _choice("状态", [("", "在管"), ("past", "已停管"), ("all", "全部")])

    def offer(self) -> None:
        self.fields["grid"].choices = self.grid_choices()


class SourceForm(forms.Form):
    """One site of the ledger. Either the grid or the place has to be given."""

    name = forms.CharField(label="名称", max_length=80, validators=[refuse_control_characters])
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), *SourceCategory.choices])
    supervision_class = forms.ChoiceField(
        label="监管级别", choices=SourceClass.choices, initial=SourceClass.ORDINARY, help_text="决定巡查频次"
    )
    grid = forms.ModelChoiceField(
        label="所在网格",
        queryset=None,
        to_field_name="code",
        required=False,
        empty_label="由下面的位置自动判定",
        help_text="不选时须填写经度和纬度",
        error_messages={"invalid_choice": "该网格不存在或不在您的责任范围内，请重新选择"},
    )
    address = forms.CharField(label="地址", max_length=120, required=False, validators=[refuse_control_characters])
    uscc = forms.CharField(
        label="统一社会信用代码", max_length=18, required=False, help_text="18 位，没有可不填，系统核对校验位"
    )
    lon = forms.FloatField(label="经度", required=False, min_value=73, max_value=136)
    lat = forms.FloatField(label="纬度", required=False, min_value=3, max_value=54)
    coord_sys = forms.ChoiceField(
        label="坐标系",
        choices=CoordSys.choices,
        initial=CoordSys.WGS84,
        required=False,
        help_text="存储时统一换算为 WGS-84",
    )
    is_active = forms.BooleanField(label="在管", required=False, initial=True)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Grid.objects.visible_to(scope)
        self.fields["grid"].queryset = visible.within(scope, Permission.SOURCE_EDIT).active_on(scope.day).in_order()
        self.fields["grid"].label_from_instance = lambda grid: grid.path
        for name in ("lon", "lat"):
            self.fields[name].widget.attrs["step"] = "any"

    def clean_uscc(self) -> str:
        return self.cleaned_data["uscc"].strip().upper()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (values.get("lon") is None) != (values.get("lat") is None) and not {"lon", "lat"} & set(self.errors):
            self.add_error("lat", "经度和纬度须同时填写")
        return values

    def draft(self) -> SourceDraft:
        """What was filled in, as the service wants it."""
        values = dict(self.cleaned_data)
        lon, lat, coord_sys = (values.pop(name) for name in ("lon", "lat", "coord_sys"))
        location = GivenPoint(lon, lat, coord_sys or CoordSys.WGS84) if lon is not None else None
        return SourceDraft(**values, location=location)

    @staticmethod
    def initial_of(source: Source) -> dict[str, Any]:
        """The site as the form shows it: the place as it was given, not as it is stored."""
        given = source.location_given or {"lon": source.lon, "lat": source.lat, "coord_sys": CoordSys.WGS84}
        return {
            "name": source.name,
            "category": source.category,
            "supervision_class": source.supervision_class,
            "grid": source.grid.code,
            "address": source.address,
            "uscc": source.uscc or "",
            "is_active": source.is_active,
            **given,
        }
