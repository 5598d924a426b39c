"""Every deadline of a case with the rule behind it and the time that was counted and skipped."""

from __future__ import annotations

from dataclasses import dataclass

from cases.choices import Stage
from cases.models import Case, StageClock
from kernel.calendar import current_calendar
from kernel.choices import Unit
from kernel.clock import Explanation, Term, explain


@dataclass(frozen=True)
class ClockExplanation:
    """One clock in words: what it runs for, against whom, by which limit, and how the due time comes about."""

    clock: StageClock
    explanation: Explanation
    note: str = ""


def explain_clocks(case: Case) -> list[ClockExplanation]:
    """The clocks of `case`, oldest first, each with its intervals. Two queries."""
    calendar = current_calendar()
    rows = case.clocks.select_related("grid", "department").order_by("started_at", "id")
    found = []
    for clock in rows:
        told = explain(clock.started_at, Term(clock.amount, Unit(clock.unit)), calendar)
        found.append(ClockExplanation(clock, told, _note(clock, told)))
    return found


def _note(clock: StageClock, told: Explanation) -> str:
    if clock.stage == Stage.CO_FEEDBACK:
        return "协办单位须在主办时限的 60% 内反馈。"
    if clock.due_at < told.due_at:
        return "并案后沿用较早的期限。"
    if clock.due_at > told.due_at:
        return "期限经批准调整，或日历有过变动。"
    return ""
