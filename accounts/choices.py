from django.db import models


class WorkLine(models.TextChoices):
    """The three work lines on one tree (工作线)."""

    ENV = "env", "环境保护"
    SAFETY = "safety", "安全生产"
    POVERTY = "poverty", "乡村振兴（防返贫）"


class Affiliation(models.TextChoices):
    COUNTY = "county", "县直部门"
    VERTICAL = "vertical", "垂管部门"


class UserKind(models.TextChoices):
    PERSON = "person", "人员"
    SERVICE = "service", "外部系统"


class Channel(models.TextChoices):
    EMAIL = "email", "电子邮件"


class AccountStanding(models.TextChoices):
    """Whether a person can sign in now."""

    OPEN = "open", "正常"
    MUST_CHANGE = "must_change", "须改密码"
    NO_SIGN_IN = "no_sign_in", "未设登录"
    DISABLED = "disabled", "已停用"
