"""Patrols (巡查记录). Only `inspections.services` writes these rows."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.choices import WorkLine
from cases.models import Case
from grids.models import Grid, Source
from inspections.querysets import PatrolQuerySet

LONGEST_NOTE = 500


class Patrol(models.Model):
    """One round of one person through one grid, as it was walked; what was found are cases of their own."""

    client_id = models.UUIDField("手机端编号", unique=True)
    client_fingerprint = models.CharField(max_length=64, blank=True)
    grid = models.ForeignKey(Grid, verbose_name="网格", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(
        Source, verbose_name="污染源", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="巡查人", on_delete=models.PROTECT, related_name="+"
    )
    line = models.CharField("工作线", max_length=10, choices=WorkLine.choices, default=WorkLine.ENV)
    started_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("结束")
    received_at = models.DateTimeField("收到")
    lon = models.FloatField("经度（WGS-84）", null=True, blank=True)
    lat = models.FloatField("纬度（WGS-84）", null=True, blank=True)
    location_given = models.JSONField("原坐标", null=True, blank=True)
    note = models.CharField("记录", max_length=LONGEST_NOTE, blank=True)
    cases = models.ManyToManyField(Case, verbose_name="发现的问题", related_name="+")
    is_demo = models.BooleanField("演示", default=False)

    objects = PatrolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "巡查记录"
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="patrol_newest"),
            models.Index(fields=["grid", "-started_at", "-id"], name="patrol_of_grid"),
            models.Index(fields=["member", "-started_at", "-id"], name="patrol_of_member"),
        ]
        constraints = [
            models.CheckConstraint(
                name="patrol_ends_after_it_starts",
                condition=Q(ended_at__gte=F("started_at")),
                violation_error_message="结束时间不能早于开始时间",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.grid} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def minutes(self) -> int:
        """How long the round took, in whole minutes."""
        return int((self.ended_at - self.started_at).total_seconds() // 60)
