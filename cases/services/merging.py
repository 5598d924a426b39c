"""合并: one matter reported twice becomes one case; the earlier clock is kept."""

from __future__ import annotations

from accounts.permissions import Permission
from cases.choices import ACTIVE_STATES
from cases.deadlines import LEADING_STAGES, ladder
from cases.models import Case, StageClock
from grids.scope import Scope
from kernel.calendar import current_calendar
from kernel.lifecycle import InvalidForm


def merge(case: Case, number: str, *, by: Scope) -> Case:
    """Lock and return the case that `case` goes into; its running clock becomes the earlier of the two.

    Raises InvalidForm for itself, a case that is not there for this person, one that is not open, one that was merged.
    """
    target = (
        Case.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("grid")
        .filter(number=number.strip().upper())
        .first()
    )
    if target is None or not by.covers(target.grid, Permission.CASE_MERGE):
        raise InvalidForm({"target": f"没有找到办件 {number}，请核对编号"})
    if target.pk == case.pk:
        raise InvalidForm({"target": "不能并入自己，请填写另一办件的编号"})
    if target.merged_into_id is not None:
        raise InvalidForm({"target": f"{target.number} 已并入其他办件，请填写最终的办件编号"})
    if target.state not in ACTIVE_STATES:
        raise InvalidForm({"target": f"{target.number} 已{target.get_state_display()}，不能并入"})
    _keep_earlier_clock(case, target)
    return target


def _keep_earlier_clock(case: Case, target: Case) -> None:
    if case.state != target.state or case.due_at is None or target.due_at is None or case.due_at >= target.due_at:
        return
    stages = LEADING_STAGES.get(target.state, ())
    clock = StageClock.objects.running().filter(case=target, stage__in=stages, part__isnull=True).first()
    if clock is None:
        return
    clock.due_at = case.due_at
    rings = ladder(clock.stage, clock.started_at, clock.due_at, clock.unit, current_calendar())
    clock.next_action_at = rings[0].at
    clock.is_fixed = True
    clock.save(update_fields=["due_at", "next_action_at", "is_fixed"])
    Case.objects.filter(pk=target.pk).update(due_at=case.due_at, version=target.version + 1)
