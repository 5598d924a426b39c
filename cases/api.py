"""REST door to cases: the same services and the same refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from cases.filters import CaseFilter
from cases.models import Case
from cases.serializers import CaseDetail, CaseRow, ClockOutput, MatterInput, StepOutput
from cases.services import reading
from cases.services.explaining import explain_clocks
from cases.services.filing import Location, Matter, open_case
from cases.services.machine import act
from cases.services.photos import AnnouncedPhoto, missing_photos, receive_photo
from cases.services.reading import CaseSheet
from grids.rest import ScopedAPIView
from kernel.rest import CursorPages, IdempotentMixin


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-id")


def _case_for(view: ScopedAPIView, number: str) -> Case:
    """The case of `number` if this caller may see it; 404 otherwise, as for one that does not exist."""
    case = reading.whole(Case.objects.visible_to(view.scope)).filter(number=number).first()
    if case is None:
        raise Http404
    return case


def _detail(view: ScopedAPIView, case: Case) -> dict[str, Any]:
    return _told(view, reading.read_case(case, by=view.scope, at=timezone.now()))


def _told(view: ScopedAPIView, sheet: CaseSheet) -> dict[str, Any]:
    case = sheet.case
    context = {
        "scope": view.scope,
        "time_left": sheet.time_left,
        "parts": sheet.parts,
        "missing_photos": sheet.missing_photos,
        "allowed_actions": [reading.describe(case, offer, view.scope) for offer in sheet.offers if offer.is_allowed],
        "blocked_actions": [
            {"action": offer.transition.action, "label": offer.transition.label, "reason": offer.reason}
            for offer in sheet.offers
            if not offer.is_allowed
        ],
    }
    return CaseDetail(case, context=context).data


class CaseList(ScopedAPIView, IdempotentMixin, ListAPIView):
    """办件：列表与上报。"""

    pagination_class = NewestFirst
    filterset_class = CaseFilter
    serializer_class = CaseRow

    def get_queryset(self) -> Any:
        return Case.objects.visible_to(self.scope).for_list()

    @extend_schema(request=MatterInput, responses={201: CaseDetail, 200: CaseDetail})
    def post(self, request: Request) -> Response:
        """上报一件：201 新建；同一 client_id、同样内容再次提交为 200；内容不同为 409。"""
        form = MatterInput(data=request.data)
        form.is_valid(raise_exception=True)
        at, client_id = timezone.now(), form.validated_data.pop("client_id", None)
        matter = matter_of(form.validated_data)
        filed = open_case(matter, by=self.scope, at=at, client_id=client_id)
        if not filed.is_new:
            return Response(_detail(self, _case_for(self, filed.case.number)))
        sheet = reading.read_new_case(filed.case, matter.photos, by=self.scope, at=at)
        return Response(_told(self, sheet), status=status.HTTP_201_CREATED)


def matter_of(values: dict[str, Any]) -> Matter:
    """The validated body of `MatterInput`, without `client_id`, as the service wants it."""
    location = values.pop("location", None)
    photos = [AnnouncedPhoto(**photo) for photo in values.pop("photos", [])]
    return Matter(
        **{name: value or "" for name, value in values.items()},
        location=Location(**location) if location else None,
        photos=photos,
    )


class CaseRead(ScopedAPIView):
    """办件详情，含剩余时间、可用操作和不可用的原因。"""

    @extend_schema(responses=CaseDetail)
    def get(self, request: Request, number: str) -> Response:
        return Response(_detail(self, _case_for(self, number)))


class CaseSteps(ScopedAPIView):
    """办理过程，由早到晚。"""

    @extend_schema(responses=StepOutput(many=True))
    def get(self, request: Request, number: str) -> Response:
        case = _case_for(self, number)
        return Response(StepOutput(case.steps.all(), many=True, context={"scope": self.scope}).data)


class CaseClock(ScopedAPIView):
    """每个期限的由来：规则、日历版本、计入与跳过的时间段。"""

    @extend_schema(responses=ClockOutput(many=True))
    def get(self, request: Request, number: str) -> Response:
        return Response(ClockOutput(explain_clocks(_case_for(self, number)), many=True).data)


class CaseAction(IdempotentMixin, ScopedAPIView):
    """对办件执行一个操作；字段见详情的 allowed_actions。"""

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses=CaseDetail,
        parameters=[OpenApiParameter("action", str, OpenApiParameter.PATH, description="allowed_actions 中的 action")],
    )
    def post(self, request: Request, number: str, action: str) -> Response:
        case = _case_for(self, number)
        data = request.data if isinstance(request.data, dict) else {}
        act(case, action, by=self.scope, at=timezone.now(), data=_with_photos(data), seen=_seen(data))
        return Response(_detail(self, _case_for(self, number)))


def _with_photos(data: dict[str, Any]) -> dict[str, Any]:
    """Announced photos of an action in the shape of `POST cases/`; the rest of the body as it came."""
    if "photos" not in data:
        return dict(data)
    form = MatterInput(data={"category": "-", "photos": data["photos"]}, partial=True)
    form.is_valid(raise_exception=True)
    return {**data, "photos": [AnnouncedPhoto(**photo) for photo in form.validated_data["photos"]]}


def _seen(data: dict[str, Any]) -> int | None:
    version = data.get("version")
    return version if isinstance(version, int) else None


class PhotoUpload(serializers.Serializer):
    client_id = serializers.UUIDField()
    # What is wrong with the file, an empty one too, is said by the service, as at every other door.
    photo = serializers.FileField(allow_empty_file=True)


class PhotoReceipt(serializers.Serializer):
    received = serializers.UUIDField()
    missing_photos = serializers.ListField(child=serializers.UUIDField())


class CasePhotos(ScopedAPIView):
    """补传已登记的照片；重复发送不产生变化。"""

    parser_classes = [MultiPartParser]

    @extend_schema(request=PhotoUpload, responses=PhotoReceipt)
    def post(self, request: Request, number: str) -> Response:
        case = _case_for(self, number)
        form = PhotoUpload(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        receive_photo(case, values["client_id"], values["photo"], by=self.scope, at=timezone.now())
        return Response({"received": str(values["client_id"]), "missing_photos": missing_photos(case)})


urlpatterns = [
    path("cases/", CaseList.as_view(), name="api-cases"),
    path("cases/<str:number>/", CaseRead.as_view(), name="api-case"),
    path("cases/<str:number>/steps/", CaseSteps.as_view(), name="api-case-steps"),
    path("cases/<str:number>/clock/", CaseClock.as_view(), name="api-case-clock"),
    path("cases/<str:number>/photos/", CasePhotos.as_view(), name="api-case-photos"),
    path("cases/<str:number>/actions/<str:action>/", CaseAction.as_view(), name="api-case-action"),
]
