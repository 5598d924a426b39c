"""The case itself. Only `cases.services` writes these rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import WorkLine
from accounts.models import Department
from cases.choices import Arrival, CardColour, Origin, Severity, Stage, State
from cases.models.reference import CaseCategory
from cases.querysets import CaseQuerySet
from grids.choices import CoordSys, LocatedBy
from grids.models import Grid, Source

_PERSON = settings.AUTH_USER_MODEL


class Case(models.Model):
    """One matter found on the ground that somebody has to put right: one state, one holder, one running stage."""

    number = models.CharField("编号", max_length=20, unique=True)
    client_id = models.UUIDField("手机端编号", null=True, unique=True)
    client_fingerprint = models.CharField(max_length=64, blank=True)
    line = models.CharField("工作线", max_length=10, choices=WorkLine.choices, default=WorkLine.ENV)
    origin = models.CharField("来源", max_length=12, choices=Origin.choices, default=Origin.REPORT)
    category = models.ForeignKey(CaseCategory, verbose_name="类别", on_delete=models.PROTECT, related_name="+")
    severity = models.CharField("严重程度", max_length=10, choices=Severity.choices, default=Severity.ORDINARY)
    title = models.CharField("标题", max_length=60)
    description = models.TextField("情况", max_length=2000, blank=True)
    grid = models.ForeignKey(Grid, verbose_name="所在网格", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(
        Source, verbose_name="污染源", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.CharField("地点", max_length=120, blank=True)
    lon = models.FloatField("经度（WGS-84）", null=True, blank=True)
    lat = models.FloatField("纬度（WGS-84）", null=True, blank=True)
    coord_sys = models.CharField("原坐标系", max_length=10, choices=CoordSys.choices, blank=True)
    original_lon = models.FloatField("原经度", null=True, blank=True)
    original_lat = models.FloatField("原纬度", null=True, blank=True)
    located_by = models.CharField("定位方式", max_length=10, choices=LocatedBy.choices, blank=True)
    no_photo_reason = models.CharField("无照片原因", max_length=120, blank=True)

    state = models.CharField("状态", max_length=16, choices=State.choices)
    version = models.PositiveIntegerField(default=1, help_text="每次变动加一，两人同时操作时只有一人成功")
    holder_grid = models.ForeignKey(
        Grid, verbose_name="当前网格", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    holder_department = models.ForeignKey(
        Department, verbose_name="当前部门", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    arrived_by = models.CharField("到达方式", max_length=10, choices=Arrival.choices, blank=True)
    arrived_at = models.DateTimeField("到达时间", null=True, blank=True)

    reporter = models.ForeignKey(
        _PERSON, verbose_name="上报人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField("建立时间")
    reported_at = models.DateTimeField("上报时间", null=True, blank=True)
    dispatch_grid = models.ForeignKey(
        Grid, verbose_name="转办网格", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dispatched_at = models.DateTimeField("转办时间", null=True, blank=True)
    handler = models.ForeignKey(
        _PERSON, verbose_name="处置人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    measures = models.TextField("处置措施", max_length=2000, blank=True)
    cause = models.CharField("原因", max_length=500, blank=True)
    self_handled = models.BooleanField("自处置", default=False)
    is_sampled = models.BooleanField("抽中审核", default=False)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=120, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="并入",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_cases",
        db_index=False,
    )

    stage = models.CharField("环节", max_length=4, choices=Stage.choices, blank=True)
    due_at = models.DateTimeField("到期", null=True, blank=True)
    is_overdue = models.BooleanField("超期", default=False)
    card = models.CharField("牌", max_length=6, choices=CardColour.choices, blank=True)
    is_urged = models.BooleanField("催办", default=False)
    is_supervised = models.BooleanField("督办", default=False)
    is_listed = models.BooleanField("挂牌督办", default=False)
    is_rebound = models.BooleanField("反弹", default=False)
    rework_count = models.PositiveSmallIntegerField("重办次数", default=0)
    improper_returns = models.PositiveSmallIntegerField("不当退回次数", default=0)
    is_demo = models.BooleanField("演示", default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办件"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["state", "due_at", "id"], name="case_by_state_and_due"),
            models.Index(fields=["-created_at", "-id"], name="case_newest"),
            # All that the tabs of a list count by: SQLite counts 100,000 cases in 20 ms with it, in 150 ms without.
            models.Index(fields=["state", "grid", "reporter", "holder_grid"], name="case_counted"),
            models.Index(fields=["holder_grid", "state", "due_at"], name="case_held_by_grid"),
            models.Index(fields=["holder_department", "state", "due_at"], name="case_held_by_department"),
            models.Index(fields=["reporter", "-created_at"], name="case_of_reporter"),
            # Few cases are merged: over all, the one value that they share makes SQLite read the whole table instead.
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="case_merged"),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_has_at_most_one_holder",
                condition=Q(holder_grid__isnull=True) | Q(holder_department__isnull=True),
            ),
            models.CheckConstraint(
                name="open_case_has_a_holder",
                condition=Q(state__in=[State.CLOSED, State.ARCHIVED, State.VOIDED, State.TRANSFERRED])
                | Q(holder_grid__isnull=False)
                | Q(holder_department__isnull=False),
            ),
            models.CheckConstraint(
                name="case_is_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def holder(self) -> Grid | Department | None:
        """The grid or department that must act now; None when nobody has to."""
        return self.holder_grid or self.holder_department
