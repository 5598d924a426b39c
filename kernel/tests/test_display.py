"""The face of a clock: which state, word and bar go with which share of the time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kernel.display import ClockState, paused_face, running_face

DUE = datetime(2026, 11, 27, 17, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("share", "state", "percent"),
    [
        (-0.1, ClockState.CALM, 0),
        (0, ClockState.CALM, 0),
        (0.499, ClockState.CALM, 49),
        (0.5, ClockState.NEAR, 50),
        (0.799, ClockState.NEAR, 79),
        (0.8, ClockState.YELLOW, 80),
        (0.999, ClockState.YELLOW, 99),
        (1, ClockState.OVERDUE, 100),
        (3.5, ClockState.OVERDUE, 100),
    ],
)
def test_the_share_of_time_used_decides_the_face(share, state, percent):
    face = running_face(due=DUE, share=share, left="剩 1 个工作日")
    assert (face.state, face.percent, face.due_at) == (state, percent, DUE)


def test_a_paused_clock_is_due_at_no_moment():
    face = paused_face(left="恢复后剩 2 个工作日", share=0.4)
    assert (face.state, face.due_at, face.percent) == (ClockState.PAUSED, None, 40)


def test_a_paused_clock_without_a_share_has_no_bar():
    assert paused_face(left="恢复后剩 2 个工作日").percent is None
