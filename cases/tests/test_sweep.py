"""What time does to a case: the ladder, climbing, falling back, passing and archiving, each exactly once."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.models import Notice
from cases.choices import ClockOutcome, Stage, State
from cases.models import Card, Case, StageClock
from cases.services.sweeping import sweep_cases
from conftest import AREA, COUNTY, NOW, SHANGHAI, TOWN
from grids.models import Post
from kernel.models import Firing


def moment(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def fired(case: Case) -> list[tuple[str, bool]]:
    return list(
        Firing.objects.filter(subject=f"case:{case.pk}").order_by("due_at", "step").values_list("step", "skipped")
    )


def test_nothing_happens_before_the_first_moment(desk):
    case = desk.handling()
    assert sweep_cases(moment(11, 23, 9, 1)).fired == 0
    assert fired(case) == []


def test_the_ladder_of_five_working_days_is_climbed_step_by_step(desk):
    """Dispatched on Monday 11-23: due 11-30 17:30; half is 11-26 13:45 and four fifths 11-27 17:30."""
    case = desk.handling(co=())
    assert fresh(case).due_at == moment(11, 30, 17, 30)
    expected = [
        (moment(11, 26, 13, 45), "", False, ["L0"]),
        (moment(11, 27, 17, 30), "yellow", False, ["L0", "L1"]),
        (moment(11, 30, 17, 30), "red", True, ["L0", "L1", "L2"]),
        (moment(12, 1, 17, 30), "red", True, ["L0", "L1", "L2", "L3"]),
    ]
    for at, card, overdue, steps in expected:
        sweep_cases(at)
        now = fresh(case)
        assert (now.card, now.is_overdue, [step for step, _ in fired(case)]) == (card, overdue, steps)
    assert fresh(case).is_urged
    assert list(Card.objects.filter(case=case).values_list("colour", flat=True)) == ["red", "yellow"]


def test_sweeping_the_same_moment_twice_does_nothing_more(desk):
    case = desk.handling(co=())
    sweep_cases(moment(11, 30, 18))
    before = (fired(case), case.steps.count(), Notice.objects.count(), Card.objects.count())
    assert sweep_cases(moment(11, 30, 18)).fired == 0
    assert (fired(case), case.steps.count(), Notice.objects.count(), Card.objects.count()) == before


def test_after_an_outage_the_highest_step_is_issued_and_the_others_recorded(desk):
    case = desk.handling(co=())
    steps = case.steps.count()
    assert sweep_cases(moment(12, 3, 9)).fired == 1
    assert sorted(fired(case)) == [("L0", True), ("L1", True), ("L2", True), ("L3", False)]
    assert case.steps.count() == steps + 1
    assert case.steps.last().facts["skipped"] == ["提醒", "黄牌", "红牌"]
    assert fresh(case).card == "red"


def test_what_nobody_triages_climbs_level_by_level_and_each_level_keeps_its_red_card(desk):
    case = desk.file()
    for day, holder in [(24, AREA), (25, TOWN), (26, COUNTY)]:
        sweep_cases(moment(11, day, 17, 30))
        now = fresh(case)
        assert (now.holder_grid.code, now.state, now.arrived_by) == (holder, State.TRIAGE, "climbed")
    assert Card.objects.filter(case=case, colour="red").count() == 3
    outcomes = StageClock.objects.filter(case=case, stage=Stage.TRIAGE).values_list("outcome", flat=True)
    assert list(outcomes) == ["met", "met", "met", ""] or list(outcomes) == [ClockOutcome.MET] * 3 + [""]


def test_at_the_county_it_does_not_climb_but_is_urged(desk):
    case = desk.at_county()
    sweep_cases(moment(11, 24, 17, 30))
    sweep_cases(moment(11, 25, 17, 30))
    now = fresh(case)
    assert (now.holder_grid.code, now.card, now.is_urged) == (COUNTY, "red", True)


def test_climbing_passes_a_vacant_grid_and_says_so(desk):
    Post.objects.filter(user=desk.cast.area).update(ends_on=NOW.date())
    case = desk.file()
    sweep_cases(moment(11, 24, 17, 30))
    assert fresh(case).holder_grid.code == TOWN
    assert case.steps.last().facts["passed"] == ["仲村甲工作区"]


def test_self_handling_that_runs_out_falls_back_to_the_parent(desk):
    case = desk.self_handling()
    sweep_cases(moment(11, 26, 17, 30))
    now = fresh(case)
    assert (now.state, now.holder_grid.code) == (State.TRIAGE, AREA)


@pytest.mark.parametrize(("sampled", "state"), [(False, State.CLOSED), (True, State.SELF_REVIEW)])
def test_self_handled_cases_pass_by_themselves_unless_drawn_for_review(desk, sampled, state):
    case = desk.self_review()
    Case.objects.filter(pk=case.pk).update(is_sampled=sampled)
    sweep_cases(moment(11, 25, 17, 30))
    assert fresh(case).state == state


def test_a_closed_case_is_archived_after_five_working_days(desk):
    case = desk.closed()
    sweep_cases(moment(11, 30, 17, 29))
    assert fresh(case).state == State.CLOSED
    sweep_cases(moment(11, 30, 17, 30))
    now = fresh(case)
    assert (now.state, now.archived_at, now.due_at) == (State.ARCHIVED, moment(11, 30, 17, 30), None)


def test_a_cooperating_unit_that_is_late_gets_its_own_card_and_the_case_none(desk):
    """60 % of five working days: three, so the answer is due on 11-26 17:30."""
    case = desk.handling()
    sweep_cases(moment(11, 26, 17, 30))
    card = Card.objects.get(case=case, colour="red")
    assert (card.department.code, card.stage, fresh(case).card) == ("env", Stage.CO_FEEDBACK, "")


@pytest.mark.parametrize("end", ["voided", "merged"])
def test_no_card_after_a_case_is_voided_or_merged(desk, end):
    case = desk.handling(co=())
    if end == "voided":
        asked = desk.act(case, "ask_void", "water", void_reason="not_true", reason="现场无此情况")
        desk.act(asked, "approve_void", "county")
    else:
        desk.act(case, "merge", "county", target=desk.handling(co=()).number, opinion="同一事实")
    sweep_cases(moment(12, 10))
    assert Card.objects.filter(case=case).count() == 0


def test_a_row_that_raises_is_put_off_and_does_not_stop_the_others(desk, caplog):
    bad, good = desk.handling(co=()), desk.handling(co=())
    StageClock.objects.filter(case=bad, stage=Stage.HANDLE).update(unit="no such unit")
    at = moment(11, 30, 17, 30)
    swept = sweep_cases(at)
    assert (swept.fired, swept.failed) == (1, 1)
    assert (fresh(bad).card, fresh(good).card) == ("", "red")
    put_off = StageClock.objects.get(case=bad, stage=Stage.HANDLE).next_action_at
    assert put_off == moment(11, 30, 18, 30)
    assert "put off" in caplog.text
