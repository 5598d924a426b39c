"""Every state × transition × role: who may do what to an ordinary case of 仲村甲一村, written as an official reads it.

What a row does not name is refused, with a sentence, and changes nothing.
"""

from __future__ import annotations

import pytest

from cases.choices import State
from cases.models import Case
from cases.services.facts import facts_of
from cases.transitions import LIFECYCLE
from conftest import NOW
from kernel.refusal import Refused

COUNTY = {"county", "county2"}
TOWN = {"town", "townhead"}
OFFICES = COUNTY | TOWN
VILLAGE = {"member", "villagehead"}
TRIAGE = OFFICES | VILLAGE | {"area"}
WATER = {"water", "waterhead"}
URGE = OFFICES | {"leader"}

# state as made by `_cases` → action → who may; the reporter is the member.
MATRIX: dict[str, dict[str, set[str]]] = {
    "draft": {"report": {"member"}},
    "verifying": {
        "verify_true": VILLAGE | {"area", "town"},
        "verify_false": VILLAGE | {"area", "town"},
        "ask_void": TRIAGE,
        "merge": OFFICES,
        "urge": URGE,
    },
    "triage at the village": {
        "self_handle": TRIAGE,
        "escalate": TRIAGE,
        "refer": OFFICES,
        "ask_void": TRIAGE,
        "merge": OFFICES,
        "urge": URGE,
    },
    "triage at the county": {
        "send_down": COUNTY,
        "refer": COUNTY,
        "ask_void": COUNTY | {"member"},
        "merge": COUNTY,
        "urge": URGE,
    },
    "self_handling": {"finish": TRIAGE, "ask_void": TRIAGE, "merge": OFFICES, "urge": URGE},
    "self_review": {
        "pass_review": OFFICES | {"area"},
        "fail_review": OFFICES | {"area"},
        "ask_void": OFFICES | {"area", "member"},
        "merge": OFFICES,
        "urge": URGE,
    },
    "dispatched": {
        "sign": WATER,
        "ask_return": WATER,
        "answer_part": {"env"},
        "ask_void": WATER | {"member"},
        "merge": COUNTY,
        "urge": URGE,
    },
    "handling": {
        "submit": WATER,
        "ask_return": WATER,
        "answer_part": {"env"},
        "ask_void": WATER | {"member"},
        "merge": COUNTY,
        "urge": URGE,
    },
    "return asked": {
        "approve_return": COUNTY,
        "reject_return": COUNTY,
        "withdraw_return": WATER,
        "answer_part": {"env"},
        "urge": URGE,
    },
    "void asked": {"approve_void": OFFICES, "reject_void": OFFICES, "withdraw_void": {"member"}, "urge": URGE},
    "checking": {
        "pass_check": OFFICES | VILLAGE | {"area", "sponsor"},
        "fail_check": OFFICES | VILLAGE | {"area", "sponsor"},
        "ask_void": TRIAGE | WATER,
        "merge": OFFICES,
        "urge": URGE,
    },
    "closing": {
        "close": COUNTY | {"leader"},
        "return_to_check": COUNTY | {"leader"},
        "ask_void": COUNTY | WATER | {"member"},
        "merge": COUNTY,
        "urge": URGE,
    },
    "closing, serious": {
        "close": {"leader"},
        "return_to_check": {"leader"},
        "ask_void": COUNTY | WATER | {"member"},
        "merge": COUNTY,
        "urge": URGE,
    },
    "closed": {"archive": COUNTY | {"town"}},
    "archived": {},
    "voided": {},
}


def _draft(desk) -> Case:
    case = desk.file()
    Case.objects.filter(pk=case.pk).update(state=State.DRAFT)
    return Case.objects.get(pk=case.pk)


def _voided(desk) -> Case:
    return desk.act(_void_asked(desk), "approve_void", "town")


def _void_asked(desk) -> Case:
    return desk.act(desk.file(), "ask_void", "member", void_reason="duplicate", reason="与昨日上报重复")


def _return_asked(desk) -> Case:
    return desk.act(desk.dispatched(), "ask_return", "water", reason="不属本局", basis="三定方案")


MAKERS = {
    "draft": _draft,
    "verifying": lambda desk: _reported_by_member(desk.register()),
    "triage at the village": lambda desk: desk.file(),
    "triage at the county": lambda desk: desk.at_county(),
    "self_handling": lambda desk: desk.self_handling(),
    "self_review": lambda desk: desk.self_review(),
    "dispatched": lambda desk: desk.dispatched(),
    "handling": lambda desk: desk.handling(),
    "return asked": _return_asked,
    "void asked": _void_asked,
    "checking": lambda desk: desk.checking(),
    "closing": lambda desk: desk.closing(),
    "closing, serious": lambda desk: desk.closing(severity="serious"),
    "closed": lambda desk: desk.closed(),
    "archived": lambda desk: desk.act(desk.closed(), "archive", "county"),
    "voided": _voided,
}


def _reported_by_member(case: Case) -> Case:
    from accounts.models import User

    Case.objects.filter(pk=case.pk).update(reporter=User.objects.get(username="member"))
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize("situation", MATRIX)
def test_who_may_do_what_in(situation, desk):
    case = MAKERS[situation](desk)
    facts = facts_of(case, NOW)
    actions = dict.fromkeys(row.action for row in LIFECYCLE.rows if row.is_reachable)
    found: dict[str, set[str]] = {}
    for name in desk.cast.users:
        for action in actions:
            if _is_allowed(case.state, action, facts, desk.cast.scope(name)):
                found.setdefault(action, set()).add(name)
    assert found == MATRIX[situation]


def _is_allowed(state, action, facts, scope) -> bool:
    try:
        return LIFECYCLE.find(action, state).refusal(facts, scope) is None
    except Refused:
        return False


@pytest.mark.parametrize("situation", MATRIX)
def test_what_is_not_allowed_is_refused_in_chinese_and_changes_nothing(situation, desk):
    case = MAKERS[situation](desk)
    before = Case.objects.filter(pk=case.pk).values().get()
    steps = case.steps.count()
    refused = 0
    for name in ("stranger", "assessor", "admin", "member", "water", "leader"):
        for row in LIFECYCLE.rows:
            if name in MATRIX[situation].get(row.action, set()):
                continue
            with pytest.raises(Refused, match=r"[\u4e00-\u9fff]"):
                desk.act(case, row.action, name)
            refused += 1
    assert refused > 200
    assert (Case.objects.filter(pk=case.pk).values().get(), case.steps.count()) == (before, steps)


def test_the_stages_of_self_handling_and_archiving_are_left_to_the_clock_alone():
    automatic = {row.action for row in LIFECYCLE.rows if row.is_automatic}
    assert automatic == {"climb", "fall_back", "pass_review_by_time"}
