"""Editing a holiday counts open due times again, once, and says so in each timeline."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from cases.choices import Stage
from cases.models import Case, StageClock
from cases.services.recounting import recount_due_times
from cases.services.sweeping import sweep_cases
from conftest import SHANGHAI, TODAY
from grids.scope import system_scope
from kernel.services.calendar import remove_day, set_day

THURSDAY = date(2026, 11, 26)
AT = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)


def moment(day: int, hour: int = 17, minute: int = 30) -> datetime:
    return datetime(2026, 11 if day > 20 else 12, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def day_off(cast):
    set_day(day=THURSDAY, is_working=False, name="全县停工", source="县政府通知", by=cast.scope("admin"), at=AT)
    return system_scope(TODAY)


def dues(case: Case) -> dict[str, datetime]:
    return dict(StageClock.objects.running().filter(case=case).values_list("stage", "due_at"))


def test_a_new_holiday_moves_what_runs_across_it_and_nothing_else(desk, request):
    handling, triage, closed = desk.handling(), desk.file(), desk.closed()
    archive = dues(closed)
    by = request.getfixturevalue("day_off")
    assert recount_due_times(by=by, at=AT) == 3
    assert dues(handling) == {Stage.HANDLE: moment(1), Stage.CO_FEEDBACK: moment(27)}
    assert dues(triage) == {Stage.TRIAGE: moment(24)}
    assert dues(closed)[Stage.ARCHIVE] > archive[Stage.ARCHIVE]
    assert Case.objects.get(pk=handling.pk).due_at == moment(1)
    said = [step.opinion for step in handling.steps.filter(action="recount")]
    assert said == [
        "处置期限由 2026-11-30 17:30 变为 2026-12-01 17:30",
        "协办反馈期限由 2026-11-26 17:30 变为 2026-11-27 17:30",
    ]


def test_counting_again_a_second_time_changes_nothing(desk, request):
    case = desk.handling()
    by = request.getfixturevalue("day_off")
    recount_due_times(by=by, at=AT)
    assert recount_due_times(by=by, at=AT) == 0
    assert case.steps.filter(action="recount").count() == 2


def test_taking_the_holiday_back_restores_the_due_time(desk, request):
    case = desk.handling(co=())
    by = request.getfixturevalue("day_off")
    recount_due_times(by=by, at=AT)
    remove_day(day=THURSDAY, by=desk.cast.scope("admin"), at=AT)
    assert recount_due_times(by=by, at=AT) == 1
    assert dues(case) == {Stage.HANDLE: moment(30)}


def test_what_is_no_longer_late_loses_its_mark_but_keeps_its_card_on_record(desk, request):
    case = desk.handling(co=())
    sweep_cases(moment(30))
    by = request.getfixturevalue("day_off")
    recount_due_times(by=by, at=moment(30, 18))
    now = Case.objects.get(pk=case.pk)
    assert (now.is_overdue, now.card, now.cards.filter(colour="red").count()) == (False, "", 1)


def test_a_stopped_clock_and_a_time_set_by_merging_stay(desk, request):
    first, second = desk.dispatched(co=()), desk.dispatched(at=moment(24, 9), co=())
    desk.act(first, "merge", "county", moment(24, 9), target=second.number, opinion="同一事实")
    fixed = StageClock.objects.get(case=second, stage=Stage.SIGN)
    stopped = StageClock.objects.get(case=first, stage=Stage.HANDLE)
    recount_due_times(by=request.getfixturevalue("day_off"), at=AT)
    for clock in (fixed, stopped):
        assert StageClock.objects.get(pk=clock.pk).due_at == clock.due_at
