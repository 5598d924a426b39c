from django.db import models


class Unit(models.TextChoices):
    """The four clocks: natural minutes and hours, working hours, working days, calendar days rolled over holidays."""

    WORKING_DAY = "working_day", "个工作日"
    WORKING_HOUR = "working_hour", "个工作时"
    CALENDAR_DAY = "calendar_day", "日"
    HOUR = "hour", "小时"
    MINUTE = "minute", "分钟"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENT = "sent", "已发送"
    DEAD = "dead", "发送失败"
