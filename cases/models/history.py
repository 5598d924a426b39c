"""The timeline of a case and its photos. Only `cases.services` writes these rows."""

from django.conf import settings
from django.db import models

from cases.choices import PhotoKind, State
from cases.models.case import Case
from kernel.models import Photo

_PERSON = settings.AUTH_USER_MODEL


class Step(models.Model):
    """A line of the timeline: appended, never changed. Names are kept as they were that day."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField("姓名", max_length=60)
    by_title = models.CharField("职务", max_length=80, blank=True)
    code = models.CharField("流程编号", max_length=6)
    action = models.CharField("动作", max_length=30)
    label = models.CharField("动作名称", max_length=40)
    from_state = models.CharField("原状态", max_length=16, choices=State.choices, blank=True)
    to_state = models.CharField("现状态", max_length=16, choices=State.choices)
    from_holder = models.CharField("原责任单位", max_length=120, blank=True)
    to_holder = models.CharField("现责任单位", max_length=120, blank=True)
    opinion = models.TextField("意见", max_length=2000, blank=True)
    facts = models.JSONField("要素", default=dict, blank=True)
    is_automatic = models.BooleanField("自动", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "办理过程"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["by", "action"], name="step_of_person")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name} {self.label}"


class CasePhoto(models.Model):
    """A photo of a case; announced by the phone first (`photo` empty) where it is sent after the text."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="photos")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="photos")
    photo = models.ForeignKey(Photo, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("类别", max_length=8, choices=PhotoKind.choices, default=PhotoKind.SCENE)
    client_id = models.UUIDField("手机端编号", unique=True)
    sha256 = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办件照片"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_kind_display()}"
