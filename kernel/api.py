"""REST door to the working calendar: when would something be due, and why."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.calendar import current_calendar
from kernel.choices import Unit
from kernel.clock import Term, explain
from kernel.rest import MomentField


class PreviewQuery(serializers.Serializer):
    start = MomentField(help_text="开始的时刻，须带时区")
    amount = serializers.IntegerField(min_value=0, max_value=3650, help_text="数量")
    unit = serializers.ChoiceField(choices=Unit.choices, help_text="单位")


class Interval(serializers.Serializer):
    start = MomentField()
    end = MomentField()
    counted = serializers.BooleanField()
    reason = serializers.CharField()


class Preview(serializers.Serializer):
    due_at = MomentField()
    calendar_version = serializers.IntegerField()
    intervals = Interval(many=True)


class DeadlinePreview(APIView):
    """从某一时刻起若干时间后何时到期，计入了哪些时段、跳过了哪些时段。"""

    @extend_schema(parameters=[PreviewQuery], responses=Preview)
    def get(self, request: Request) -> Response:
        query = PreviewQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        term = Term(values["amount"], Unit(values["unit"]))
        return Response(Preview(explain(values["start"], term, current_calendar())).data)


urlpatterns = [path("deadlines/preview/", DeadlinePreview.as_view(), name="api-deadline-preview")]
