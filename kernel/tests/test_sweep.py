from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from kernel.models import Firing
from kernel.sweep import beat, fire_once, fired_steps, last_beat
from tests.processes import BACKENDS, scratch_database

DUE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
AT = DUE + timedelta(minutes=1)


def test_a_step_fires_the_first_time_only(db):
    assert [fire_once("case:1", "S1", "L1", DUE, AT), fire_once("case:1", "S1", "L1", DUE, AT)] == [True, False]


@pytest.mark.parametrize(
    ("subject", "stage", "step", "due_at"),
    [
        ("case:2", "S1", "L1", DUE),
        ("case:1", "S2", "L1", DUE),
        ("case:1", "S1", "L2", DUE),
        ("case:1", "S1", "L1", DUE + timedelta(days=1)),
    ],
)
def test_another_subject_stage_step_or_due_time_fires_by_itself(db, subject, stage, step, due_at):
    fire_once("case:1", "S1", "L1", DUE, AT)
    assert fire_once(subject, stage, step, due_at, AT)


def test_a_skipped_step_never_fires_later(db):
    fire_once("case:1", "S1", "L1", DUE, AT, skipped=True)
    assert not fire_once("case:1", "S1", "L1", DUE, AT)
    assert list(Firing.objects.values_list("skipped", flat=True)) == [True]


def test_a_step_whose_effects_failed_fires_again(db):
    with suppress(ZeroDivisionError), transaction.atomic():
        fire_once("case:1", "S1", "L1", DUE, AT)
        raise ZeroDivisionError
    assert fire_once("case:1", "S1", "L1", DUE, AT)


def test_a_step_that_had_fired_leaves_the_transaction_usable(db):
    fire_once("case:1", "S1", "L1", DUE, AT)
    with transaction.atomic():
        fire_once("case:1", "S1", "L1", DUE, AT)
        fire_once("case:1", "S1", "L2", DUE, AT)
    assert fired_steps("case:1", "S1", DUE) == {"L1", "L2"}


def test_the_steps_fired_are_those_of_this_due_time(db):
    fire_once("case:1", "S1", "L1", DUE, AT)
    fire_once("case:1", "S1", "L2", DUE, AT, skipped=True)
    fire_once("case:1", "S1", "L3", DUE + timedelta(days=1), AT)
    assert fired_steps("case:1", "S1", DUE) == {"L1", "L2"}
    assert fired_steps("case:2", "S1", DUE) == set()


@pytest.mark.django_db(transaction=True)
def test_firing_outside_a_transaction_is_a_bug():
    with pytest.raises(transaction.TransactionManagementError):
        fire_once("case:1", "S1", "L1", DUE, AT)


def test_a_heart_that_never_beat_has_no_last_beat(db):
    assert last_beat("worker") is None


def test_the_last_beat_of_each_process_is_known(db):
    beat("worker", DUE)
    beat("beat", DUE)
    beat("worker", AT)
    assert (last_beat("worker"), last_beat("beat")) == (AT, DUE)


def fire_all(_index: int, count: int) -> int:
    """How many of `count` steps this process fired."""
    fired = 0
    for number in range(count):
        with transaction.atomic():
            fired += fire_once(f"case:{number}", "S1", "L1", DUE, AT)
    return fired


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_four_workers_on_the_same_steps_fire_each_once(backend):
    with scratch_database(backend) as database:
        fired = database.run_together(fire_all, count=4, arguments=(250,))
    assert sum(fired) == 250
