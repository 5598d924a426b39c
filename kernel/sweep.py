"""What time makes happen: each step of each stage fires once; the background processes show that they live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kernel.models import Firing, Heartbeat
from kernel.transaction import must_be_in_transaction


def fire_once(subject: str, stage: str, step: str, due_at: datetime, at: datetime, skipped: bool = False) -> bool:
    """True when this step has not fired before; now it has. False when it had, whoever fired it.

    Call it in the transaction of the step's effects, before them. Of two workers that come at once the second waits
    for the first: when that one commits, the second gets False; when it rolls back, the step is the second's.
    `skipped` notes a step passed over after an outage, so that it never fires later.
    """
    must_be_in_transaction("fire_once")
    _, is_first = Firing.objects.get_or_create(
        subject=subject,
        stage=stage,
        step=step,
        due_at=due_at,
        defaults={"fired_at": at, "skipped": skipped},
    )
    return is_first


@dataclass(frozen=True)
class Fired:
    """The key of a timed step; two that differ only in `skipped` are the same step."""

    subject: str
    stage: str
    step: str
    due_at: datetime
    skipped: bool = field(default=False, compare=False)


def steps_fired(subjects: Iterable[str]) -> frozenset[Fired]:
    """All steps of `subjects` that fired or were skipped. One query."""
    rows = Firing.objects.filter(subject__in=list(subjects))
    return frozenset(Fired(*row) for row in rows.values_list("subject", "stage", "step", "due_at"))


def fire_each(steps: Sequence[Fired], at: datetime) -> None:
    """Note that `steps` fire now, in one statement. Raises IntegrityError when one of them has fired already.

    For a caller that holds the locks of its subjects and has asked `steps_fired` under them.
    """
    must_be_in_transaction("fire_each")
    Firing.objects.bulk_create(
        Firing(subject=row.subject, stage=row.stage, step=row.step, due_at=row.due_at, fired_at=at, skipped=row.skipped)
        for row in steps
    )


def fired_steps(subject: str, stage: str, due_at: datetime) -> set[str]:
    """The steps of a stage that fired or were skipped for this due time; another due time starts afresh."""
    return set(Firing.objects.filter(subject=subject, stage=stage, due_at=due_at).values_list("step", flat=True))


def beat(name: str, at: datetime) -> None:
    """Note that the background process `name` was alive at `at`."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=at)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def last_beat(name: str) -> datetime | None:
    """When `name` last showed itself; None when it never did."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
