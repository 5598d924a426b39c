"""The query parameters of the lists of grids, posts and sources."""

from __future__ import annotations

import django_filters

from accounts.roles import Role
from grids.choices import GridKind, SourceCategory, SourceClass
from grids.models import Grid, Post, Source
from grids.querysets import GridQuerySet, PostQuerySet, SourceQuerySet


class GridFilter(django_filters.FilterSet):
    """`at` is read by the view: it decides which tree is looked at."""

    level = django_filters.NumberFilter(
        field_name="rank", label="级次：0 县，1 镇，2 工作区，3 村", min_value=0, max_value=9
    )
    parent = django_filters.CharFilter(method="stood_under", label="上级网格编码", max_length=20)
    kind = django_filters.MultipleChoiceFilter(choices=GridKind.choices, label="类型，可重复")

    class Meta:
        model = Grid
        fields: list[str] = []

    def stood_under(self, rows: GridQuerySet, _name: str, code: str) -> GridQuerySet:
        return rows.stood_under(code)


class PostFilter(django_filters.FilterSet):
    """`at` is read by the view."""

    grid = django_filters.CharFilter(field_name="grid__code", label="网格编码，不含下级", max_length=20)
    below = django_filters.CharFilter(method="in_grid", label="网格编码，含下级", max_length=20)
    department = django_filters.CharFilter(field_name="department__code", label="部门代码", max_length=40)
    role = django_filters.MultipleChoiceFilter(choices=Role.choices, label="角色，可重复")

    class Meta:
        model = Post
        fields: list[str] = []

    def in_grid(self, rows: PostQuerySet, _name: str, code: str) -> PostQuerySet:
        return rows.in_grid(code)


class SourceFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(method="in_grid", label="网格编码，含下级", max_length=20)
    category = django_filters.MultipleChoiceFilter(choices=SourceCategory.choices, label="类别，可重复")
    supervision_class = django_filters.MultipleChoiceFilter(choices=SourceClass.choices, label="监管级别，可重复")
    is_active = django_filters.BooleanFilter(label="在管")
    q = django_filters.CharFilter(method="found_by", label="名称、地址、编号或统一社会信用代码", max_length=60)

    class Meta:
        model = Source
        fields: list[str] = []

    def in_grid(self, rows: SourceQuerySet, _name: str, code: str) -> SourceQuerySet:
        return rows.in_grid(code)

    def found_by(self, rows: SourceQuerySet, _name: str, words: str) -> SourceQuerySet:
        return rows.found_by(words)
