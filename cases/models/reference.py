"""What the county decides in advance: categories with their responsibilities, and limits with their sources."""

from django.db import models
from django.db.models import Q

from accounts.choices import WorkLine
from accounts.models import Department
from cases.choices import Severity, Stage
from kernel.choices import Unit


class CaseCategory(models.Model):
    """What kind of matter it is, who leads, on what legal basis. All of it data that the county edits."""

    code = models.CharField("代码", max_length=10, unique=True)
    name = models.CharField("名称", max_length=60)
    pollution_type = models.CharField("污染类型", max_length=20)
    line = models.CharField("工作线", max_length=10, choices=WorkLine.choices, default=WorkLine.ENV)
    filing_condition = models.CharField("立案条件", max_length=200, blank=True)
    closing_condition = models.CharField("结案条件", max_length=200, blank=True)
    self_handling_allowed = models.BooleanField("可自处置", default=False)
    lead_department = models.ForeignKey(
        Department,
        verbose_name="牵头部门",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="空为属地镇街牵头",
    )
    cooperating_departments = models.ManyToManyField(Department, verbose_name="配合部门", blank=True, related_name="+")
    town_cooperates = models.BooleanField("镇街配合", default=False)
    legal_basis = models.CharField("法律依据", max_length=300, blank=True)
    basis_was_read = models.BooleanField("原文已核对", default=False)
    valid_from = models.DateField("生效日期")
    is_active = models.BooleanField("在用", default=True)
    position = models.PositiveSmallIntegerField("次序", default=100)

    class Meta:
        verbose_name = verbose_name_plural = "问题类别"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class Limit(models.Model):
    """How long a stage may take, for a severity and perhaps one category, with its source and dates."""

    stage = models.CharField("环节", max_length=4, choices=Stage.choices)
    severity = models.CharField("严重程度", max_length=10, choices=Severity.choices)
    category = models.ForeignKey(
        CaseCategory,
        verbose_name="类别",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="limits",
        help_text="空为所有类别",
    )
    amount = models.PositiveSmallIntegerField("数量")
    unit = models.CharField("单位", max_length=12, choices=Unit.choices)
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "时限"
        ordering = ["stage", "severity", "valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                name="limit_ends_after_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                violation_error_message="失效日期须晚于生效日期",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}（{self.get_severity_display()}）{self.amount}{self.get_unit_display()}"
