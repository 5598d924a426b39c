from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from kernel.audit import FaultKind, Mark, digest, end_of_chain, record, verify
from kernel.models import AuditEntry, AuditHead
from tests.processes import BACKENDS, scratch_database

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    user_id: int | None = 7
    name: str = "县局科员"
    address: str = "10.0.0.8"


@pytest.fixture
def chain_of_six(db):
    for number in range(1, 7):
        record(verb="转办", subject=f"case:{number}", by=Person(), at=AT + timedelta(minutes=number))


def sentences() -> list[str]:
    return [fault.sentence for fault in verify()]


def test_an_empty_chain_is_whole(db):
    assert verify() == []
    assert end_of_chain() == Mark(0, "0" * 64)


def test_a_chain_that_nobody_touched_is_whole(chain_of_six):
    assert verify() == []
    assert list(AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_an_entry_says_who_did_what_to_which_and_from_where(db):
    entry = record(verb="签收", subject="case:1", by=Person(), at=AT, details={"单位": "水利局"})
    entry.refresh_from_db()
    assert (entry.at, entry.actor_id, entry.actor_name, entry.address) == (AT, 7, "县局科员", "10.0.0.8")
    assert (entry.verb, entry.subject, entry.details) == ("签收", "case:1", {"单位": "水利局"})


def test_whatever_is_in_the_details_the_hash_is_found_again(db):
    details = {
        "float": 118.1,
        "large": 1e22,
        "minus_zero": -0.0,
        "no_number": float("nan"),
        "decimal": Decimal("1.50"),
        "moment": AT,
        "uuid": UUID(int=1),
        "nul": "a\x00b",
        "half": "\ud83d",
        "escape": "\\u0000",
        "list": [1, True, None, "某村"],
    }
    entry = record(verb="上报", subject="case:1", by=Person(), at=AT, details=details)
    entry.refresh_from_db()
    assert verify() == []
    assert (entry.details["float"], entry.details["nul"], entry.details["escape"]) == ("118.1", "ab", "\\u0000")


def test_an_altered_entry_is_found(chain_of_six):
    AuditEntry.objects.filter(sequence=3).update(actor_name="别人")
    assert sentences() == ["第 3 条与自身的哈希不符：内容或次序被改动。"]


@pytest.mark.parametrize(
    "change",
    [
        {"at": AT},
        {"actor_id": None},
        {"verb": "作废"},
        {"subject": "case:9"},
        {"details": {"a": 1}},
        {"address": "10.0.0.9"},
    ],
)
def test_no_part_of_an_entry_can_be_altered_unseen(chain_of_six, change):
    AuditEntry.objects.filter(sequence=2).update(**change)
    assert [(fault.kind, fault.first) for fault in verify()] == [(FaultKind.ALTERED, 2)]


def test_an_altered_entry_with_a_hash_made_new_breaks_the_link_to_the_next(chain_of_six):
    forged = AuditEntry.objects.get(sequence=3)
    forged.verb = "作废"
    forged.hash = digest(forged)
    forged.save()
    assert sentences() == ["第 3 条与第 4 条记下的哈希不符：链在此处断开，有记录被改写。"]


def test_the_last_entry_with_a_hash_made_new_does_not_fit_the_head(chain_of_six):
    forged = AuditEntry.objects.get(sequence=6)
    forged.verb = "作废"
    forged.hash = digest(forged)
    forged.save()
    assert sentences() == ["第 6 条与链尾记下的哈希不符：链在此处断开，有记录被改写。"]


def test_a_deleted_entry_is_found(chain_of_six):
    AuditEntry.objects.filter(sequence=3).delete()
    assert sentences() == ["缺第 3 条：已被删除。"]


def test_a_deleted_beginning_is_found(chain_of_six):
    AuditEntry.objects.filter(sequence__lte=2).delete()
    assert sentences() == ["缺第 1 至 2 条：已被删除。"]


def test_a_deleted_tail_is_found(chain_of_six):
    AuditEntry.objects.filter(sequence__gte=5).delete()
    assert sentences() == ["缺第 5 至 6 条：已被删除。"]


def test_a_whole_chain_deleted_is_found(chain_of_six):
    AuditEntry.objects.all().delete()
    assert sentences() == ["缺第 1 至 6 条：已被删除。"]


def test_two_entries_put_in_each_others_place_are_found(chain_of_six):
    AuditEntry.objects.filter(sequence=3).update(sequence=100)
    AuditEntry.objects.filter(sequence=4).update(sequence=3)
    AuditEntry.objects.filter(sequence=100).update(sequence=4)
    assert [(fault.kind, fault.first) for fault in verify()] == [
        (FaultKind.ALTERED, 3),
        (FaultKind.ALTERED, 4),
        (FaultKind.UNLINKED, 4),
    ]


def test_an_entry_slipped_in_behind_the_head_is_found(chain_of_six):
    last = AuditEntry.objects.get(sequence=6)
    slipped = AuditEntry(sequence=7, at=AT, actor_name="某人", verb="办结", subject="case:1", previous_hash=last.hash)
    slipped.hash = digest(slipped)
    slipped.save()
    assert sentences() == ["第 7 条在链尾之后：不是由本系统写入。"]


def test_a_lost_head_is_found(chain_of_six):
    AuditHead.objects.all().delete()
    assert [(fault.kind, fault.first) for fault in verify()] == [(FaultKind.FOREIGN, number) for number in range(1, 7)]


def test_a_chain_rewritten_to_its_end_is_convicted_by_an_end_written_down_before(chain_of_six):
    noted = end_of_chain()
    rewrite_from(3)
    assert verify() == []
    assert [fault.sentence for fault in verify(noted)] == ["第 6 条与另行记下的哈希不符：此条或更早的记录被重写。"]


def test_a_tail_deleted_with_the_head_set_back_is_convicted_by_an_end_written_down_before(chain_of_six):
    noted = end_of_chain()
    AuditEntry.objects.filter(sequence__gte=5).delete()
    AuditHead.objects.update(sequence=4, hash=AuditEntry.objects.get(sequence=4).hash)
    assert [fault.sentence for fault in verify(noted)] == ["缺第 5 至 6 条：已被删除。"]


def test_an_end_written_down_before_stands_in_a_chain_that_grew(chain_of_six):
    noted = end_of_chain()
    record(verb="归档", subject="case:1", by=Person(), at=AT)
    assert verify(noted) == []


def rewrite_from(number: int) -> None:
    """As a forger with the whole database in hand would: change one entry and make every later hash new."""
    before = AuditEntry.objects.get(sequence=number - 1).hash
    for entry in AuditEntry.objects.filter(sequence__gte=number).order_by("sequence"):
        entry.verb, entry.previous_hash = "作废", before
        entry.hash = before = digest(entry)
        entry.save()
    AuditHead.objects.update(hash=before)


def test_a_deleted_user_leaves_the_trail_with_the_name_as_it_was(db):
    user = get_user_model().objects.create(name="王某")
    record(verb="上报", subject="case:1", by=Person(user_id=user.pk, name=user.name), at=AT)
    pk = user.pk
    user.delete()
    assert list(AuditEntry.objects.values_list("actor_id", "actor_name")) == [(pk, "王某")]
    assert verify() == []


def test_an_entry_is_gone_with_the_act_that_failed(chain_of_six):
    with suppress(ZeroDivisionError), transaction.atomic():
        record(verb="办结", subject="case:1", by=Person(), at=AT)
        raise ZeroDivisionError
    assert end_of_chain().sequence == 6
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_a_bug():
    with pytest.raises(transaction.TransactionManagementError):
        record(verb="办结", subject="case:1", by=Person(), at=AT)


def test_verifying_costs_three_queries_however_long_the_chain(chain_of_six, django_assert_num_queries):
    with django_assert_num_queries(3):
        verify()


def append(index: int, times: int) -> None:
    for number in range(times):
        with transaction.atomic():
            record(verb="巡查", subject=f"patrol:{index}-{number}", by=Person(), at=AT, details={"lon": 117.63})


def look() -> dict:
    return {
        "faults": [fault.sentence for fault in verify()],
        "entries": AuditEntry.objects.count(),
        "subjects": AuditEntry.objects.values("subject").distinct().count(),
        "end": end_of_chain().sequence,
    }


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_eight_processes_append_to_one_chain_that_never_forks(backend):
    with scratch_database(backend) as database:
        database.run_together(append, count=8, arguments=(25,))
        seen = database.run(look)
    assert seen == {"faults": [], "entries": 200, "subjects": 200, "end": 200}
