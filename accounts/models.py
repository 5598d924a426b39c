"""People, departments, what they are told, and the systems that act for them."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey, BaseAPIKeyManager

from accounts.choices import AccountStanding, Affiliation, Channel, UserKind
from accounts.key_scopes import permissions_of
from accounts.permissions import Permission
from accounts.querysets import DeliveryQuerySet, DepartmentQuerySet, NoticeQuerySet, UserQuerySet
from kernel.choices import DeliveryState
from kernel.display import Badge, Tone

SUBJECT_LENGTH, BODY_LENGTH = 120, 500


class Department(models.Model):
    """A county department or a vertical agency (垂管) that answers for a matter."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60, unique=True)
    former_name = models.CharField("2017 年名称", max_length=60, blank=True)
    affiliation = models.CharField("隶属", max_length=10, choices=Affiliation.choices, default=Affiliation.COUNTY)
    duties = models.TextField("环境相关职责", blank=True)
    is_active = models.BooleanField("在用", default=True)
    position = models.PositiveSmallIntegerField("次序", default=100)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Finds a person by sign-in name; rows are made by `accounts.services` alone."""


class User(AbstractBaseUser):
    """One row per person, with or without sign-in: `username` is empty for someone who only holds a post."""

    username = models.CharField("登录名", max_length=40, unique=True, null=True, blank=True)
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("手机", max_length=20, blank=True)
    office_phone = models.CharField("办公电话", max_length=20, blank=True)
    email = models.EmailField("电子邮件", blank=True)
    kind = models.CharField("类别", max_length=10, choices=UserKind.choices, default=UserKind.PERSON)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须改密码", default=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    active_since = models.DateTimeField("启用时间", null=True, blank=True)
    is_demo = models.BooleanField("演示人员", default=False)
    session_key = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> AccountStanding:
        """Whether this person can sign in now; `UserQuerySet.in_standing` asks the same of the database."""
        if not self.is_active:
            return AccountStanding.DISABLED
        if self.username is None:
            return AccountStanding.NO_SIGN_IN
        return AccountStanding.MUST_CHANGE if self.must_change_password else AccountStanding.OPEN

    @property
    def standing_badge(self) -> Badge:
        tone, icon = _STANDING_MARKS[self.standing]
        return Badge(self.standing.label, tone, icon)


_STANDING_MARKS = {
    AccountStanding.OPEN: (Tone.CALM, "check"),
    AccountStanding.MUST_CHANGE: (Tone.WARN, "lock"),
    AccountStanding.NO_SIGN_IN: (Tone.MUTED, "user"),
    AccountStanding.DISABLED: (Tone.BAD, "void"),
}


class PastPassword(models.Model):
    """The hash of a password used before: the last five may not come back."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    class Meta:
        ordering = ["-replaced_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user} {self.replaced_at:%Y-%m-%d}"


class Notice(models.Model):
    """A line in somebody's inbox, written in the transaction that caused it."""

    recipient = models.ForeignKey(User, verbose_name="收件人", on_delete=models.PROTECT, related_name="notices")
    subject = models.CharField("标题", max_length=SUBJECT_LENGTH)
    body = models.CharField("内容", max_length=BODY_LENGTH, blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    urgent = models.BooleanField("紧急", default=False)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.subject


class Delivery(models.Model):
    """A notice on its way through an outside channel: claimed with a lease, sent, then marked."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    address = models.CharField("地址", max_length=254)
    state = models.CharField("状态", max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_attempt_at = models.DateTimeField("下次发送")
    leased_until = models.DateTimeField("占用至", null=True, blank=True)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    last_error = models.CharField("最近错误", max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息发送"
        ordering = ["next_attempt_at", "id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state=DeliveryState.WAITING), name="delivery_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.address} {self.get_state_display()}"


class ApiClientManager(BaseAPIKeyManager):
    """Makes keys; only their hashes are kept, so a lost key is renewed, never looked up."""


class ApiClient(AbstractAPIKey):
    """Another system with its own key; it acts as `user` within `scopes`, so its reach comes from that user's posts.

    A renewed client is a new row: the key's hash is part of the primary key, and the old row stays as evidence.
    """

    user = models.ForeignKey(User, verbose_name="代表", on_delete=models.PROTECT, related_name="api_clients")
    scopes = models.JSONField("权限范围", default=list)

    objects = ApiClientManager()

    class Meta(AbstractAPIKey.Meta):
        verbose_name = verbose_name_plural = "外部系统"
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(revoked=False),
                name="one_live_key_per_client",
                violation_error_message="同名的外部系统已有在用的密钥",
            )
        ]

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the key lets through of its user's permissions; no scopes, nothing."""
        return permissions_of(self.scopes)

    def __str__(self) -> str:
        return f"{self.name}（{'已停用' if self.revoked else self.user}）"
