"""The tree of grids, who answers for them, and the regulated sites inside them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from mptt.models import MPTTModel, TreeForeignKey

from accounts.choices import WorkLine
from accounts.models import Department
from accounts.roles import Role
from grids.choices import ChangeKind, GridKind, SourceCategory, SourceClass, SponsorClass
from grids.querysets import (
    BoundaryQuerySet,
    GridChangeQuerySet,
    GridManager,
    PostQuerySet,
    SourceQuerySet,
    SponsorshipQuerySet,
)


class GridLevel(models.Model):
    """A level of the tree as data: 0 the county, 1 towns, 2 work areas, 3 villages; a fourth needs no code."""

    rank = models.PositiveSmallIntegerField("级次", primary_key=True)
    name = models.CharField("名称", max_length=20)

    class Meta:
        verbose_name = verbose_name_plural = "网格层级"
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.name


class Grid(MPTTModel):
    """A node of the tree. Only `grids.services` writes it: several writers at once corrupt a nested set."""

    code = models.CharField("网格编码", max_length=20, unique=True)
    division_code = models.CharField("行政区划代码", max_length=12, unique=True, null=True, blank=True)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类型", max_length=12, choices=GridKind.choices)
    rank = models.ForeignKey(GridLevel, verbose_name="层级", on_delete=models.PROTECT, related_name="grids")
    parent = TreeForeignKey(
        "self", verbose_name="上级网格", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField("全称", max_length=400, blank=True, help_text="自县以下逐级名称，如“仲村镇/东工作区/某村”")
    centre_lon = models.FloatField("中心经度", null=True, blank=True)
    centre_lat = models.FloatField("中心纬度", null=True, blank=True)
    boundary_text = models.CharField("四至", max_length=300, blank=True)
    is_demo = models.BooleanField("演示", default=False)
    active_from = models.DateField("启用日期")
    active_to = models.DateField("停用日期", null=True, blank=True)
    source = models.CharField("来源", max_length=120, blank=True)

    objects = GridManager()

    class Meta:
        verbose_name = verbose_name_plural = "网格"
        ordering = ["tree_id", "lft"]
        indexes = [models.Index(fields=["tree_id", "lft"], name="grid_tree_order")]
        constraints = [
            models.CheckConstraint(
                name="grid_root_is_a_county",
                condition=Q(parent__isnull=True, kind=GridKind.COUNTY)
                | (Q(parent__isnull=False) & ~Q(kind=GridKind.COUNTY)),
                violation_error_message="只有县没有上级网格",
            ),
            models.CheckConstraint(
                name="grid_ends_after_it_starts",
                condition=Q(active_to__isnull=True) | Q(active_to__gt=F("active_from")),
                violation_error_message="停用日期须晚于启用日期",
            ),
            models.CheckConstraint(
                name="grid_centre_has_both_coordinates",
                condition=Q(centre_lon__isnull=True, centre_lat__isnull=True)
                | Q(centre_lon__isnull=False, centre_lat__isnull=False),
                violation_error_message="中心点须同时有经度和纬度",
            ),
        ]

    class MPTTMeta:
        order_insertion_by: list[str] = []

    def __str__(self) -> str:
        return self.name


class Boundary(models.Model):
    """The outline of a grid, in a row of its own: the tree is read with every request, an outline only for a map."""

    grid = models.OneToOneField(
        Grid, verbose_name="网格", on_delete=models.CASCADE, primary_key=True, related_name="boundary"
    )
    geometry = models.JSONField("边界（GeoJSON，WGS-84）")
    is_schematic = models.BooleanField("示意边界", default=False)

    objects = BoundaryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "网格边界"

    def __str__(self) -> str:
        return f"{self.grid} 边界"


class GridChange(models.Model):
    """网格调整: a grid was renamed, put under another, retired or restored on `day`; what it was is kept."""

    grid = models.ForeignKey(Grid, verbose_name="网格", on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("调整", max_length=10, choices=ChangeKind.choices)
    day = models.DateField("生效日期")
    old_name = models.CharField("原名称", max_length=60)
    new_name = models.CharField("新名称", max_length=60)
    old_parent = models.ForeignKey(Grid, verbose_name="原上级", on_delete=models.PROTECT, null=True, related_name="+")
    new_parent = models.ForeignKey(Grid, verbose_name="新上级", on_delete=models.PROTECT, null=True, related_name="+")
    basis = models.CharField("依据", max_length=120, blank=True)
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = models.CharField("记录人", max_length=60)

    objects = GridChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "网格调整"
        ordering = ["day", "id"]
        indexes = [models.Index(fields=["grid", "day"], name="grid_change_history")]

    def __str__(self) -> str:
        return f"{self.day} {self.new_name} {self.get_kind_display()}"


class TreeVersion(models.Model):
    """One row. Each change of the tree or of a boundary raises the number and draws a new token: what is cached under
    another token is stale. The token is random, so that a number seen again after a rollback is not mistaken.
    """

    number = models.PositiveIntegerField(default=1)
    token = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"网格树第 {self.number} 版"


class Post(models.Model):
    """Who holds which role where: from `starts_on` until, but not including, `ends_on`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="人员", on_delete=models.PROTECT, related_name="+")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    title = models.CharField("职务", max_length=40, blank=True, help_text="如 党委书记、镇长、支部书记")
    grid = models.ForeignKey(
        Grid, verbose_name="网格", on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    line = models.CharField("工作线", max_length=10, choices=WorkLine.choices, blank=True, help_text="空为各条线")
    is_fulltime = models.BooleanField("专职", default=False)
    is_acting = models.BooleanField("代理", default=False)
    starts_on = models.DateField("任职日期")
    ends_on = models.DateField("离任日期", null=True, blank=True, help_text="当日起不再任职")

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["grid_id", "role", "starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="post_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="离任日期须晚于任职日期",
            ),
            models.CheckConstraint(
                name="post_is_at_a_grid_or_a_department",
                condition=Q(grid__isnull=True) | Q(department__isnull=True),
                violation_error_message="任职只能在一个网格或一个部门",
            ),
            models.UniqueConstraint(
                name="one_post_per_person_role_grid_and_start",
                fields=["user", "role", "grid", "line", "starts_on"],
                condition=Q(grid__isnull=False),
                violation_error_message="该人员同日已任此职",
            ),
            models.UniqueConstraint(
                name="one_post_per_person_role_department_and_start",
                fields=["user", "role", "department", "line", "starts_on"],
                condition=Q(department__isnull=False),
                violation_error_message="该人员同日已任此职",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class Sponsorship(models.Model):
    """包保: a cadre of one of four classes who stands behind a grid, from `starts_on` until before `ends_on`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="包保干部", on_delete=models.PROTECT, related_name="+"
    )
    grid = models.ForeignKey(Grid, verbose_name="网格", on_delete=models.PROTECT, related_name="sponsorships")
    sponsor_class = models.CharField("类别", max_length=20, choices=SponsorClass.choices)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    objects = SponsorshipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "包保"
        ordering = ["grid_id", "sponsor_class", "id"]
        constraints = [
            models.CheckConstraint(
                name="sponsorship_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="结束日期须晚于开始日期",
            ),
            models.UniqueConstraint(
                name="one_sponsorship_per_person_grid_and_start",
                fields=["user", "grid", "starts_on"],
                violation_error_message="该干部同日已包保此网格",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} 包保 {self.grid}"


class Source(models.Model):
    """A regulated site (污染源) in the ledger."""

    code = models.CharField("编号", max_length=20, unique=True)
    name = models.CharField("名称", max_length=80)
    category = models.CharField("类别", max_length=20, choices=SourceCategory.choices)
    supervision_class = models.CharField(
        "监管级别", max_length=10, choices=SourceClass.choices, default=SourceClass.ORDINARY
    )
    grid = models.ForeignKey(Grid, verbose_name="所在网格", on_delete=models.PROTECT, related_name="sources")
    address = models.CharField("地址", max_length=120, blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    location_given = models.JSONField("原始坐标", null=True, blank=True, help_text="填报时的坐标和坐标系")
    is_active = models.BooleanField("在管", default=True)
    is_demo = models.BooleanField("演示", default=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "污染源"
        ordering = ["code", "id"]
        constraints = [
            models.CheckConstraint(
                name="source_location_has_both_coordinates",
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
                violation_error_message="位置须同时有经度和纬度",
            )
        ]

    def __str__(self) -> str:
        return self.name
