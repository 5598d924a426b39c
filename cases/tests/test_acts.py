"""What each act does: holders, clocks, parts, requests, numbers, notices and the timeline."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.models import Notice
from cases.choices import PartState, Stage, State
from cases.models import Case, ReferralSheet, Request, StageClock
from cases.services.dossier import read_dossier
from cases.services.filing import Location, Matter, file_case
from cases.tests.conftest import announced
from conftest import AREA, COUNTY, FAR_VILLAGE, NEXT_VILLAGE, NOW, SHANGHAI, TOWN, VILLAGE
from kernel.lifecycle import InvalidForm
from kernel.models import AuditEntry
from kernel.refusal import Refused


def running(case: Case) -> dict[str, datetime]:
    return dict(StageClock.objects.running().filter(case=case).values_list("stage", "due_at"))


def at(month: int, day: int, hour: int = 17, minute: int = 30) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def told(name: str, desk) -> list[str]:
    return list(Notice.objects.filter(recipient=desk.cast.users[name]).values_list("subject", flat=True))


def test_a_report_goes_to_ones_own_grid_with_a_day_for_triage(desk):
    case = desk.file()
    assert (case.state, case.holder_grid.code, case.number) == (State.TRIAGE, VILLAGE, "WT-20261123-0001")
    assert running(case) == {Stage.TRIAGE: at(11, 24)}
    assert (case.due_at, case.stage) == (at(11, 24), Stage.TRIAGE)
    step = case.steps.get()
    assert (step.action, step.by_name, step.by_title) == ("report", "甲一村网格员", "仲村甲一村网格员")


def test_numbers_follow_each_other_and_start_anew_each_day(desk):
    numbers = [desk.file().number, desk.file().number, desk.file(at=at(11, 24, 9)).number]
    assert numbers == ["WT-20261123-0001", "WT-20261123-0002", "WT-20261124-0001"]


def test_an_urgent_report_goes_to_the_county_at_once_and_every_level_is_told(desk):
    case = desk.file(severity="urgent")
    assert (case.holder_grid.code, running(case)) == (COUNTY, {Stage.TRIAGE: at(11, 23, 9, 30)})
    for name in ("member", "area", "townhead", "county"):
        assert told(name, desk) == ["紧急上报：村东焚烧秸秆"]
    assert told("stranger", desk) == []


def test_a_report_needs_a_photo_or_a_reason(desk):
    with pytest.raises(InvalidForm) as refused:
        desk.file(photos=[])
    assert refused.value.errors == {"photos": "请至少附一张现场照片；确实无法拍照的，请填写无照片原因"}
    assert Case.objects.count() == 0
    assert desk.file(photos=[], no_photo_reason="夜间无光").state == State.TRIAGE


def test_the_case_climbs_village_area_town_county_with_an_opinion_at_each(desk):
    case = desk.file()
    for by, holder in [("member", AREA), ("area", TOWN), ("town", COUNTY)]:
        case = desk.up(case, by)
        assert (case.holder_grid.code, case.arrived_by) == (holder, "escalated")
    with pytest.raises(Refused, match="已到县网格办"):
        desk.up(case, "county")
    with pytest.raises(InvalidForm, match="请填写“意见”"):
        desk.act(desk.file(), "escalate", "member", opinion="  ")


def test_send_down_reaches_a_child_but_not_one_that_sent_it_up_without_a_reason(desk):
    case = desk.up(desk.file(), "member", "area")
    with pytest.raises(InvalidForm, match="已上报过此件"):
        desk.act(case, "send_down", "town", grid=AREA, opinion="请先自查")
    case = desk.act(case, "send_down", "town", grid=AREA, opinion="请先自查", override_reason="情况已变化")
    assert (case.holder_grid.code, case.arrived_by) == (AREA, "sent_down")
    with pytest.raises(InvalidForm, match="不存在或不可选"):
        desk.act(case, "send_down", "area", grid=FAR_VILLAGE, opinion="请处理")
    assert desk.act(case, "send_down", "area", grid=NEXT_VILLAGE, opinion="请处理").holder_grid.code == NEXT_VILLAGE


def test_a_referral_has_a_number_parts_and_three_clocks(desk):
    case = desk.dispatched()
    assert (case.state, case.holder_department.code) == (State.DISPATCHED, "water")
    assert ReferralSheet.objects.get(case=case).number == "平环网转〔2026〕1号"
    assert running(case) == {Stage.SIGN: at(11, 24), Stage.HANDLE: at(11, 30), Stage.CO_FEEDBACK: at(11, 26)}
    assert [(part.role, part.unit.name, part.due_at) for part in case.parts.all()] == [
        ("lead", "水利局", at(11, 30)),
        ("co", "市生态环境局平邑县分局", at(11, 26)),
    ]
    assert told("water", desk) == ["转办：村东焚烧秸秆"]
    assert told("env", desk) == ["请协办：村东焚烧秸秆"]


def test_the_lead_cannot_also_cooperate(desk):
    with pytest.raises(InvalidForm, match="主办单位不能同时是协办单位"):
        desk.dispatched(co=("department:water",))
    assert ReferralSheet.objects.count() == 0


def test_another_limit_needs_a_reason_and_keeps_it(desk):
    case = desk.at_county()
    values = {"lead": "department:water", "co": [], "opinion": "请办理", "days": "3"}
    with pytest.raises(InvalidForm, match="改动了时限表的时限"):
        desk.act(case, "refer", "county", **values)
    case = desk.act(case, "refer", "county", **values, override_reason="汛期")
    assert running(case)[Stage.HANDLE] == at(11, 26)
    assert StageClock.objects.get(case=case, stage=Stage.HANDLE).source == "转办时调整：汛期"


def test_a_town_refers_inside_itself_only(desk):
    case = desk.up(desk.file(), "member", "area")
    values = {"co": [], "opinion": "请处理"}
    for elsewhere in ("department:water", "grid:371326102"):
        with pytest.raises(InvalidForm, match="“主办单位”所选的项不存在或不可选"):
            desk.act(case, "refer", "town", lead=elsewhere, **values)
    case = desk.act(case, "refer", "town", lead=f"grid:{FAR_VILLAGE}", **values)
    assert (case.holder_grid.code, case.dispatch_grid.code) == (FAR_VILLAGE, TOWN)


def test_signing_stops_the_sign_clock_and_the_handling_clock_has_run_since_dispatch(desk):
    case = desk.dispatched()
    case = desk.act(case, "sign", "water", at(11, 24, 10, 0))
    assert case.due_at == at(11, 30)
    assert StageClock.objects.get(case=case, stage=Stage.SIGN).outcome == "met"
    with pytest.raises(Refused, match="您的岗位不能"):
        desk.act(desk.dispatched(), "sign", "env")


def test_a_return_is_decided_by_the_dispatcher_and_costs_the_returner_no_time(desk):
    case = desk.act(desk.dispatched(), "ask_return", "water", reason="不属本局", basis="三定方案第四条")
    assert told("county", desk)[0] == "退回申请待审批：村东焚烧秸秆"
    case = desk.act(case, "approve_return", "county")
    assert (case.state, case.holder_grid.code, case.arrived_by) == (State.TRIAGE, COUNTY, "returned")
    outcomes = dict(StageClock.objects.filter(case=case).exclude(stage="S1").values_list("stage", "outcome"))
    assert set(outcomes.values()) == {"cancelled"}
    assert set(case.parts.values_list("state", flat=True)) == {PartState.RETURNED}


def test_a_rejected_return_counts_as_improper(desk):
    case = desk.act(desk.dispatched(), "ask_return", "water", reason="不属本局", basis="三定方案第四条")
    case = desk.act(case, "reject_return", "county", opinion="属贵局职责")
    assert (case.state, case.improper_returns) == (State.DISPATCHED, 1)


def test_after_two_working_days_only_the_head_may_ask_to_return(desk):
    case = desk.dispatched()
    late = at(11, 26, 9, 0)
    form = {"reason": "不属本局", "basis": "三定方案"}
    with pytest.raises(Refused, match="须由单位主要负责人申请退回"):
        desk.act(case, "ask_return", "water", late, **form)
    assert desk.act(case, "ask_return", "waterhead", late, **form).requests.get().state == "pending"


def test_an_applicant_may_withdraw(desk):
    case = desk.act(desk.dispatched(), "ask_return", "water", reason="不属本局", basis="三定方案")
    desk.act(case, "withdraw_return", "water")
    assert Request.objects.get(case=case).state == "withdrawn"


def test_submit_waits_for_the_cooperating_unit_or_an_explanation(desk):
    case = desk.handling()
    with pytest.raises(InvalidForm, match="协办单位尚未反馈（市生态环境局平邑县分局）"):
        desk.submit(case)
    assert desk.submit(case, co_explanation="已电话确认").state == State.CHECKING
    answered = desk.act(desk.handling(), "answer_part", "env", feedback="已到场")
    assert desk.submit(answered).state == State.CHECKING


def test_submit_needs_photos_after(desk):
    with pytest.raises(InvalidForm, match="请填写“处置后照片”"):
        desk.submit(desk.handling(co=()), photos=[])


def test_the_place_checks_unless_it_handled_itself(desk):
    assert desk.checking().holder_grid.code == VILLAGE
    case = desk.up(desk.file(), "member", "area")
    case = desk.act(case, "refer", "town", lead=f"grid:{VILLAGE}", co=[], opinion="请清理")
    case = desk.submit(desk.act(case, "sign", "villagehead"), by="villagehead")
    assert case.holder_grid.code == TOWN
    with pytest.raises(Refused, match="您的岗位不能“核查通过”此件"):
        desk.pass_check(case, by="member")
    assert desk.pass_check(case, by="townhead").state == State.CLOSING


def test_the_handler_cannot_check(desk):
    case = desk.up(desk.file(), "member", "area")
    case = desk.act(case, "refer", "town", lead=f"grid:{AREA}", co=[], opinion="请清理")
    case = desk.submit(desk.act(case, "sign", "area"), by="area")
    with pytest.raises(Refused, match="处置结果由您提交"):
        desk.pass_check(case, by="area")


def test_a_failed_check_is_a_rework_with_the_shorter_of_two_limits(desk):
    case = desk.checking()
    case = desk.act(case, "fail_check", "member", at(12, 1, 9, 0), opinion="仍有积水")
    assert (case.state, case.holder_department.code, case.rework_count) == (State.HANDLING, "water", 1)
    assert (case.stage, case.due_at) == (Stage.REWORK, at(12, 8))
    again = desk.submit(case, at(12, 2, 9, 0))
    assert (again.state, running(again).keys()) == (State.CHECKING, {Stage.CHECK})


def test_a_rework_of_three_days_stays_at_three(desk):
    case = desk.at_county()
    case = desk.act(
        case, "refer", "county", lead="department:water", co=[], opinion="请办理", days="3", override_reason="汛期"
    )
    case = desk.submit(desk.act(case, "sign", "water"))
    case = desk.act(case, "fail_check", "member", opinion="未清理")
    assert case.due_at == at(11, 26)


def test_an_ordinary_case_is_closed_by_the_office_and_a_serious_one_by_the_leader(desk):
    assert desk.closed().state == State.CLOSED
    serious = desk.closing(severity="serious")
    with pytest.raises(Refused, match="分管领导"):
        desk.act(serious, "close", "county")
    closed = desk.act(serious, "close", "leader")
    assert (closed.state, closed.holder, running(closed).keys()) == (State.CLOSED, None, {Stage.ARCHIVE})


def test_the_leader_is_told_of_a_serious_case_that_waits_to_be_closed_and_named_as_who_has_to_act(desk):
    desk.closing()
    assert told("leader", desk) == []
    serious = desk.closing(severity="serious", title="河道排污")
    assert told("leader", desk) == ["待办结审批：河道排污"]
    assert [person.name for person in read_dossier(serious, by=desk.cast.scope("town"), at=NOW).people] == ["分管县长"]
    assert read_dossier(serious, by=desk.cast.scope("assessor"), at=NOW).people == []


def test_the_reporter_hears_what_became_of_it(desk):
    desk.closed()
    assert told("member", desk)[::-1] == ["上报：村东焚烧秸秆", "已转办：村东焚烧秸秆", "流转：村东焚烧秸秆",
                                         "已整改，待办结：村东焚烧秸秆", "已办结：村东焚烧秸秆"]  # fmt: skip


def test_self_handling_is_for_ordinary_matters_of_allowed_categories(desk):
    with pytest.raises(Refused, match="该类问题不允许自处置"):
        desk.act(desk.file(category="W01"), "self_handle", "member")
    with pytest.raises(Refused, match="“较重”问题不能自处置"):
        desk.act(desk.file(severity="serious"), "self_handle", "member")
    review = desk.self_review()
    assert (review.state, review.holder_grid.code, review.self_handled) == (State.SELF_REVIEW, AREA, True)
    assert desk.act(review, "pass_review", "area").state == State.CLOSED
    failed = desk.act(desk.self_review(), "fail_review", "area", opinion="照片不清")
    assert (failed.state, failed.holder_grid.code) == (State.TRIAGE, AREA)


def test_about_one_in_ten_self_handled_cases_is_drawn(desk):
    from cases.services.effects import _is_drawn

    drawn = sum(_is_drawn(Case(number=f"WT-20261123-{n:04d}"), NOW) for n in range(4000))
    assert 320 <= drawn <= 480


def test_an_alarm_is_verified_first_and_untrue_needs_the_parent(desk):
    case = desk.register()
    assert (case.state, case.holder_grid.code) == (State.VERIFYING, VILLAGE)
    case = desk.act(case, "verify_false", "member", reason="仪器校准", photos=announced())
    assert (case.state, case.requests.get().decider_grid.code) == (State.VERIFYING, TOWN)
    voided = desk.act(case, "approve_void", "town")
    assert (voided.state, voided.void_reason) == (State.VOIDED, "不属实：仪器校准")
    true = desk.act(desk.register(), "verify_true", "member", opinion="确有异味", photos=announced())
    assert (true.state, running(true).keys()) == (State.TRIAGE, {Stage.TRIAGE})


def test_the_approver_is_not_the_applicant(desk):
    case = desk.act(desk.at_county(), "ask_void", "county", void_reason="test", reason="演练")
    with pytest.raises(Refused, match="须由他人审批"):
        desk.act(case, "approve_void", "county")
    assert desk.act(case, "approve_void", "county2").state == State.VOIDED


def test_merging_keeps_the_earlier_clock_and_tells_both_reporters(desk):
    first = desk.file()
    second = desk.file(at=at(11, 24, 9, 0), by="villagehead")
    desk.act(first, "merge", "town", at(11, 24, 9, 30), target=second.number, opinion="同一火点")
    first, second = Case.objects.get(pk=first.pk), Case.objects.get(pk=second.pk)
    assert (first.state, first.merged_into) == (State.VOIDED, second)
    assert second.due_at == at(11, 24)
    assert told("member", desk)[0] == "已并案办理：村东焚烧秸秆"


def test_merging_into_itself_into_what_is_gone_or_out_of_reach_is_refused(desk):
    case, gone = (
        desk.file(),
        desk.act(
            desk.act(desk.file(), "ask_void", "member", void_reason="test", reason="误报"), "approve_void", "town"
        ),
    )
    elsewhere = desk.file(by="strangermember", grid="371326102001")
    for target, sentence in [
        (case.number, "不能并入自己"),
        (gone.number, "已作废，不能并入"),
        (elsewhere.number, "没有找到办件"),
        ("WT-19990101-0001", "没有找到办件"),
    ]:
        with pytest.raises(InvalidForm, match=sentence):
            desk.act(case, "merge", "town", target=target, opinion="同一事实")


def test_the_version_seen_decides_between_two_people(desk):
    from cases.services.machine import act

    case = desk.file()
    seen = case.version
    act(case, "escalate", by=desk.cast.scope("member"), at=NOW, data={"opinion": "请上级处理"}, seen=seen)
    with pytest.raises(Refused, match="刚被他人处理过"):
        act(case, "escalate", by=desk.cast.scope("area"), at=NOW, data={"opinion": "请镇处理"}, seen=seen)
    assert Case.objects.get(pk=case.pk).holder_grid.code == AREA


def test_every_act_is_in_the_audit_with_who_and_what(desk):
    case = desk.dispatched()
    acts = AuditEntry.objects.filter(subject=f"case:{case.number}").order_by("sequence")
    assert [(entry.verb, entry.actor_name) for entry in acts] == [
        ("case.report", "甲一村网格员"),
        ("case.escalate", "甲一村网格员"),
        ("case.escalate", "甲工作区长"),
        ("case.escalate", "仲村网格办"),
        ("case.refer", "县办科员"),
    ]


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"grid": "371326999999"}, "grid", "网格编码不存在、已停用或不在您的责任范围内"),
        ({"grid": "371326102001"}, "grid", "不在您的责任范围内"),
        ({"grid": ""}, "grid", "请选择问题所在的网格"),
        ({"category": "X99"}, "category", "问题类别不存在"),
        ({"severity": "huge"}, "severity", "严重程度不存在"),
        ({"description": "烟" * 100_000}, "description", "情况最多 2000 字，现有 100000 字"),
        ({"title": "烟" * 61}, "title", "标题最多 60 字"),
        ({"source": "P-404"}, "source", "污染源不存在"),
        ({"location": Location(121.47, 31.23)}, "location", "位置不在本县范围内"),
    ],
)
def test_a_bad_report_is_answered_in_chinese_and_leaves_nothing(desk, values, field, sentence):
    with pytest.raises(InvalidForm) as refused:
        desk.file(**values)
    assert sentence in refused.value.errors[field]
    assert (Case.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_a_person_whose_post_ended_yesterday_reports_nothing(desk):
    from datetime import timedelta

    from grids.models import Post

    Post.objects.filter(user=desk.cast.member).update(ends_on=NOW.date() - timedelta(days=1))
    with pytest.raises(InvalidForm, match="不在您的责任范围内"):
        file_case(Matter(category="A05", grid=VILLAGE, no_photo_reason="无"), by=desk.cast.scope("member"), at=NOW)


def test_a_phone_that_sends_twice_makes_one_case_and_other_content_is_refused(desk):
    import uuid

    number, matter = uuid.uuid4(), Matter(category="A05", grid=VILLAGE, no_photo_reason="夜间")
    scope = desk.cast.scope("member")
    first = file_case(matter, by=scope, at=NOW, client_id=number)
    again = file_case(matter, by=scope, at=at(11, 23, 10), client_id=number)
    assert (first.is_new, again.is_new, again.case) == (True, False, first.case)
    with pytest.raises(Refused, match="内容不同"):
        file_case(Matter(category="W01", grid=VILLAGE, no_photo_reason="夜间"), by=scope, at=NOW, client_id=number)
    with pytest.raises(Refused, match="内容不同"):
        file_case(matter, by=desk.cast.scope("villagehead"), at=NOW, client_id=number)
