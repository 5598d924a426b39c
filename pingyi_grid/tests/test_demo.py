"""The demo: the same twice, cases in every state, work on every desk, and never on top of real data."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.models import User
from cases.choices import State
from cases.models import Card, Case, Step
from conftest import SHANGHAI
from grids.models import Grid, Source, Sponsorship
from grids.scope import Scope, scope_for, system_scope
from inspections.models import Patrol
from kernel import audit
from kernel.refusal import Refused
from pingyi_grid.demo.load import Demo, Size, load
from pingyi_grid.demo.people import SIGN_INS
from tests.processes import scratch_database

AT = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
SMALL = Size(cases=60, patrols=300)
PASSWORD = "Kp-7429-vwxz"


def make() -> Demo:
    return load(password=PASSWORD, by=system_scope(AT.date()), at=AT, size=SMALL)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """One small demo for the tests that only look at it, undone afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make()
        transaction.set_rollback(True)


def scope(username: str) -> Scope:
    return scope_for(User.objects.get(username=username), AT.date())


def test_it_has_the_county_its_people_sources_patrols_and_cases(demo):
    assert (demo.sources, demo.patrols, demo.cases) == (120, 300, 84)
    assert (Grid.objects.count(), Source.objects.count(), Patrol.objects.count()) == (695, 120, 300)
    assert not User.objects.filter(is_demo=False).exists()
    assert not User.objects.exclude(name__startswith="演示·").exists()
    assert set(Sponsorship.objects.values_list("sponsor_class", flat=True)) == {
        "county_leader", "dept_head", "section_deputy_up", "dept_staff",
    }  # fmt: skip


def test_every_state_of_a_case_is_there(demo):
    reachable = set(State) - {State.DRAFT, State.JOINT, State.SUSPENDED, State.TRANSFERRED}
    assert set(Case.objects.values_list("state", flat=True)) == reachable
    assert not Case.objects.filter(is_demo=False).exists()
    assert Card.objects.filter(colour="red").exists()


def test_each_desk_has_work(demo):
    for name in ("member", "area", "town", "county", "leader", "water", "env"):
        who = scope(name)
        assert Case.objects.visible_to(who).waiting_for(who).exists(), name
    for name in ("county", "town"):
        who = scope(name)
        assert Case.objects.visible_to(who).with_request_for(who).exists(), name
    assert Case.objects.visible_to(scope("env")).co_handled_by(scope("env")).exists()
    assert Case.objects.visible_to(scope("stranger")).exists()
    assert Patrol.objects.visible_to(scope("stranger")).exists()
    assert not Case.objects.visible_to(scope("admin")).exists()


def test_nothing_in_it_happens_after_its_present(demo):
    assert not Step.objects.filter(at__gt=AT).exists()
    assert audit.verify() == []


def test_everybody_of_the_list_can_sign_in(demo, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    names = {sign_in.username for sign_in in SIGN_INS} | {"sponsor"}
    assert set(User.objects.filter(username__isnull=False).values_list("username", flat=True)) == names
    assert User.objects.get(username="member").check_password(PASSWORD)


def test_it_is_refused_where_there_is_data(cast):
    with pytest.raises(Refused, match="不能再装入演示数据"):
        make()


def test_if_empty_leaves_a_database_with_data_alone(cast, capsys):
    call_command("load_demo", "--if-empty", "--json")
    assert (capsys.readouterr().out.strip(), Case.objects.count()) == ('{"loaded": false}', 0)


def digest() -> str:
    """A fingerprint of the whole demo, of what does not depend on the run."""
    make()
    steps = Step.objects.order_by("case__number", "at", "id")
    rows = [list(map(str, row)) for row in steps.values_list("case__number", "at", "action", "by_name", "opinion")]
    rows += [list(row) for row in Source.objects.order_by("code").values_list("code", "name")]
    return sha256(repr(rows).encode()).hexdigest()


@pytest.mark.slow
def test_two_loads_give_the_same_demo():
    found = []
    for _ in range(2):
        with scratch_database("sqlite") as database:
            found.append(database.run(digest))
    assert found[0] == found[1]
