"""What the page components take: labels, tones and icons decided in Python, so that templates decide nothing.

Knows no domain word. A tone is a colour family of the style sheets; it never stands alone: a word and an icon go with
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tone(StrEnum):
    CALM = "calm"
    ACTIVE = "active"
    WARN = "warn"
    BAD = "bad"
    DONE = "done"
    MUTED = "muted"


@dataclass(frozen=True)
class Badge:
    """A word with a shape: a state, a severity or a flag."""

    label: str
    tone: Tone
    icon: str


@dataclass(frozen=True)
class Tile:
    """A number with its name, and the list that it counts."""

    label: str
    value: int
    url: str = ""
    tone: Tone = Tone.MUTED
    icon: str = ""
    note: str = ""


@dataclass(frozen=True)
class Tab:
    """One of several lists of the same thing; `count` is None where it is not counted."""

    label: str
    url: str
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True)
class Crumb:
    """A step of a path; the last one usually has no address."""

    label: str
    url: str = ""


class StagePlace(StrEnum):
    """Where a stage stands on the way."""

    PASSED = "passed"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Stage:
    """One stop of the flow strip; `note` says when it was passed or who holds it."""

    label: str
    place: StagePlace
    note: str = ""

    @property
    def is_passed(self) -> bool:
        return self.place is StagePlace.PASSED

    @property
    def is_current(self) -> bool:
        return self.place is StagePlace.CURRENT


class ClockState(StrEnum):
    CALM = "calm"
    NEAR = "near"
    YELLOW = "yellow"
    OVERDUE = "overdue"
    PAUSED = "paused"
    NONE = "none"


@dataclass(frozen=True)
class ClockFace:
    """A deadline as shown: its state in a word and an icon, the moment, what is left and per cent of time used."""

    state: ClockState
    word: str
    icon: str
    due_at: datetime | None = None
    left: str = ""
    percent: int | None = None


NO_CLOCK = ClockFace(ClockState.NONE, "不计时", "clock")

# Half of the time: the handler is reminded; four fifths: the yellow card. The same shares as the ladder of deadlines.
NEAR_SHARE = 0.5
YELLOW_SHARE = 0.8


def running_face(*, due: datetime, share: float, left: str) -> ClockFace:
    """The face of a clock that runs: `share` of the time is used (1.0 and more: overdue), `left` says it in words."""
    if share >= 1:
        return ClockFace(ClockState.OVERDUE, "超期", "overdue", due, left, 100)
    percent = max(0, int(share * 100))
    if share >= YELLOW_SHARE:
        return ClockFace(ClockState.YELLOW, "将到期", "alert", due, left, percent)
    if share >= NEAR_SHARE:
        return ClockFace(ClockState.NEAR, "过半", "hourglass", due, left, percent)
    return ClockFace(ClockState.CALM, "正常", "clock", due, left, percent)


def paused_face(*, left: str, share: float | None = None) -> ClockFace:
    """The face of a clock that stands still: no moment is due; `left` is what goes on when it resumes."""
    percent = None if share is None else min(100, max(0, int(share * 100)))
    return ClockFace(ClockState.PAUSED, "暂停计时", "pause", None, left, percent)
