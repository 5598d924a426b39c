"""Who was asked to handle, and what was applied for. Only `cases.services` writes these rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Department
from cases.choices import PartRole, PartState, RequestKind, RequestState
from cases.models.case import Case
from cases.querysets import PartQuerySet
from grids.models import Grid
from kernel.choices import Unit

_PERSON = settings.AUTH_USER_MODEL
# Exactly one of the two answers.
ONE_UNIT = Q(grid__isnull=True) ^ Q(department__isnull=True)


class ReferralSheet(models.Model):
    """转办单: who was asked, by whom, until when, under which number."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sheets")
    number = models.CharField("文号", max_length=40, unique=True)
    dispatch_grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField("签发时间")
    amount = models.PositiveSmallIntegerField("时限数量")
    unit = models.CharField("时限单位", max_length=12, choices=Unit.choices)
    override_reason = models.CharField("调整时限理由", max_length=200, blank=True)
    opinion = models.TextField("转办意见", max_length=2000)

    class Meta:
        verbose_name = verbose_name_plural = "转办单"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.number


class Part(models.Model):
    """What one unit, leading or cooperating, owes to a referral."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parts")
    sheet = models.ForeignKey("ReferralSheet", on_delete=models.PROTECT, related_name="parts")
    role = models.CharField("主办/协办", max_length=4, choices=PartRole.choices)
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField("状态", max_length=10, choices=PartState.choices, default=PartState.SENT)
    sent_at = models.DateTimeField("送达")
    due_at = models.DateTimeField("反馈期限")
    signed_at = models.DateTimeField("签收", null=True, blank=True)
    signed_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField("反馈", null=True, blank=True)
    submitted_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    feedback = models.TextField("反馈内容", max_length=2000, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "主办协办"
        ordering = ["-role", "id"]
        constraints = [
            models.CheckConstraint(name="part_belongs_to_one_unit", condition=ONE_UNIT),
            models.UniqueConstraint(
                fields=["sheet"], condition=Q(role=PartRole.LEAD), name="one_lead_unit_per_referral"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.unit}"

    @property
    def unit(self) -> Grid | Department:
        return self.grid or self.department  # type: ignore[return-value]


class Request(models.Model):
    """退回、延期、挂账、作废: applied for by one person, decided by another; at most one of a kind is pending."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField("类别", max_length=10, choices=RequestKind.choices)
    state = models.CharField("状态", max_length=10, choices=RequestState.choices, default=RequestState.PENDING)
    applicant = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField("申请时间")
    reason = models.CharField("理由", max_length=500)
    basis = models.CharField("职责依据", max_length=300, blank=True)
    facts = models.JSONField("要素", default=dict, blank=True)
    decider_grid = models.ForeignKey(
        Grid, verbose_name="审批网格", on_delete=models.PROTECT, related_name="+", help_text="由此级或以上审批"
    )
    decided_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    opinion = models.CharField("审批意见", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "申请"
        ordering = ["-applied_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(state=RequestState.PENDING),
                name="one_pending_request_of_a_kind",
            ),
            models.CheckConstraint(
                name="approver_is_not_the_applicant",
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=models.F("applicant"))
                | Q(state=RequestState.WITHDRAWN),
            ),
        ]
        indexes = [
            models.Index(fields=["decider_grid"], condition=Q(state=RequestState.PENDING), name="request_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}申请 {self.get_state_display()}"
