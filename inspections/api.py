"""REST door to patrols."""

from __future__ import annotations

from typing import Any

import django_filters
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.choices import WorkLine
from cases.api import matter_of
from grids.coordinates import GivenPoint
from grids.rest import ScopedAPIView
from inspections.models import Patrol
from inspections.querysets import PatrolQuerySet
from inspections.serializers import PatrolInput, PatrolOutput
from inspections.services import FoundMatter, PatrolDraft, record_patrol
from kernel.rest import CursorPages, IdempotentMixin


class PatrolFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(method="in_grid", label="网格编码，含下级")
    source = django_filters.CharFilter(field_name="source__code", label="污染源编号")
    line = django_filters.MultipleChoiceFilter(choices=WorkLine.choices, label="工作线，可重复")
    started_from = django_filters.DateFilter(method="since", label="开始日期自")
    started_to = django_filters.DateFilter(method="until", label="开始日期至")

    class Meta:
        model = Patrol
        fields: list[str] = []

    def in_grid(self, rows: PatrolQuerySet, _name: str, code: str) -> PatrolQuerySet:
        return rows.in_grid(code)

    def since(self, rows: PatrolQuerySet, _name: str, day: Any) -> PatrolQuerySet:
        return rows.started_between(day, None)

    def until(self, rows: PatrolQuerySet, _name: str, day: Any) -> PatrolQuerySet:
        return rows.started_between(None, day)


class NewestFirst(CursorPages):
    ordering = ("-started_at", "-id")


class PatrolList(ScopedAPIView, IdempotentMixin, ListAPIView):
    """巡查记录：列表与上传。"""

    pagination_class = NewestFirst
    filterset_class = PatrolFilter
    serializer_class = PatrolOutput

    def get_queryset(self) -> PatrolQuerySet:
        return Patrol.objects.visible_to(self.scope).for_list()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "scope": self.scope}

    @extend_schema(request=PatrolInput, responses={201: PatrolOutput, 200: PatrolOutput})
    def post(self, request: Request) -> Response:
        """上传一次巡查，连同所发现的问题：201 新建；同一 client_id、同样内容再次提交为 200；内容不同为 409。"""
        form = PatrolInput(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        client_id = values.pop("client_id")
        recorded = record_patrol(_draft(values), client_id=client_id, by=self.scope, at=timezone.now())
        body = PatrolOutput(recorded.patrol, context={"scope": self.scope}).data
        return Response(body, status=status.HTTP_201_CREATED if recorded.is_new else status.HTTP_200_OK)


def _draft(values: dict[str, Any]) -> PatrolDraft:
    location = values.pop("location", None)
    values.pop("task", None)
    return PatrolDraft(
        started_at=values.pop("started_at"),
        ended_at=values.pop("ended_at"),
        location=GivenPoint(**location) if location else None,
        matters=[_found(matter) for matter in values.pop("matters", [])],
        **{name: value or "" for name, value in values.items()},
    )


def _found(values: dict[str, Any]) -> FoundMatter:
    client_id = values.pop("client_id", None)
    return FoundMatter(matter_of(values), client_id)


urlpatterns = [path("patrols/", PatrolList.as_view(), name="api-patrols")]
