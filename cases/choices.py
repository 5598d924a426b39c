"""The words of a case: states, severities, stages, units, requests, cards. Values are fixed in the API."""

from django.db import models


class State(models.TextChoices):
    DRAFT = "draft", "草稿"
    VERIFYING = "verifying", "待核实"
    TRIAGE = "triage", "待研判"
    SELF_HANDLING = "self_handling", "自处置中"
    SELF_REVIEW = "self_review", "自处置待审核"
    DISPATCHED = "dispatched", "已转办待签收"
    HANDLING = "handling", "处置中"
    JOINT = "joint", "联合执法中"
    SUSPENDED = "suspended", "挂账"
    CHECKING = "checking", "待核查"
    CLOSING = "closing", "待办结审批"
    CLOSED = "closed", "已办结"
    ARCHIVED = "archived", "已归档"
    VOIDED = "voided", "作废"
    TRANSFERRED = "transferred", "移送"


# Nothing more is to be done in these; a transferred case is still tracked until its result is entered.
FINAL_STATES = frozenset({State.CLOSED, State.ARCHIVED, State.VOIDED})
OPEN_STATES = frozenset(State) - FINAL_STATES
# On somebody's desk in the course of its disposal: what a void or a merge may still reach.
ACTIVE_STATES = OPEN_STATES - {State.DRAFT, State.TRANSFERRED}


class Severity(models.TextChoices):
    ORDINARY = "ordinary", "一般"
    SERIOUS = "serious", "较重"
    MAJOR = "major", "重大"
    URGENT = "urgent", "紧急"


SERIOUS_AND_ABOVE = frozenset({Severity.SERIOUS, Severity.MAJOR, Severity.URGENT})


class Origin(models.TextChoices):
    """How the matter arrived."""

    REPORT = "report", "网格员上报"
    PATROL = "patrol", "巡查发现"
    COMPLAINT = "complaint", "群众信访"
    ALARM = "alarm", "在线监控报警"
    VIDEO = "video", "视频发现"
    SUPERVISION = "supervision", "上级督查"
    LEADER = "leader", "领导批示"
    IMPORT = "import", "外部导入"


# An alarm or an anonymous report must be looked at on the spot before anybody is made to act on it.
VERIFIED_FIRST = frozenset({Origin.ALARM, Origin.COMPLAINT})


class Stage(models.TextChoices):
    """What a clock runs for (S1–S12 of the limits table)."""

    TRIAGE = "S1", "研判"
    VERIFY = "S2", "核实"
    SELF_HANDLE = "S3", "自处置"
    SELF_REVIEW = "S3R", "自处置审核"
    SIGN = "S4", "签收"
    RETURN_WINDOW = "S5", "退回期限"
    HANDLE = "S6", "处置"
    CO_FEEDBACK = "S7", "协办反馈"
    EXTENSION = "S8", "延期"
    CHECK = "S9", "核查"
    CLOSE = "S10", "办结审批"
    REWORK = "S11", "重办"
    ARCHIVE = "S12", "归档"
    PROGRESS = "P", "进展报告"


class ClockOutcome(models.TextChoices):
    MET = "met", "按期"
    LATE = "late", "超期"
    CANCELLED = "cancelled", "不计"


class Arrival(models.TextChoices):
    """How a case came to the holder who has it now."""

    REPORTED = "reported", "上报"
    ESCALATED = "escalated", "下级上报"
    CLIMBED = "climbed", "逾期自动升级"
    SENT_DOWN = "sent_down", "上级下派"
    RETURNED = "returned", "退回"
    REFERRED = "referred", "转办"
    FORWARDED = "forwarded", "流转"
    REWORK = "rework", "重办"


class PartRole(models.TextChoices):
    LEAD = "lead", "主办"
    CO = "co", "协办"


class PartState(models.TextChoices):
    SENT = "sent", "待签收"
    SIGNED = "signed", "已签收"
    SUBMITTED = "submitted", "已反馈"
    RETURNED = "returned", "已退回"


class RequestKind(models.TextChoices):
    RETURN = "return", "退回"
    EXTENSION = "extension", "延期"
    SUSPEND = "suspend", "挂账"
    VOID = "void", "作废"


class RequestState(models.TextChoices):
    PENDING = "pending", "待审批"
    APPROVED = "approved", "已同意"
    REJECTED = "rejected", "已驳回"
    WITHDRAWN = "withdrawn", "已撤回"


class VoidReason(models.TextChoices):
    NOT_TRUE = "not_true", "不属实"
    DUPLICATE = "duplicate", "重复"
    TEST = "test", "测试或误报"


class CardColour(models.TextChoices):
    YELLOW = "yellow", "黄牌"
    RED = "red", "红牌"


class LadderStep(models.TextChoices):
    REMIND = "L0", "提醒"
    YELLOW = "L1", "黄牌"
    RED = "L2", "红牌"
    URGE = "L3", "催办"


class PhotoKind(models.TextChoices):
    SCENE = "scene", "现场"
    BEFORE = "before", "处置前"
    AFTER = "after", "处置后"
    CHECK = "check", "核查"
    PROOF = "proof", "其他"
