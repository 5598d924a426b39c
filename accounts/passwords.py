"""The password rules as validators of Django: what `accounts.rules` says, in sentences for the person who types."""

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.crypto import get_random_string

from accounts import rules
from accounts.models import User

_LEGIBLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def random_password() -> str:
    """A password nobody knows yet, of 16 characters without look-alikes; it keeps every rule of ours."""
    while True:
        password = get_random_string(16, _LEGIBLE)
        if rules.character_classes(password) >= rules.PASSWORD_CLASSES and not rules.is_guessable(password):
            return password


class MixedPassword:
    """Long enough, of three classes, and not the word and year that everybody tries first.

    Administrators need more characters: `accounts.services` asks that where the roles are known.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < rules.PASSWORD_LENGTH:
            raise ValidationError(f"密码至少 {rules.PASSWORD_LENGTH} 个字符。", code="password_too_short")
        if rules.character_classes(password) < rules.PASSWORD_CLASSES:
            raise ValidationError("密码须含大写字母、小写字母、数字、符号中的三种。", code="password_too_plain")
        if rules.is_guessable(password):
            raise ValidationError("密码太容易猜到：不要用拼音地名、姓名或常用词加数字。", code="password_guessable")

    def get_help_text(self) -> str:
        return (
            f"至少 {rules.PASSWORD_LENGTH} 个字符（管理员 {rules.ADMIN_PASSWORD_LENGTH} 个），"
            "含大写字母、小写字母、数字、符号中的三种，不用地名、姓名拼音加年份。"
        )


class NotThePerson:
    """Nothing that a colleague knows: sign-in name, name, telephone."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and any(known in password.lower() for known in _known_of(user)):
            raise ValidationError("密码不能包含登录名、姓名或电话号码。", code="password_personal")

    def get_help_text(self) -> str:
        return "不含登录名、姓名或电话号码。"


class NotUsedBefore:
    """Neither the present password nor one of the last five."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        past = user.past_passwords.values_list("password", flat=True)[: rules.PASSWORD_HISTORY]
        if any(check_password(password, encoded) for encoded in (user.password, *past)):
            raise ValidationError(
                f"不能使用现在的密码和最近 {rules.PASSWORD_HISTORY} 次用过的密码。", code="password_used_before"
            )

    def get_help_text(self) -> str:
        return f"与最近 {rules.PASSWORD_HISTORY} 次用过的密码不同。"


def _known_of(user: User) -> list[str]:
    """What of `user` may not occur; pieces of one or two letters would forbid half of all passwords."""
    tail = 6  # the part of a telephone number that people remember
    known = [(user.username or "").lower(), user.phone, user.phone[-tail:], user.office_phone[-tail:]]
    return [piece for piece in known if len(piece) > 2] + [user.name.lower()] * (len(user.name) > 1)
