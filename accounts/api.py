"""REST door to departments, and to the question who is calling."""

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Department
from accounts.serializers import DepartmentRow, Me
from accounts.viewer import Visitor
from kernel.rest import CursorPages


class InOrder(CursorPages):
    ordering = ("position", "id")


class DepartmentList(ListAPIView):
    """部门：县直部门和垂管部门。"""

    serializer_class = DepartmentRow
    pagination_class = InOrder
    filterset_fields = ["affiliation", "is_active"]

    def get_queryset(self) -> QuerySet[Department]:
        # While the schema is generated nobody is calling.
        return Department.objects.visible_to(getattr(self.request, "scope", Visitor()))


class WhoAmI(APIView):
    """我是谁：姓名、任职和权限。"""

    @extend_schema(responses=Me)
    def get(self, request: Request) -> Response:
        return Response(Me(request.scope).data)


urlpatterns = [
    path("departments/", DepartmentList.as_view(), name="api-departments"),
    path("me/", WhoAmI.as_view(), name="api-me"),
]
