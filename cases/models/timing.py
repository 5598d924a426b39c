"""The clocks of a case, and the cards of those who let one run out. Only `cases.services` writes these rows."""

from django.db import models
from django.db.models import Q

from accounts.models import Department
from cases.choices import CardColour, ClockOutcome, Stage
from cases.models.case import Case
from cases.models.referral import ONE_UNIT, Part
from cases.querysets import ClockQuerySet
from grids.models import Grid
from kernel.choices import Unit


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
            models.CheckConstraint(name="clock_belongs_to_one_holder", condition=ONE_UNIT),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_stage_display()} {self.due_at}"

    @property
    def holder(self) -> Grid | Department:
        return self.grid or self.department  # type: ignore[return-value]


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
            models.CheckConstraint(name="card_belongs_to_one_unit", condition=ONE_UNIT),
        ]

    def __str__(self) -> str:
        return f"{self.get_colour_display()} {self.get_stage_display()} {self.case_id}"
