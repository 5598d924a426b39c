"""Who did what, when: entries chained by their hashes, so that what was changed or removed afterwards shows.

Each entry holds the hash of the one before it; the head row that of the last. See docs/adr/0004-audit-chain.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from kernel.models import AuditEntry, AuditHead
from kernel.transaction import must_be_in_transaction

GENESIS = "0" * 64
_HEAD = 1
_CHUNK = 2000


class Actor(Protocol):
    """Who acts: `grids.scope.Scope` is one. `user_id` is None for the program itself and for a visitor."""

    @property
    def user_id(self) -> int | None: ...

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...


def record(*, verb: str, subject: str, by: Actor, at: datetime, details: Mapping[str, Any] | None = None) -> AuditEntry:
    """Append an act to the chain and return its entry; the actor's name is kept as it is now.

    `subject` is `case:WT-20261123-0001` or the like. Call it last in the transaction of the act: it locks the end of
    the chain until that transaction ends, and every other act waits there.
    """
    must_be_in_transaction("audit.record")
    entry = AuditEntry(
        at=at,
        actor_id=by.user_id,
        actor_name=by.name[:60],
        verb=verb,
        subject=subject,
        details=_storable(details or {}),
        address=by.address[:45],
    )
    head = _lock_head()
    entry.sequence, entry.previous_hash = head.sequence + 1, head.hash
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=_HEAD).update(sequence=entry.sequence, hash=entry.hash)
    return entry


def _lock_head() -> AuditHead:
    """The end of the chain, ours until the transaction ends (on SQLite the transaction itself is the lock)."""
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=_HEAD).first()
    if head is not None:
        return head
    AuditHead.objects.bulk_create([AuditHead(pk=_HEAD, sequence=0, hash=GENESIS)], ignore_conflicts=True)
    return heads.get(pk=_HEAD)


def _storable(details: Mapping[str, Any]) -> dict[str, Any]:
    """As both databases give it back to the letter: dates and the like as text, and so are fractions, because jsonb
    does not keep how a float was spelled and the hash must be computed again from what is stored.
    """
    plain = json.loads(json.dumps(details, cls=DjangoJSONEncoder), parse_float=str, parse_constant=str)
    return _encodable(plain)


def _encodable(value: Any) -> Any:
    """Without what PostgreSQL cannot hold in text: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the canonical JSON of everything that an entry says, its place and the hash before it included."""
    content = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "verb": entry.verb,
        "subject": entry.subject,
        "details": entry.details,
        "address": entry.address,
        "previous_hash": entry.previous_hash,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class FaultKind(StrEnum):
    ALTERED = "altered"
    UNLINKED = "unlinked"
    MISSING = "missing"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Fault:
    """What is wrong, from entry `first` to entry `last`, with a Chinese sentence for the auditor."""

    kind: FaultKind
    first: int
    last: int
    sentence: str


@dataclass(frozen=True)
class Mark:
    """The end of the chain at some moment: written down elsewhere, it convicts whoever rewrites the chain up to it."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


def end_of_chain() -> Mark:
    """The last entry as the head row has it; sequence 0 for an empty chain."""
    head = AuditHead.objects.filter(pk=_HEAD).first()
    return Mark(head.sequence, head.hash) if head else Mark(0, GENESIS)


def verify(noted: Mark | None = None) -> list[Fault]:
    """The faults of the chain, in its order; empty when it is whole. Memory does not grow with the chain.

    Finds entries that were altered, deleted (at the end too), put in another order or slipped in behind the program's
    back. `noted` is an end written down earlier: it must still stand in the chain. Writers may go on meanwhile.
    """
    return list(_faults(end_of_chain(), noted))


def _faults(head: Mark, noted: Mark | None) -> Iterator[Fault]:
    before = Mark(0, GENESIS)
    for entry in AuditEntry.objects.filter(sequence__lte=head.sequence).order_by("sequence").iterator(_CHUNK):
        yield from _faults_of(entry, before)
        if noted and noted.sequence == entry.sequence and noted.hash != entry.hash:
            yield _rewritten(noted)
        before = Mark(entry.sequence, entry.hash)
    if before.sequence < head.sequence:
        yield _missing(before.sequence + 1, head.sequence)
    elif before.hash != head.hash:
        yield _unlinked(before.sequence, "链尾")
    if noted and noted.sequence > head.sequence:
        yield _missing(head.sequence + 1, noted.sequence)
    yield from _foreign()


def _faults_of(entry: AuditEntry, before: Mark) -> Iterator[Fault]:
    number = entry.sequence
    if number > before.sequence + 1:
        yield _missing(before.sequence + 1, number - 1)
    if digest(entry) != entry.hash:
        sentence = f"第 {number} 条与自身的哈希不符：内容或次序被改动。"
        yield Fault(FaultKind.ALTERED, number, number, sentence)
    elif entry.previous_hash != before.hash and number == before.sequence + 1:
        yield _unlinked(before.sequence, f"第 {number} 条")


def _missing(first: int, last: int) -> Fault:
    span = f"第 {first} 条" if first == last else f"第 {first} 至 {last} 条"
    return Fault(FaultKind.MISSING, first, last, f"缺{span}：已被删除。")


def _unlinked(number: int, follower: str) -> Fault:
    sentence = f"第 {number} 条与{follower}记下的哈希不符：链在此处断开，有记录被改写。"
    return Fault(FaultKind.UNLINKED, number, number, sentence)


def _rewritten(noted: Mark) -> Fault:
    sentence = f"第 {noted.sequence} 条与另行记下的哈希不符：此条或更早的记录被重写。"
    return Fault(FaultKind.UNLINKED, noted.sequence, noted.sequence, sentence)


def _foreign() -> Iterator[Fault]:
    """Entries behind the head. One statement, so an entry and a head written together are seen together."""
    head = Coalesce(Subquery(AuditHead.objects.filter(pk=_HEAD).values("sequence")[:1]), 0)
    beyond = AuditEntry.objects.filter(sequence__gt=head).order_by("sequence")
    for number in beyond.values_list("sequence", flat=True).iterator(_CHUNK):
        yield Fault(FaultKind.FOREIGN, number, number, f"第 {number} 条在链尾之后：不是由本系统写入。")
