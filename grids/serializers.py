"""What the API takes and gives for grids, posts and sources. Input and output are different serializers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.helpers import lazy_serializer
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.roles import Role
from grids.choices import CoordSys, GridKind, LocatedBy, SourceCategory, SourceClass
from grids.models import Grid, Post, Source
from grids.rules import masked_phone
from kernel.rest import LocationField, PlainTextField


class PointOutput(serializers.Serializer):
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    coord_sys = serializers.ChoiceField(choices=CoordSys.choices)


class GridRow(serializers.Serializer):
    """A grid of a list, named and placed as on the day that was asked for."""

    code = serializers.CharField()
    division_code = serializers.CharField(allow_null=True, help_text="12 位区划代码；工作区等没有")
    name = serializers.CharField(source="name_then")
    kind = serializers.ChoiceField(choices=GridKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    level = serializers.IntegerField(source="rank_id", help_text="级次：0 县，1 镇，2 工作区，3 村")
    parent = serializers.SerializerMethodField(help_text="上级网格编码")
    path = serializers.SerializerMethodField(help_text="自县以下逐级名称")
    centre = serializers.SerializerMethodField()
    is_demo = serializers.BooleanField(help_text="演示数据，非官方划分")
    active_from = serializers.DateField()
    active_to = serializers.DateField(allow_null=True)

    def get_parent(self, grid: Grid) -> str | None:
        return self.context["codes"].get(grid.parent_then_id)

    def get_path(self, grid: Grid) -> str:
        return self.context["paths"][grid.pk]

    @extend_schema_field(PointOutput(allow_null=True))
    def get_centre(self, grid: Grid) -> dict[str, Any] | None:
        return point(grid.centre_lon, grid.centre_lat)


class GridDetail(GridRow):
    boundary_text = serializers.CharField(help_text="四至")
    boundary = serializers.SerializerMethodField(help_text="GeoJSON，WGS-84")
    boundary_is_schematic = serializers.SerializerMethodField(help_text="示意图，非真实边界")
    source = serializers.CharField(help_text="数据来源")

    @extend_schema_field({"type": "object", "nullable": True})
    def get_boundary(self, grid: Grid) -> dict[str, Any] | None:
        outline = self.context["outline"]
        return outline.geometry if outline else None

    def get_boundary_is_schematic(self, grid: Grid) -> bool:
        outline = self.context["outline"]
        return bool(outline and outline.is_schematic)


class GridBranch(serializers.Serializer):
    """A grid with all below it."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=GridKind.choices)
    level = serializers.IntegerField()
    children = serializers.SerializerMethodField()

    @extend_schema_field(lazy_serializer("grids.serializers.GridBranch")(many=True))
    def get_children(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        return GridBranch(node["children"], many=True).data


class LocateQuery(LocationField):
    coord_sys = serializers.ChoiceField(
        choices=CoordSys.choices,
        default=CoordSys.WGS84,
        error_messages={"invalid_choice": "坐标系应为 wgs84、cgcs2000、gcj02 或 bd09"},
    )


class LocatedGrid(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    path = serializers.CharField()
    level = serializers.IntegerField(source="rank_id")


class LocatedOutput(serializers.Serializer):
    """`how`: `boundary` the point lies inside, `nearest` the nearest centre within 3 km (推定)."""

    grid = LocatedGrid()
    how = serializers.ChoiceField(choices=LocatedBy.choices)
    how_label = serializers.CharField(source="how.label")
    distance_m = serializers.SerializerMethodField(help_text="到最近中心的米数；边界内为 0")

    def get_distance_m(self, located: Any) -> int:
        return round(located.distance_m)


class PostRow(serializers.Serializer):
    """Who holds which role where; the phone is masked for those who may not see people's details."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(choices=Role.choices)
    role_label = serializers.CharField(source="get_role_display")
    title = serializers.CharField()
    grid = serializers.SerializerMethodField()
    department = serializers.SerializerMethodField()
    line = serializers.CharField(help_text="工作线；空为各条线")
    is_fulltime = serializers.BooleanField()
    is_acting = serializers.BooleanField()
    phone = serializers.SerializerMethodField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, help_text="当日起不再任职")

    def get_grid(self, post: Post) -> str | None:
        return post.grid.code if post.grid else None

    def get_department(self, post: Post) -> str | None:
        return post.department.code if post.department else None

    def get_phone(self, post: Post) -> str:
        phone = post.user.phone or post.user.office_phone
        return masked_phone(phone) if self.context["scope"].is_masked else phone


class SourceOutput(serializers.ModelSerializer):
    grid = serializers.CharField(source="grid.code")
    grid_path = serializers.CharField(source="grid.path")
    location = serializers.SerializerMethodField()

    class Meta:
        model = Source
        fields = [
            "code",
            "name",
            "category",
            "supervision_class",
            "grid",
            "grid_path",
            "address",
            "uscc",
            "location",
            "is_active",
            "is_demo",
        ]

    @extend_schema_field(PointOutput(allow_null=True))
    def get_location(self, source: Source) -> dict[str, Any] | None:
        return point(source.lon, source.lat)


class SourceInput(serializers.Serializer):
    """A site to enter or to change; without `grid` the location decides."""

    name = PlainTextField(max_length=80)
    category = serializers.ChoiceField(choices=SourceCategory.choices)
    supervision_class = serializers.ChoiceField(choices=SourceClass.choices, default=SourceClass.ORDINARY)
    grid = PlainTextField(max_length=20, required=False, allow_null=True, help_text="网格编码；有位置时可不填")
    address = PlainTextField(max_length=120, required=False, allow_blank=True, default="")
    uscc = PlainTextField(max_length=18, required=False, allow_blank=True, allow_null=True)
    location = LocationField(required=False, allow_null=True)
    is_active = serializers.BooleanField(default=True)


def point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    """A stored point as the API gives it: always WGS-84."""
    return None if lon is None else {"lon": lon, "lat": lat, "coord_sys": CoordSys.WGS84}
