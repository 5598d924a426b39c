"""Rows that know no domain word: calendar, numbers, audit, firings, photos, remembered answers, heartbeats."""

import uuid

from django.db import models

from kernel.querysets import AuditQuerySet


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a Saturday or Sunday that is worked (调休)."""

    day = models.DateField("日期", unique=True)
    is_working = models.BooleanField("上班")
    name = models.CharField("名称", max_length=40, blank=True)
    source = models.CharField("来源", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "节假日与调休"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_working else '放假'} {self.name}"


class OfficeHours(models.Model):
    """Office hours of a season, valid from `from_date` until the next row's date."""

    from_date = models.DateField("自", unique=True)
    morning_start = models.TimeField("上午上班")
    morning_end = models.TimeField("上午下班")
    afternoon_start = models.TimeField("下午上班")
    afternoon_end = models.TimeField("下午下班")
    source = models.CharField("依据", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "作息时间"
        ordering = ["from_date"]
        constraints = [
            models.CheckConstraint(
                name="office_hours_in_order",
                condition=models.Q(morning_start__lt=models.F("morning_end"))
                & models.Q(morning_end__lte=models.F("afternoon_start"))
                & models.Q(afternoon_start__lt=models.F("afternoon_end")),
                violation_error_message="作息时间须依次为上午上班、上午下班、下午上班、下午下班",
            )
        ]

    def __str__(self) -> str:
        return f"自 {self.from_date} {self.morning_start:%H:%M}–{self.afternoon_end:%H:%M}"


class CalendarVersion(models.Model):
    """One row: the number rises with every change of the calendar, so that every process knows its copy is stale.

    The token is new with every change: a number comes back after a rollback or a restored backup, a token never does.
    """

    number = models.PositiveIntegerField(default=1)
    token = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "日历版本"

    def __str__(self) -> str:
        return f"日历第 {self.number} 版"


class Counter(models.Model):
    """The last number given in a series and a period; raised in the transaction that uses it, so there are no gaps."""

    series = models.CharField(max_length=40)
    period = models.CharField(max_length=20)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "period"], name="one_counter_per_series_and_period")]

    def __str__(self) -> str:
        return f"{self.series} {self.period}: {self.value}"


class AuditEntry(models.Model):
    """One act, chained to the one before it by its hash. Never updated, never deleted."""

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField("时间")
    actor_id = models.PositiveBigIntegerField("操作人编号", null=True)
    actor_name = models.CharField("操作人", max_length=60)
    verb = models.CharField("动作", max_length=60)
    subject = models.CharField("对象", max_length=80, db_index=True)
    details = models.JSONField("内容", default=dict)
    address = models.CharField("来源地址", max_length=45, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.verb} {self.subject}"


class AuditHead(models.Model):
    """One row: the end of the chain. Locked while an entry is added, so that the chain never forks."""

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"审计链第 {self.sequence} 条"


class Firing(models.Model):
    """A timed step that happened; the unique key makes each step fire once however many workers try."""

    subject = models.CharField(max_length=80)
    stage = models.CharField(max_length=20)
    step = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    skipped = models.BooleanField("已越过", default=False, help_text="停机后只发最高一级，越过的只作记录")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "stage", "step", "due_at"], name="each_step_fires_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.stage} {self.step} @ {self.due_at}"


def _original_path(photo: "Photo", _name: str) -> str:
    return f"private/{photo.received_at:%Y/%m/%d}/{photo.uuid}.{photo.extension}"


def _shown_path(photo: "Photo", _name: str) -> str:
    return f"shown/{photo.received_at:%Y/%m/%d}/{photo.uuid}.jpg"


def _thumbnail_path(photo: "Photo", _name: str) -> str:
    return f"thumb/{photo.received_at:%Y/%m/%d}/{photo.uuid}.jpg"


class Photo(models.Model):
    """A photo as received (private) and as shown (turned upright, without EXIF, watermarked). Served only by views."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client_id = models.UUIDField("手机端编号", null=True, unique=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    extension = models.CharField(max_length=4)
    original = models.FileField("原件", upload_to=_original_path)
    shown = models.FileField("展示件", upload_to=_shown_path)
    thumbnail = models.FileField("缩略图", upload_to=_thumbnail_path)
    width = models.PositiveIntegerField("宽（像素）")
    height = models.PositiveIntegerField("高（像素）")
    exif = models.JSONField("EXIF（不公开）", default=dict)
    taken_at = models.DateTimeField("拍摄时间", null=True)
    received_at = models.DateTimeField("收到时间")
    watermark = models.CharField("水印文字", max_length=200)
    # A number, not a relation: people are a floor above, and nothing below may lean on them.
    uploaded_by_id = models.PositiveBigIntegerField("上传人编号", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "照片"

    def __str__(self) -> str:
        return f"照片 {self.uuid}"


class RememberedAnswer(models.Model):
    """The answer to a POST with an Idempotency-Key, given again for 72 hours. Its body is kept to the letter."""

    key = models.CharField(max_length=80)
    owner = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.owner} {self.key}"


class Heartbeat(models.Model):
    """When a process of the background last showed itself: a beat that dies does so in silence."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
