"""The lifecycle of a case, T1–T25, as a table. Effects live in `cases.services.effects` under the same code."""

from __future__ import annotations

from cases import rules
from cases.choices import ACTIVE_STATES, State
from cases.rules import CaseFacts
from grids.scope import Scope
from kernel.lifecycle import FieldKind, FormField, Lifecycle, Transition

S = State
Row = Transition[CaseFacts, Scope]

OPINION = FormField("opinion", "意见", FieldKind.LONG_TEXT, most=1000)
OPTIONAL_OPINION = FormField("opinion", "意见", FieldKind.LONG_TEXT, required=False, most=1000)
REASON = FormField("reason", "理由", FieldKind.LONG_TEXT, most=500)
AFTER_PHOTOS = FormField("photos", "处置后照片", FieldKind.PHOTOS, most=9)
CHECK_PHOTOS = FormField("photos", "核查现场照片", FieldKind.PHOTOS, most=9)
MEASURES = FormField("measures", "处置措施", FieldKind.LONG_TEXT, most=1000)
CAUSE = FormField("cause", "问题原因", most=500)


def _states(*states: State) -> frozenset[str]:
    return frozenset(str(state) for state in states)


_TRIAGE = (
    Row("T1", "report", "上报", _states(S.DRAFT), S.TRIAGE, "上报人", rules.who_reported, rules.always,
        (OPTIONAL_OPINION, FormField("photos", "现场照片", FieldKind.PHOTOS, required=False, most=9))),
    Row("T3", "verify_true", "核实属实", _states(S.VERIFYING), S.TRIAGE, "所在网格的网格员", rules.who_verifies,
        rules.not_while_asked, (OPINION, FormField("photos", "核实现场照片", FieldKind.PHOTOS, most=9))),
    Row("T3n", "verify_false", "核实不属实", _states(S.VERIFYING), "", "所在网格的网格员", rules.who_verifies,
        rules.not_while_asked,
        (REASON, FormField("photos", "核实现场照片", FieldKind.PHOTOS, most=9))),
    Row("T4", "self_handle", "自处置", _states(S.TRIAGE), S.SELF_HANDLING, "当前网格", rules.who_triages,
        rules.can_handle_itself, (OPTIONAL_OPINION,)),
    Row("T5", "finish", "自处置完成", _states(S.SELF_HANDLING), S.SELF_REVIEW, "自处置的网格", rules.who_triages,
        rules.not_while_asked, (MEASURES, AFTER_PHOTOS)),
    Row("T6", "pass_review", "审核通过", _states(S.SELF_REVIEW), S.CLOSED, "上级网格", rules.who_reviews,
        rules.can_review, (OPTIONAL_OPINION,)),
    Row("T6n", "fail_review", "审核不通过", _states(S.SELF_REVIEW), S.TRIAGE, "上级网格", rules.who_reviews,
        rules.can_review, (OPINION,)),
    Row("T6a", "pass_review_by_time", "到期自动通过", _states(S.SELF_REVIEW), S.CLOSED, "系统",
        rules.who_is_system, rules.always, is_automatic=True),
    Row("T7", "escalate", "上报上级", _states(S.TRIAGE), "", "当前网格", rules.who_triages, rules.can_escalate,
        (OPINION,)),
    Row("T7a", "climb", "逾期自动升级", _states(S.TRIAGE), "", "系统", rules.who_is_system, rules.can_climb,
        is_automatic=True),
    Row("T7b", "fall_back", "自处置超期交上级研判", _states(S.SELF_HANDLING), S.TRIAGE, "系统",
        rules.who_is_system, rules.can_climb, is_automatic=True),
    Row("T7d", "send_down", "下派", _states(S.TRIAGE), "", "当前网格", rules.who_triages, rules.can_send_down,
        (FormField("grid", "下派到", FieldKind.CHOICE),
         OPINION,
         FormField("override_reason", "再次下派理由", required=False,
                   help="该网格已上报过此件时必填", most=200))),
)  # fmt: skip

_REFERRAL = (
    Row("T8", "refer", "转办", _states(S.TRIAGE), S.DISPATCHED, "镇网格办或县网格办", rules.who_refers,
        rules.not_while_asked,
        (FormField("lead", "主办单位", FieldKind.CHOICE),
         FormField("co", "协办单位", FieldKind.CHOICES, required=False),
         FormField("days", "处置时限（工作日）", FieldKind.INTEGER, required=False,
                   help="不填则按时限表", most=180),
         FormField("override_reason", "调整时限理由", required=False, help="改动时限时必填", most=200),
         OPINION)),
    Row("T9", "sign", "签收", _states(S.DISPATCHED), S.HANDLING, "主办单位", rules.who_leads,
        rules.not_while_asked, (OPTIONAL_OPINION,)),
    Row("T10", "ask_return", "申请退回", _states(S.DISPATCHED, S.HANDLING), "", "主办单位", rules.who_leads,
        rules.can_ask_return, (REASON, FormField("basis", "职责依据", help="哪份文件规定不属本单位职责", most=300))),
    Row("T10y", "approve_return", "同意退回", _states(S.DISPATCHED, S.HANDLING), S.TRIAGE, "转办单位",
        rules.who_decides_return, rules.can_decide_return, (OPTIONAL_OPINION,)),
    Row("T10n", "reject_return", "驳回退回", _states(S.DISPATCHED, S.HANDLING), "", "转办单位",
        rules.who_decides_return, rules.can_decide_return, (OPINION,)),
    Row("T10w", "withdraw_return", "撤回退回申请", _states(S.DISPATCHED, S.HANDLING), "", "申请单位",
        rules.who_withdraws_return, rules.always),
    Row("T16c", "answer_part", "协办反馈", _states(S.DISPATCHED, S.HANDLING), "", "协办单位",
        rules.who_cooperates, rules.always,
        (FormField("feedback", "反馈内容", FieldKind.LONG_TEXT, most=1000),
         FormField("photos", "照片", FieldKind.PHOTOS, required=False, most=9))),
)  # fmt: skip

