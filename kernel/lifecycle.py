"""Lifecycle as a table: frozen rows, one `perform()`. Knows no domain word.

`perform()` does, in one transaction: lock the row → compare the version the person saw → find the transition →
ask whether this person may → check the form → let the effect change the row → compare-and-set → record.
The same `refusal()` feeds the buttons of a page and the `allowed_actions` of the API, so no two doors can differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from django.db import OperationalError, models, transaction
from django.utils.dateparse import parse_date

from kernel.refusal import Refused
from kernel.text import holds_control_characters

Facts = TypeVar("Facts")
Actor = TypeVar("Actor")
Row = TypeVar("Row", bound=models.Model)

# PostgreSQL's deadlock and serialization failure: two acts that each wait for the other's row; one of them loses.
_LOST_TO_ANOTHER = ("40P01", "40001")

CHANGED_MEANWHILE = "此件刚被他人处理过，页面内容已过时。请刷新后再操作。"


class FieldKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    INTEGER = "integer"
    PHOTOS = "photos"


@dataclass(frozen=True)
class FormField:
    """One input of an action. Options of a choice are asked of the machine by the field's `name`."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    help: str = ""
    most: int = 500


@dataclass(frozen=True)
class Transition(Generic[Facts, Actor]):
    """One row of the lifecycle table.

    `target` empty leaves the state as it is (the effect may move the holder). `who` says whether this person is among
    those who may ever do it here: to others the action is not even shown. `guard` returns the Chinese reason why not
    now, or None. `is_reachable` is False for a row of the domain's table that has no form yet.
    """

    code: str
    action: str
    label: str
    sources: frozenset[str]
    target: str
    actors: str
    who: Callable[[Facts, Actor], bool]
    guard: Callable[[Facts, Actor], str | None]
    fields: tuple[FormField, ...] = ()
    is_reachable: bool = True
    is_automatic: bool = False

    def refusal(self, facts: Facts, by: Actor) -> str | None:
        """Why `by` may not do this now, as a Chinese sentence; None when they may."""
        if not self.who(facts, by):
            return f"您的岗位不能“{self.label}”此件，应由{self.actors}操作。"
        return self.guard(facts, by)


@dataclass(frozen=True)
class Offer(Generic[Facts, Actor]):
    """An action shown to a person: allowed, or refused with the reason."""

    transition: Transition[Facts, Actor]
    reason: str | None

    @property
    def is_allowed(self) -> bool:
        return self.reason is None


@dataclass(frozen=True)
class Lifecycle(Generic[Facts, Actor]):
    """The whole table, with the questions asked of it."""

    rows: tuple[Transition[Facts, Actor], ...]
    state_labels: Mapping[str, str]

    def find(self, action: str, state: str) -> Transition[Facts, Actor]:
        """The reachable row of `action` in `state`. Refused when there is none, or it does not fit the state."""
        named = [row for row in self.rows if row.action == action and row.is_reachable]
        if not named:
            raise Refused(f"没有“{action}”这个操作。", code="unknown_action")
        for row in named:
            if state in row.sources:
                return row
        raise Refused(f"此件现为“{self.state_labels[state]}”，不能“{named[0].label}”。请刷新查看最新情况。")

    def offers(self, state: str, facts: Facts, by: Actor) -> list[Offer[Facts, Actor]]:
        """The actions that this person's post may ever do in `state`, each with the reason if not now."""
        rows = (row for row in self.rows if state in row.sources and row.is_reachable and not row.is_automatic)
        return [Offer(row, row.guard(facts, by)) for row in rows if row.who(facts, by)]

    def edges(self) -> list[tuple[str, str, Transition[Facts, Actor]]]:
        """(source, target, row) for the flow chart; a row that keeps the state leads back to its source."""
        return [(source, row.target or source, row) for row in self.rows for source in sorted(row.sources)]


@dataclass
class Move(Generic[Row, Facts, Actor]):
    """One act under way: what the effect reads, and what it leaves behind: `remarks` for the timeline, `found` for the
    record alone, so that it need not ask the database again.
    """

    subject: Row
    row: Transition[Facts, Actor]
    facts: Facts
    by: Actor
    at: datetime
    data: Mapping[str, Any]
    from_state: str
    target: str
    remarks: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def set(self, **values: Any) -> None:
        """Change fields of the subject; they are written by the one compare-and-set at the end."""
        for name, value in values.items():
            setattr(self.subject, name, value)


class Machine(Protocol[Row, Facts, Actor]):
    """What an app adds to the table: how to read facts, options, effects, and how to record an act."""

    @property
    def table(self) -> Lifecycle[Facts, Actor]: ...

    def lock(self, pk: int) -> Row: ...

    def facts(self, subject: Row, at: datetime) -> Facts: ...

    def options(self, move: Move[Row, Facts, Actor], name: str) -> Iterable[str]: ...

    def effect(self, move: Move[Row, Facts, Actor]) -> None: ...

    def record(self, move: Move[Row, Facts, Actor]) -> None: ...


def perform(
    machine: Machine[Row, Facts, Actor],
    subject: Row,
    action: str,
    *,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any],
    seen: int | None = None,
) -> Row:
    """Do `action` to `subject` and return the fresh row.

    `seen` is the version that the person looked at; when the row has moved on since, they are told instead.
    Raises Refused with the sentence for the person; then nothing has been written.
    """
    try:
        return _perform(machine, subject, action, by, at, data, seen)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) in _LOST_TO_ANOTHER:
            raise Refused(CHANGED_MEANWHILE, code="changed") from error
        raise


