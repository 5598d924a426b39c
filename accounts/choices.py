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
