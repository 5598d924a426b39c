"""The demo: the same twice, cases in every state, work on every desk, and never on top of real data."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from cases.choices import Arrival, Origin, RequestState, Severity, State
from cases.models import Case, CasePhoto, ReferralSheet, Request, Step
from cases.transitions import LIFECYCLE
from conftest import SHANGHAI
from grids.choices import SourceCategory, SponsorClass
from grids.models import Grid, Post, Source, Sponsorship
from grids.scope import Scope, scope_for, system_scope
from inspections.models import Patrol
from kernel import audit
from kernel.models import AuditEntry, Photo
from kernel.refusal import Refused
from pingyi_grid.demo.load import Demo, Size, load
from pingyi_grid.demo.people import SIGN_INS
from tests.processes import scratch_database

AT = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
SMALL = Size(cases=30, patrols=200)
PASSWORD = "Kp-7429-vwxz"


def make(at: datetime = AT, size: Size = SMALL) -> Demo:
    return load(password=PASSWORD, by=system_scope(at.date()), at=at, size=size)


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, media):
    """One small demo for the tests that only look at it, undone afterwards."""
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        yield make()
        transaction.set_rollback(True)


def scope(username: str) -> Scope:
    return scope_for(User.objects.get(username=username), AT.date())


def waiting(username: str) -> Counter:
    """The to-do list of somebody, as (state, severity) with how many."""
    who = scope(username)
    return Counter(Case.objects.visible_to(who).waiting_for(who).values_list("state", "severity"))


def states(username: str) -> set[str]:
    return {state for state, _severity in waiting(username)}


def test_it_has_the_county_its_people_sources_patrols_and_cases(demo):
    assert (demo.sources, demo.cases, demo.refused) == (120, 30 + 59, ())
    assert (Grid.objects.count(), Source.objects.count()) == (695, 120)
    assert demo.patrols == 200 + Case.objects.filter(origin=Origin.PATROL).count() == Patrol.objects.count()
    assert not User.objects.filter(is_demo=False).exists()
    assert not User.objects.exclude(name__startswith="演示·").exists()
    assert not User.objects.exclude(phone="").exclude(phone__startswith="000-").exists()
    assert set(Sponsorship.objects.values_list("sponsor_class", flat=True)) == set(SponsorClass)


def test_every_grid_has_somebody_who_answers_for_it(demo):
    seated = Post.objects.held_on(AT.date()).filter(grid__isnull=False).values("grid_id")
    assert not Grid.objects.exclude(pk__in=seated).exists()


def test_every_kind_of_source_is_in_the_ledger(demo):
    assert set(Source.objects.values_list("category", flat=True)) == set(SourceCategory)


def test_every_state_that_can_be_reached_is_there(demo):
    reachable = {row.target for row in LIFECYCLE.rows if row.is_reachable and row.target} | {State.VERIFYING}
    assert set(Case.objects.values_list("state", flat=True)) == reachable
    assert Case.objects.filter(merged_into__isnull=False).exists()
    assert not Case.objects.filter(is_demo=False).exists()
    assert not Patrol.objects.filter(is_demo=False).exists()


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("member", {"triage", "verifying", "self_handling", "handling", "checking"}),
        ("area", {"triage", "self_review", "dispatched"}),
        ("town", {"triage", "dispatched", "checking", "closing"}),
        ("townhead", {"triage", "checking", "closing"}),
        ("county", {"triage", "closing"}),
        ("leader", {"closing"}),
        ("water", {"dispatched", "handling"}),
        ("env", {"dispatched", "handling"}),
        ("stranger", {"triage", "checking", "closing"}),
    ],
)
def test_each_desk_has_what_its_post_decides(demo, username, expected):
    assert expected <= states(username)


def test_grave_cases_wait_for_the_leaders(demo):
    for username in ("leader", "townhead"):
        assert {severity for state, severity in waiting(username) if state == "closing"} >= {"serious", "major"}


def test_requests_and_parts_wait_for_those_who_answer(demo):
    for username, kinds in [("county", {"return", "void"}), ("town", {"return", "void"})]:
        who = scope(username)
        cases = Case.objects.visible_to(who).with_request_for(who)
        pending = Request.objects.filter(case__in=cases, state=RequestState.PENDING)
        assert set(pending.values_list("kind", flat=True)) == kinds
    for username in ("water", "env", "town"):
        who = scope(username)
        assert Case.objects.visible_to(who).co_handled_by(who).exists()


def test_what_time_did_is_there(demo):
    for username in ("area", "town", "county"):
        who = scope(username)
        climbed = Case.objects.visible_to(who).climbed_to(who)
        assert set(climbed.values_list("arrived_by", flat=True)) == {Arrival.CLIMBED, Arrival.ESCALATED}
    for username in ("water", "env"):
        who = scope(username)
        assert Case.objects.visible_to(who).waiting_for(who).overdue().filter(card="red", is_urged=True).exists()
    assert Case.objects.filter(state=State.TRIAGE, severity=Severity.URGENT, holder_grid__parent=None).exists()
    assert set(Case.objects.filter(state=State.SELF_REVIEW).values_list("is_sampled", flat=True)) == {True, False}
    assert Case.objects.filter(state=State.HANDLING, rework_count=1).exists()


def test_who_has_nothing_to_do_with_cases_sees_none(demo):
    for username in ("admin", "audit", "clerk"):
        assert not Case.objects.visible_to(scope(username)).exists()
    assert Case.objects.visible_to(scope("sponsor")).exists()
    assert Patrol.objects.visible_to(scope("stranger")).exists()


def test_everything_happened_in_its_order_and_before_the_present(demo):
    assert not Step.objects.filter(at__gt=AT).exists()
    for moments in (
        Case.objects.order_by("number").values_list("created_at", flat=True),
        ReferralSheet.objects.order_by("id").values_list("issued_at", flat=True),
        AuditEntry.objects.filter(subject__startswith="case:").order_by("sequence").values_list("at", flat=True),
    ):
        assert list(moments) == sorted(moments)
    assert audit.verify() == []


def test_photos_are_drawn_and_whole(demo, media):
    shown = set(Photo.objects.values_list("shown", flat=True))
    assert len(shown) == 12
    assert all((media / name).is_file() for name in shown)
    assert not CasePhoto.objects.filter(photo__isnull=True).exists()
    assert not Photo.objects.exclude(pk__in=CasePhoto.objects.values("photo_id")).exists()


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


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 2, 18, 3, 20, tzinfo=SHANGHAI),
        datetime(2026, 11, 22, 23, 50, tzinfo=SHANGHAI),
        datetime(2026, 10, 10, 18, 30, tzinfo=SHANGHAI),
    ],
    ids=["in the night of a Spring Festival", "late on a Sunday", "after a Saturday that was worked"],
)
def test_the_desks_are_full_at_any_moment(at):
    assert make(at, Size(cases=0, patrols=0)).refused == ()
    for username, state in [("area", "triage"), ("town", "closing"), ("county", "triage"), ("leader", "closing")]:
        who = scope_for(User.objects.get(username=username), at.date())
        assert Case.objects.visible_to(who).waiting_for(who).filter(state=state).exists(), username


@pytest.mark.django_db
def test_it_is_refused_for_a_day_before_there_were_grids():
    with pytest.raises(Refused, match="不能早于"):
        make(datetime(2024, 1, 5, 9, 0, tzinfo=SHANGHAI))
    assert not User.objects.exists()


def digest() -> str:
    """A fingerprint of the whole demo, of what does not depend on the run."""
    make(size=Size(cases=10, patrols=100))
    steps = Step.objects.order_by("case__number", "at", "id")
    rows = [list(map(str, row)) for row in steps.values_list("case__number", "at", "action", "by_name", "opinion")]
    rows += [list(row) for row in Source.objects.order_by("code").values_list("code", "name", "grid__code")]
    patrols = Patrol.objects.order_by("client_id").values_list("client_id", "member__name", "started_at", "note")
    rows += [list(map(str, row)) for row in patrols]
    return sha256(repr(rows).encode()).hexdigest()


@pytest.mark.slow
def test_two_loads_give_the_same_demo():
    found = []
    for _ in range(2):
        with scratch_database("sqlite") as database:
            found.append(database.run(digest))
    assert found[0] == found[1]
