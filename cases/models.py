"""A case and all that belongs to it. Only `cases.services` writes these rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import WorkLine
from accounts.models import Department
from cases.choices import (
    Arrival,
    CardColour,
    ClockOutcome,
    Origin,
    PartRole,
    PartState,
    PhotoKind,
    RequestKind,
    RequestState,
    Severity,
    Stage,
    State,
)
from cases.querysets import CaseQuerySet, ClockQuerySet, PartQuerySet
from grids.choices import CoordSys, LocatedBy
from grids.models import Grid, Source
from kernel.choices import Unit
from kernel.models import Photo

_PERSON = settings.AUTH_USER_MODEL
_ONE_HOLDER = Q(grid__isnull=True) ^ Q(department__isnull=True)


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
        "self", verbose_name="并入", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_cases"
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
            models.Index(fields=["grid", "state"], name="case_of_grid"),
            models.Index(fields=["holder_grid", "state", "due_at"], name="case_held_by_grid"),
            models.Index(fields=["holder_department", "state", "due_at"], name="case_held_by_department"),
            models.Index(fields=["reporter", "-created_at"], name="case_of_reporter"),
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
            models.CheckConstraint(name="part_belongs_to_one_unit", condition=_ONE_HOLDER),
            models.UniqueConstraint(
                fields=["sheet"], condition=Q(role=PartRole.LEAD), name="one_lead_unit_per_referral"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.unit}"

    @property
    def unit(self) -> Grid | Department:
        return self.grid or self.department  # type: ignore[return-value]


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


class StageClock(models.Model):
    """The time of one stage at one holder: started, due, stopped, and the moment at which something must happen."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stage = models.CharField("环节", max_length=4, choices=Stage.choices)
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.PositiveSmallIntegerField("数量")
    unit = models.CharField("单位", max_length=12, choices=Unit.choices)
    source = models.CharField("依据", max_length=200)
    started_at = models.DateTimeField("开始")
    due_at = models.DateTimeField("到期")
    stopped_at = models.DateTimeField("结束", null=True, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=ClockOutcome.choices, blank=True)
    paused_at = models.DateTimeField("暂停", null=True, blank=True)
    remaining = models.DurationField("暂停时剩余", null=True, blank=True)
    next_action_at = models.DateTimeField("下次动作", null=True, blank=True)
    calendar_version = models.PositiveIntegerField("日历版本", default=0, help_text="到期时刻按哪一版日历算出")
    is_fixed = models.BooleanField("期限固定", default=False, help_text="并案等原因定下的期限，日历变动时不重算")

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "环节计时"
        ordering = ["started_at", "id"]
        indexes = [
            models.Index(
                fields=["next_action_at", "id"],
                condition=Q(stopped_at__isnull=True, paused_at__isnull=True),
                name="clock_ringing",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "stage"],
                condition=Q(stopped_at__isnull=True, part__isnull=True),
                name="one_running_clock_per_stage",
            ),
            models.UniqueConstraint(
                fields=["part"],
                condition=Q(stopped_at__isnull=True, part__isnull=False),
                name="one_running_clock_per_part",
            ),
            models.CheckConstraint(name="clock_belongs_to_one_holder", condition=_ONE_HOLDER),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_stage_display()} {self.due_at}"

    @property
    def holder(self) -> Grid | Department:
        return self.grid or self.department  # type: ignore[return-value]


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


class Card(models.Model):
    """A yellow or red card against the unit that let a stage run out; the score reads it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="cards")
    clock = models.ForeignKey(StageClock, on_delete=models.PROTECT, related_name="cards")
    colour = models.CharField("颜色", max_length=6, choices=CardColour.choices)
    stage = models.CharField("环节", max_length=4, choices=Stage.choices)
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField("到期")
    issued_at = models.DateTimeField("发出时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "黄红牌"
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "colour", "due_at"], name="one_card_per_colour_and_due"),
            models.CheckConstraint(name="card_belongs_to_one_unit", condition=_ONE_HOLDER),
        ]

    def __str__(self) -> str:
        return f"{self.get_colour_display()} {self.get_stage_display()} {self.case_id}"


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
