"""The rules of accounts, pure: passwords, sessions, separation of administrators, quiet hours.

Source of the numbers unless said otherwise: GB/T 22239-2019 (等保 2.0), 8.1.4.1 身份鉴别 and 8.1.4.2 访问控制, with the
defaults that the bureau's security rules set on top of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.roles import SEPARATED_ADMINS, Role

PASSWORD_LENGTH = 8
ADMIN_PASSWORD_LENGTH = 10
PASSWORD_CLASSES = 3
LEAST_SURPRISE = 4
PASSWORD_HISTORY = 5
PASSWORD_AGE = timedelta(days=90)
UNUSED_AGE = timedelta(days=90)

DESK_IDLE = timedelta(minutes=30)
ADMIN_IDLE = timedelta(minutes=15)
SHIFT_IDLE = timedelta(hours=12)
# They are on the road with a telephone; signing in again between two villages would cost the record of the first.
_FIELD_ROLES = frozenset({Role.MEMBER, Role.VILLAGE_HEAD})

QUIET_FROM, QUIET_UNTIL = time(22), time(7)

_SYLLABLE = (
    r"(?:(?:[bpmf]|d|t|n|l|g|k|h|j|q|x|zh|ch|sh|r|z|c|s|y|w)"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|a|e|i|o|u|v)"
    r"|ang|eng|ai|an|ao|ei|en|er|ou)"
)
_GUESSABLE_LETTERS = re.compile(
    rf"(?:{_SYLLABLE}{{1,4}}|admin|administrator|password|passwd|pass|root|test|demo|user|login|hello|welcome"
    r"|qwe|qwer|qwert|qwerty|asd|asdf|asdfgh|zxc|zxcv|zxcvbn|qaz|wsx|qazwsx|abc|abcd|abcde|abcdef|(.)\1+)"
)
_GUESSABLE_DIGITS = re.compile(r"\d{1,6}|(?:19|20)\d{6}|(\d)\1+|(\d\d)\2+|(\d{3})\3+")
_COUNTED = "01234567890" * 2
# Letters written as look-alikes: p1ngy1, p@ssword. Before a digit they are digits or signs: pingyi@2024.
_LOOK_ALIKES = str.maketrans("0135@$!", "oiesasi")
_LOOK_ALIKE = re.compile(r"(?<=[a-z0135@$!])[0135@$!](?!\d)")


def separated(roles: Collection[str]) -> str | None:
    """Why nobody may hold all of `roles` at once, as a sentence; None when one person may.

    System, security and audit administrators watch each other (三员分立).
    """
    held = [role for role in Role if role in SEPARATED_ADMINS and role in roles]
    if len(held) < 2:
        return None
    return f"{'、'.join(role.label for role in held)}须由不同的人担任（三员分立），请另选人员。"


def is_admin(roles: Collection[str]) -> bool:
    """True when one of the three administrators' roles is among `roles`."""
    return not SEPARATED_ADMINS.isdisjoint(roles)


def least_length(roles: Collection[str]) -> int:
    """How many characters a password of somebody with `roles` has at least."""
    return ADMIN_PASSWORD_LENGTH if is_admin(roles) else PASSWORD_LENGTH


def character_classes(password: str) -> int:
    """How many of the four classes occur: lower case, upper case, digits, anything else."""
    return sum(
        (
            any(c.islower() and c.isascii() for c in password),
            any(c.isupper() and c.isascii() for c in password),
            any(c.isdigit() and c.isascii() for c in password),
            any(not (c.isascii() and c.isalnum()) for c in password),
        )
    )


def is_guessable(password: str) -> bool:
    """True for what everybody in a bureau tries first: names in pinyin or stock words, with a year or a short number.

    `pingyi2024`, `Pingyi@2024`, `P1ngyi#123` and `Admin@123456` are; what counts is what is left without such pieces.
    """
    plain = password.lower()
    forms = (plain, _as_letters(plain), _as_letters(plain[:-1]) + plain[-1:])
    return any(_surprise(form) < LEAST_SURPRISE for form in forms)


def idle_limit(roles: Collection[str]) -> timedelta:
    """After how long without a request a session ends: administrators 15 minutes, desks 30, a village's phones a shift.

    The strictest role decides, so that a member who is also a clerk has the clerk's half hour.
    """
    if is_admin(roles):
        return ADMIN_IDLE
    return SHIFT_IDLE if roles and _FIELD_ROLES.issuperset(roles) else DESK_IDLE


def password_is_old(changed_at: datetime | None, at: datetime) -> bool:
    """True when a password has to be changed by its age; one of unknown age does not."""
    return changed_at is not None and at - changed_at > PASSWORD_AGE


def is_unused(last_use: datetime, at: datetime) -> bool:
    """True when an account has not been used for so long that it no longer opens."""
    return at - last_use > UNUSED_AGE


def first_attempt_at(at: datetime, *, urgent: bool) -> datetime:
    """When a message written at `at` may ring: not between 22:00 and 07:00 local time, unless it is urgent."""
    local = timezone.localtime(at)
    if urgent or QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    return timezone.make_aware(datetime.combine(day, QUIET_UNTIL))


def _as_letters(password: str) -> str:
    """`password` with its look-alikes read as the letters they stand for."""
    return _LOOK_ALIKE.sub(lambda match: match.group().translate(_LOOK_ALIKES), password)


def _surprise(password: str) -> int:
    """How many characters are not part of a guessable piece; one sign is what everybody adds to please the rule."""
    words = sum(len(run) for run in re.findall(r"[a-z]+|\d+", password) if not _is_guessable_run(run))
    signs = len(re.findall(r"[^a-z\d]", password))
    return words + max(signs - 1, 0)


def _is_guessable_run(run: str) -> bool:
    if run.isdigit():
        return bool(_GUESSABLE_DIGITS.fullmatch(run)) or run in _COUNTED or run[::-1] in _COUNTED
    return len(run) > 1 and bool(_GUESSABLE_LETTERS.fullmatch(run))
