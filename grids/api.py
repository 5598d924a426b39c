"""REST door to grids, posts and the ledger: the same services and the same refusals as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from grids.coordinates import GivenPoint
from grids.filters import GridFilter, PostFilter, SourceFilter
from grids.history import paths_as_of
from grids.location import OUTSIDE, locate
from grids.models import Boundary, Grid, Post, Source
from grids.rest import ScopedAPIView
from grids.serializers import (
    GridBranch,
    GridDetail,
    GridRow,
    LocatedOutput,
    LocateQuery,
    PostRow,
    SourceInput,
    SourceOutput,
)
from grids.services import SourceDraft, register_source, update_source
from grids.services.reading import branch
from kernel.lifecycle import InvalidForm
from kernel.rest import CursorPages, IdempotentMixin

AT = OpenApiParameter("at", date, description="哪一天的网格或任职，默认今天")


class ByCode(CursorPages):
    ordering = ("code", "id")


class ByPlace(CursorPages):
    ordering = ("grid__code", "role", "starts_on", "id")


class DayQuery(serializers.Serializer):
    at = serializers.DateField(required=False, error_messages={"invalid": "日期应如 2026-11-23"})


def _day(request: Request) -> date:
    """The day that was asked for, or today. 422 for what is no day of this century."""
    form = DayQuery(data=request.query_params)
    form.is_valid(raise_exception=True)
    day = form.validated_data.get("at") or timezone.localdate()
    if not 2000 <= day.year <= 2100:
        raise exceptions.ValidationError({"at": ["日期应在 2000 年到 2100 年之间"]})
    return day


def _context(view: ScopedAPIView, grids: list[Grid], day: date) -> dict[str, Any]:
    """What the rows of a list need beside themselves, in a fixed number of queries."""
    above = {grid.parent_then_id for grid in grids}
    codes = dict(Grid.objects.visible_to(view.scope).filter(pk__in=above).values_list("pk", "code"))
    return {"scope": view.scope, "codes": codes, "paths": paths_as_of(grids, day)}


@extend_schema_view(get=extend_schema(parameters=[AT], responses=GridRow(many=True)))
class GridList(ScopedAPIView, ListAPIView):
    """网格：某一天的网格树，逐级可查。"""

    serializer_class = GridRow
    pagination_class = ByCode
    filterset_class = GridFilter

    def get_queryset(self) -> QuerySet[Grid]:
        return Grid.objects.visible_to(self.scope).as_of(_day(self.request) if self.request else timezone.localdate())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        grids = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        rows = GridRow(grids, many=True, context=_context(self, grids, _day(request)))
        return self.get_paginated_response(rows.data)


class GridRead(ScopedAPIView):
    """一个网格，含边界；已停用的也可查。"""

    @extend_schema(parameters=[AT], responses=GridDetail)
    def get(self, request: Request, code: str) -> Response:
        day = _day(request)
        grid = Grid.objects.visible_to(self.scope).named_as_of(day).filter(code=code).first()
        if grid is None:
            raise Http404
        outline = Boundary.objects.visible_to(self.scope).filter(grid=grid).first()
        return Response(GridDetail(grid, context={**_context(self, [grid], day), "outline": outline}).data)


class GridTree(ScopedAPIView):
    """一个网格及其全部下级。"""

    @extend_schema(parameters=[AT], responses=GridBranch)
    def get(self, request: Request, code: str) -> Response:
        tree = branch(code, scope=self.scope, day=_day(request))
        if tree is None:
            raise Http404
        return Response(GridBranch(tree).data)


class GridLocate(ScopedAPIView):
    """某一点在哪个网格：在边界内，或最近中心 3 公里内（推定）；否则 404。"""

    @extend_schema(parameters=[LocateQuery], responses=LocatedOutput)
    def get(self, request: Request) -> Response:
        query = LocateQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        located = locate(**query.validated_data)
        if located is None or not Grid.objects.visible_to(self.scope).filter(pk=located.grid.pk).exists():
            raise exceptions.NotFound(OUTSIDE)
        return Response(LocatedOutput(located).data)


@extend_schema_view(get=extend_schema(parameters=[AT], responses=PostRow(many=True)))
class PostList(ScopedAPIView, ListAPIView):
    """任职：某一天谁在哪里任什么职。"""

    serializer_class = PostRow
    pagination_class = ByPlace
    filterset_class = PostFilter

    def get_queryset(self) -> QuerySet[Post]:
        day = _day(self.request) if self.request else timezone.localdate()
        return Post.objects.visible_to(self.scope).held_on(day).select_related("user", "grid", "department")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "scope": self.scope}


class SourceList(IdempotentMixin, ScopedAPIView, ListAPIView):
    """污染源台账：列表与登记。"""

    serializer_class = SourceOutput
    pagination_class = ByCode
    filterset_class = SourceFilter

    def get_queryset(self) -> QuerySet[Source]:
        return Source.objects.visible_to(self.scope).select_related("grid")

    @extend_schema(request=SourceInput, responses={201: SourceOutput})
    def post(self, request: Request) -> Response:
        source = register_source(draft=_draft(self), by=self.scope, at=timezone.now())
        return Response(SourceOutput(source).data, status=status.HTTP_201_CREATED)


class SourceRead(ScopedAPIView):
    """一家污染源：查看与修改。"""

    @extend_schema(responses=SourceOutput)
    def get(self, request: Request, code: str) -> Response:
        return Response(SourceOutput(_source_for(self, code)).data)

    @extend_schema(request=SourceInput, responses=SourceOutput)
    def put(self, request: Request, code: str) -> Response:
        source = _source_for(self, code)
        source = update_source(source=source, draft=_draft(self), by=self.scope, at=timezone.now())
        return Response(SourceOutput(source).data)


def _source_for(view: ScopedAPIView, code: str) -> Source:
    source = Source.objects.visible_to(view.scope).select_related("grid").filter(code=code).first()
    if source is None:
        raise Http404
    return source


def _draft(view: ScopedAPIView) -> SourceDraft:
    """The validated body as the service wants it; a grid that one may not see does not exist."""
    form = SourceInput(data=view.request.data)
    form.is_valid(raise_exception=True)
    values = form.validated_data
    code, location = values.pop("grid", None), values.pop("location", None)
    grid = Grid.objects.visible_to(view.scope).filter(code=code).first() if code else None
    if code and grid is None:
        raise InvalidForm({"grid": "网格编码不存在，请重新选择"})
    values["uscc"] = values.get("uscc") or ""
    return SourceDraft(**values, grid=grid, location=GivenPoint(**location) if location else None)


urlpatterns = [
    path("grids/", GridList.as_view(), name="api-grids"),
    path("grids/locate/", GridLocate.as_view(), name="api-grid-locate"),
    path("grids/<str:code>/", GridRead.as_view(), name="api-grid"),
    path("grids/<str:code>/tree/", GridTree.as_view(), name="api-grid-tree"),
    path("posts/", PostList.as_view(), name="api-posts"),
    path("sources/", SourceList.as_view(), name="api-sources"),
    path("sources/<str:code>/", SourceRead.as_view(), name="api-source"),
]
