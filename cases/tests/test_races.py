"""Several processes at the same case: one wins, the others are told. A killed sweep is done once all the same."""

from __future__ import annotations

import time
import uuid
from datetime import datetime

import pytest

from accounts.models import User
from cases.choices import CardColour, Stage, State
from cases.models import Card, Case, StageClock, Step
from cases.services import sweeping
from cases.services.filing import Matter, file_case
from cases.services.machine import act
from cases.services.sweeping import sweep_cases
from cases.tests.conftest import open_desk
from conftest import NOW, SHANGHAI, TODAY, VILLAGE
from grids.models import Grid
from grids.scope import scope_for
from kernel import audit
from kernel.models import Firing
from kernel.refusal import Refused
from tests.processes import BACKENDS, scratch_database

RACED = 1_000
DUE = 1_000
LONG_AFTER = datetime(2026, 11, 30, 18, 0, tzinfo=SHANGHAI)


def make_cases(count: int) -> list[int]:
    """`count` cases waiting for triage at the village, in bulk: the race is about what comes after."""
    desk = open_desk()
    first = desk.file()
    rows = [_copy(first, number) for number in range(1, count)]
    Case.objects.bulk_create(rows)
    return list(Case.objects.order_by("pk").values_list("pk", flat=True))


def _copy(case: Case, number: int) -> Case:
    values = {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
    return Case(**{**values, "id": None, "number": f"WT-20261123-{number + 1:04d}"})


def escalate_all(index: int, keys: list[int]) -> tuple[list[int], list[str]]:
    """The cases that this process won, and what it was told of the others; all saw the same version of each."""
    user = User.objects.get(username=["member", "villagehead", "area", "town"][index])
    scope = scope_for(user, TODAY)
    won, told = [], set()
    for key in keys:
        case = Case(pk=key)
        try:
            act(case, "escalate", by=scope, at=NOW, data={"opinion": "请上级处理"}, seen=2)
            won.append(key)
        except Refused as refused:
            told.add(refused.code)
    return won, sorted(told)


def outcome() -> dict[str, int]:
    area = Grid.objects.get(code=f"{VILLAGE[:9]}W01")
    return {
        "at the area": Case.objects.filter(holder_grid=area, state=State.TRIAGE, version=3).count(),
        "steps": Step.objects.filter(action="escalate").count(),
        "faults": len(audit.verify()),
    }


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_of_four_processes_racing_on_a_thousand_cases_exactly_one_wins_each(backend):
    with scratch_database(backend) as database:
        keys = database.run(make_cases, RACED)
        answers = database.run_together(escalate_all, count=4, arguments=(keys,), timeout=300)
        after = database.run(outcome)
    assert sorted(key for won, _ in answers for key in won) == keys
    assert {code for _, told in answers for code in told} == {"changed"}
    assert after == {"at the area": RACED, "steps": RACED, "faults": 0}


def make_due_cases(count: int) -> int:
    """`count` cases being handled, all due on the same evening."""
    desk = open_desk()
    first = desk.handling(co=())
    Case.objects.bulk_create([_copy(first, number) for number in range(1, count)])
    clock = StageClock.objects.get(case=first, stage=Stage.HANDLE)
    values = {field.attname: getattr(clock, field.attname) for field in StageClock._meta.concrete_fields}
    others = Case.objects.exclude(pk=first.pk).values_list("pk", flat=True)
    StageClock.objects.bulk_create([StageClock(**{**values, "id": None, "case_id": pk}) for pk in others])
    return StageClock.objects.ringing(LONG_AFTER).count()


def sweep_until_done(_index: int) -> int:
    return sweep_cases(LONG_AFTER).fired


def sweep_in_small_batches(_index: int) -> int:
    """The same sweep in a hundred transactions, so that there is a middle in which to kill it."""
    sweeping.BATCH = 10
    return sweep_cases(LONG_AFTER).fired


def fired_so_far() -> int:
    return Firing.objects.filter(skipped=False).count()


def wait_for_the_first(_index: int) -> int:
    """How many steps have fired when some have."""
    for _ in range(6_000):
        if fired := fired_so_far():
            return fired
        time.sleep(0.005)
    return 0


def sweep_outcome() -> dict[str, int]:
    return {
        "fired": Firing.objects.filter(step="L2", skipped=False).count(),
        "passed over": Firing.objects.filter(skipped=True).count(),
        "cards": Card.objects.filter(colour=CardColour.RED).count(),
        "steps": Step.objects.filter(action="ladder").count(),
        "red cases": Case.objects.filter(card=CardColour.RED, is_overdue=True).count(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_sweep_killed_in_the_middle_is_completed_and_each_step_fires_once(backend):
    with scratch_database(backend) as database:
        assert database.run(make_due_cases, DUE) == DUE
        (witness,) = database.start(wait_for_the_first, count=1)
        (victim,) = database.start(sweep_in_small_batches, count=1)
        witness.result()
        victim.kill()
        killed_at = database.run(fired_so_far)
        again = database.run_together(sweep_until_done, count=2)
        after = database.run(sweep_outcome)
    assert 0 < killed_at < DUE
    assert sum(again) == DUE - killed_at
    assert after == {"fired": DUE, "passed over": 2 * DUE, "cards": DUE, "steps": DUE, "red cases": DUE}


def prepare_desk() -> None:
    open_desk()


def file_the_same(_index: int, client_id: str) -> tuple[str, bool]:
    scope = scope_for(User.objects.get(username="member"), TODAY)
    matter = Matter(category="A05", grid=VILLAGE, no_photo_reason="夜间")
    filed = file_case(matter, by=scope, at=NOW, client_id=uuid.UUID(client_id))
    return filed.case.number, filed.is_new


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_five_identical_reports_at_once_make_one_case(backend):
    with scratch_database(backend) as database:
        database.run(prepare_desk)
        answers = database.run_together(file_the_same, count=5, arguments=(str(uuid.uuid4()),))
    assert sorted(answers) == [["WT-20261123-0001", False]] * 4 + [["WT-20261123-0001", True]]
