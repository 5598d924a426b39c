"""The look of every word of a case. A tone never stands alone: a word and an icon go with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

from cases.choices import CardColour, ClockOutcome, PartState, RequestState, State
from cases.models import Case
from kernel.display import Badge, Tone


def _badge(choice: State | PartState | RequestState | ClockOutcome, tone: Tone, icon: str) -> Badge:
    return Badge(str(choice.label), tone, icon)


STATES: dict[str, Badge] = {
    State.DRAFT: _badge(State.DRAFT, Tone.MUTED, "draft"),
    State.VERIFYING: _badge(State.VERIFYING, Tone.WARN, "verify"),
    State.TRIAGE: _badge(State.TRIAGE, Tone.WARN, "search"),
    State.SELF_HANDLING: _badge(State.SELF_HANDLING, Tone.ACTIVE, "work"),
    State.SELF_REVIEW: _badge(State.SELF_REVIEW, Tone.ACTIVE, "verify"),
    State.DISPATCHED: _badge(State.DISPATCHED, Tone.WARN, "send"),
    State.HANDLING: _badge(State.HANDLING, Tone.ACTIVE, "work"),
    State.JOINT: _badge(State.JOINT, Tone.ACTIVE, "people"),
    State.SUSPENDED: _badge(State.SUSPENDED, Tone.MUTED, "pause"),
    State.CHECKING: _badge(State.CHECKING, Tone.ACTIVE, "verify"),
    State.CLOSING: _badge(State.CLOSING, Tone.ACTIVE, "document"),
    State.CLOSED: _badge(State.CLOSED, Tone.DONE, "done"),
    State.ARCHIVED: _badge(State.ARCHIVED, Tone.DONE, "archive"),
    State.VOIDED: _badge(State.VOIDED, Tone.MUTED, "void"),
    State.TRANSFERRED: _badge(State.TRANSFERRED, Tone.MUTED, "right"),
}

PARTS: dict[str, Badge] = {
    PartState.SENT: _badge(PartState.SENT, Tone.WARN, "send"),
    PartState.SIGNED: _badge(PartState.SIGNED, Tone.ACTIVE, "work"),
    PartState.SUBMITTED: _badge(PartState.SUBMITTED, Tone.DONE, "done"),
    PartState.RETURNED: _badge(PartState.RETURNED, Tone.MUTED, "back"),
}

REQUESTS: dict[str, Badge] = {
    RequestState.PENDING: _badge(RequestState.PENDING, Tone.WARN, "hourglass"),
    RequestState.APPROVED: _badge(RequestState.APPROVED, Tone.CALM, "check"),
    RequestState.REJECTED: _badge(RequestState.REJECTED, Tone.BAD, "cross"),
    RequestState.WITHDRAWN: _badge(RequestState.WITHDRAWN, Tone.MUTED, "back"),
}

CARDS: dict[str, Badge] = {
    CardColour.YELLOW: Badge("黄牌", Tone.WARN, "card"),
    CardColour.RED: Badge("红牌", Tone.BAD, "card"),
}

OUTCOMES: dict[str, Badge] = {
    "": Badge("计时中", Tone.ACTIVE, "clock"),
    ClockOutcome.MET: _badge(ClockOutcome.MET, Tone.CALM, "check"),
    ClockOutcome.LATE: _badge(ClockOutcome.LATE, Tone.BAD, "overdue"),
    ClockOutcome.CANCELLED: _badge(ClockOutcome.CANCELLED, Tone.MUTED, "void"),
}

OVERDUE = Badge("超期", Tone.BAD, "overdue")
_FLAGS: tuple[tuple[str, Badge], ...] = (
    ("is_overdue", OVERDUE),
    ("is_urged", Badge("已催办", Tone.WARN, "bell")),
    ("is_supervised", Badge("督办", Tone.BAD, "flag")),
    ("is_listed", Badge("挂牌督办", Tone.BAD, "board")),
    ("is_rebound", Badge("反弹", Tone.WARN, "rebound")),
)


def flags_of(case: Case) -> tuple[Badge, ...]:
    """The flags raised on `case`, its card first; usually none."""
    card = CARDS.get(case.card)
    raised = [badge for name, badge in _FLAGS if getattr(case, name)]
    return tuple([card, *raised] if card else raised)


@dataclass(frozen=True)
class ActionLook:
    """How an act is shown: as a button and as a line of the timeline."""

    icon: str
    tone: Tone = Tone.ACTIVE
    button: str = "primary"


_PLAIN = ActionLook("next")
_NO = ActionLook("cross", Tone.BAD, "danger")

ACTIONS: dict[str, ActionLook] = {
    "report": ActionLook("up"),
    "register": ActionLook("draft"),
    "verify_true": ActionLook("verify"),
    "verify_false": _NO,
    "self_handle": ActionLook("work"),
    "finish": ActionLook("check", Tone.CALM),
    "pass_review": ActionLook("check", Tone.CALM),
    "fail_review": _NO,
    "pass_review_by_time": ActionLook("clock", Tone.MUTED),
    "escalate": ActionLook("up"),
    "climb": ActionLook("up", Tone.BAD),
    "fall_back": ActionLook("up", Tone.BAD),
    "send_down": ActionLook("down"),
    "refer": ActionLook("send"),
    "sign": ActionLook("check"),
    "ask_return": ActionLook("back", Tone.WARN),
    "approve_return": ActionLook("check", Tone.CALM),
    "reject_return": _NO,
    "withdraw_return": ActionLook("back", Tone.MUTED),
    "answer_part": ActionLook("document"),
    "submit": ActionLook("done"),
    "pass_check": ActionLook("check", Tone.CALM),
    "fail_check": _NO,
    "close": ActionLook("done", Tone.DONE),
    "return_to_check": ActionLook("back", Tone.WARN),
    "archive": ActionLook("archive", Tone.DONE),
    "ask_void": ActionLook("void", Tone.MUTED, "danger"),
    "approve_void": ActionLook("check", Tone.MUTED),
    "reject_void": _NO,
    "withdraw_void": ActionLook("back", Tone.MUTED),
    "merge": ActionLook("merge", Tone.MUTED, "danger"),
    "urge": ActionLook("bell", Tone.WARN),
    "ladder": ActionLook("alert", Tone.WARN),
}


def look_of(action: str) -> ActionLook:
    """How `action` is shown; a plain look for one that has none of its own."""
    return ACTIONS.get(action, _PLAIN)


def minute(moment: datetime | None) -> str:
    """A moment in local time to the minute, as `2026-11-27 17:30`; empty for none."""
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