def _perform(
    machine: Machine[Row, Facts, Actor],
    subject: Row,
    action: str,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any],
    seen: int | None,
) -> Row:
    with transaction.atomic():
        fresh = machine.lock(subject.pk)
        if seen is not None and seen != fresh.version:  # type: ignore[attr-defined]
            raise Refused(CHANGED_MEANWHILE, code="changed")
        state: str = fresh.state  # type: ignore[attr-defined]
        row = machine.table.find(action, state)
        facts = machine.facts(fresh, at)
        reason = row.refusal(facts, by)
        if reason is not None:
            raise Refused(reason)
        move = Move(fresh, row, facts, by, at, {}, from_state=state, target=row.target or state)
        move.data = clean(row.fields, data, lambda name: machine.options(move, name))
        before = _values(fresh)
        machine.effect(move)
        fresh.state = move.target  # type: ignore[attr-defined]
        _compare_and_set(fresh, before)
        machine.record(move)
    return fresh


def _values(row: models.Model) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def _compare_and_set(row: models.Model, before: dict[str, Any]) -> None:
    """Write what changed, once, if nobody has written since; the lock makes the loser wait, this makes it lose."""
    changed = {name: value for name, value in _values(row).items() if value != before[name]}
    version = before["version"]
    won = type(row)._default_manager.filter(pk=row.pk, version=version).update(**changed, version=version + 1)
    if not won:
        raise Refused(CHANGED_MEANWHILE, code="changed")
    row.version = version + 1  # type: ignore[attr-defined]


def clean(
    fields: Sequence[FormField], data: Mapping[str, Any], options: Callable[[str], Iterable[str]]
) -> dict[str, Any]:
    """The values of a form, checked. Raises `InvalidForm` with every field's sentence at once."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for item in fields:
        try:
            values[item.name] = _clean_one(item, data.get(item.name), options)
        except ValueError as error:
            errors[item.name] = str(error)
    if errors:
        raise InvalidForm(errors)
    return values


class InvalidForm(Refused):
    """Fields that a person has to correct: `errors` maps the field's name to its sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("；".join(errors.values()), code="invalid")
        self.errors = dict(errors)


def _clean_one(item: FormField, raw: Any, options: Callable[[str], Iterable[str]]) -> Any:
    if raw is None or raw in ("", [], ()):
        if item.required:
            raise ValueError(f"请填写“{item.label}”")
        return [] if item.kind in (FieldKind.CHOICES, FieldKind.PHOTOS) else None if item.kind in _TYPED else ""
    return _CLEANERS[item.kind](item, raw, options)


def _clean_text(item: FormField, raw: Any, _options: Callable[[str], Iterable[str]]) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"“{item.label}”应为文字")
    text = raw.strip()
    if holds_control_characters(text):
        raise ValueError(f"“{item.label}”含有无法保存的控制字符，请删除后重新输入")
    if item.required and not text:
        raise ValueError(f"请填写“{item.label}”")
    if len(text) > item.most:
        raise ValueError(f"“{item.label}”最多 {item.most} 字，现有 {len(text)} 字，请删减")
    return text


def _clean_choice(item: FormField, raw: Any, options: Callable[[str], Iterable[str]]) -> str:
    if not isinstance(raw, str) or raw not in options(item.name):
        raise ValueError(f"“{item.label}”所选的项不存在或不可选，请重新选择")
    return raw


def _clean_choices(item: FormField, raw: Any, options: Callable[[str], Iterable[str]]) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(value, str) for value in raw):
        raise ValueError(f"“{item.label}”应为若干选项")
    known = set(options(item.name))
    if not known.issuperset(raw):
        raise ValueError(f"“{item.label}”中有不存在或不可选的项，请重新选择")
    return list(dict.fromkeys(raw))


def _clean_date(item: FormField, raw: Any, _options: Callable[[str], Iterable[str]]) -> date:
    try:
        day = raw if type(raw) is date else parse_date(raw) if isinstance(raw, str) else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        raise ValueError(f"“{item.label}”应为日期，如 2026-11-23")
    return day


def _clean_integer(item: FormField, raw: Any, _options: Callable[[str], Iterable[str]]) -> int:
    text = str(raw).strip()
    if isinstance(raw, bool) or not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= item.most:
        raise ValueError(f"“{item.label}”应为 1 到 {item.most} 的整数")
    return int(text)


def _clean_photos(item: FormField, raw: Any, _options: Callable[[str], Iterable[str]]) -> list[Any]:
    if not isinstance(raw, list | tuple):
        raise ValueError(f"“{item.label}”应为照片")
    if len(raw) > item.most:
        raise ValueError(f"“{item.label}”最多 {item.most} 张")
    return list(raw)


_TYPED = (FieldKind.DATE, FieldKind.INTEGER)
_CLEANERS: dict[FieldKind, Callable[[FormField, Any, Callable[[str], Iterable[str]]], Any]] = {
    FieldKind.TEXT: _clean_text,
    FieldKind.LONG_TEXT: _clean_text,
    FieldKind.CHOICE: _clean_choice,
    FieldKind.CHOICES: _clean_choices,
    FieldKind.DATE: _clean_date,
    FieldKind.INTEGER: _clean_integer,
    FieldKind.PHOTOS: _clean_photos,
}