_JOINT_AND_PAUSES = (
    Row("T11", "start_joint", "发起联合执法", _states(S.HANDLING), S.JOINT, "主办单位或县网格办",
        rules.who_leads, rules.not_while_asked, is_reachable=False),
    Row("T12", "finish_joint", "联合执法完成", _states(S.JOINT), S.HANDLING, "主办单位",
        rules.who_leads, rules.not_while_asked, is_reachable=False),
    Row("T13", "ask_extension", "申请延期", _states(S.HANDLING, S.JOINT), "", "主办单位",
        rules.who_leads, rules.not_while_asked, is_reachable=False),
    Row("T14", "ask_suspension", "申请挂账", _states(S.HANDLING), S.SUSPENDED, "主办单位",
        rules.who_leads, rules.not_while_asked, is_reachable=False),
    Row("T15", "resume", "恢复", _states(S.SUSPENDED), S.HANDLING, "县网格办",
        rules.who_refers, rules.always, is_reachable=False),
)  # fmt: skip

_CHECKING = (
    Row("T16", "submit", "提交处置结果", _states(S.HANDLING), S.CHECKING, "主办单位", rules.who_leads,
        rules.can_submit,
        (MEASURES, CAUSE, AFTER_PHOTOS,
         FormField("co_explanation", "协办未反馈说明", required=False,
                   help="有协办单位尚未反馈时必填", most=500))),
    Row("T17", "pass_check", "核查通过", _states(S.CHECKING), S.CLOSING, "处置单位以外的核查人员",
        rules.who_checks, rules.can_check, (OPINION, CHECK_PHOTOS)),
    Row("T18", "fail_check", "核查不通过", _states(S.CHECKING), S.HANDLING, "处置单位以外的核查人员",
        rules.who_checks, rules.can_check,
        (OPINION, FormField("photos", "核查现场照片", FieldKind.PHOTOS, required=False, most=9))),
    Row("T19", "close", "同意办结", _states(S.CLOSING), S.CLOSED, "转办单位（较重以上由分管领导）",
        rules.who_closes, rules.can_close, (OPTIONAL_OPINION,)),
    Row("T19n", "return_to_check", "退回核查", _states(S.CLOSING), S.CHECKING,
        "转办单位（较重以上由分管领导）", rules.who_closes, rules.can_close, (OPINION,)),
    Row("T20", "archive", "归档", _states(S.CLOSED), S.ARCHIVED, "网格办", rules.who_archives, rules.always,
        (OPTIONAL_OPINION,)),
)  # fmt: skip

_ACTIVE = _states(*ACTIVE_STATES)
_BESIDES = (
    Row("T21", "rebound", "回头看发现反弹", _states(S.CLOSED, S.ARCHIVED), "", "核查人员",
        rules.who_checks, rules.always, is_reachable=False),
    Row("T22", "ask_void", "申请作废", _ACTIVE, "", "上报人或当前网格", rules.who_may_ask_void, rules.can_ask_void,
        (FormField("void_reason", "作废原因", FieldKind.CHOICE), REASON)),
    Row("T22y", "approve_void", "同意作废", _ACTIVE, S.VOIDED, "上级网格办", rules.who_decides_void,
        rules.can_decide_void, (OPTIONAL_OPINION,)),
    Row("T22n", "reject_void", "驳回作废", _ACTIVE, "", "上级网格办", rules.who_decides_void,
        rules.can_decide_void, (OPINION,)),
    Row("T22w", "withdraw_void", "撤回作废申请", _ACTIVE, "", "申请人", rules.who_withdraws_void, rules.always),
    Row("T23", "transfer", "移送", _ACTIVE, S.TRANSFERRED, "县网格办", rules.who_refers, rules.not_while_asked,
        is_reachable=False),
    Row("T24", "list_supervision", "挂牌督办", _ACTIVE, "", "县领导", rules.who_closes, rules.always,
        is_reachable=False),
    Row("T25", "merge", "合并", _ACTIVE, S.VOIDED, "镇网格办或县网格办", rules.who_merges, rules.not_while_asked,
        (FormField("target", "并入办件编号", help="如 WT-20261123-0001", most=20), OPINION)),
    Row("L3", "urge", "催办", _ACTIVE, "", "网格办或领导", rules.who_urges, rules.always, (OPINION,)),
)  # fmt: skip

LIFECYCLE: Lifecycle[CaseFacts, Scope] = Lifecycle(
    rows=(*_TRIAGE, *_REFERRAL, *_JOINT_AND_PAUSES, *_CHECKING, *_BESIDES),
    state_labels={str(state): str(state.label) for state in State},
)
