"""The action panel: each act that this person's post may ever do here, as a form, or with the reason why not now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cases.choices import Stage
from cases.forms.acting import ActionForm, Attempt, Choices, inputs_of
from cases.models import Case
from cases.presentation.words import look_of
from cases.services.dossier import Dossier
from cases.services.limits import term_for
from cases.services.machine import options_of
from cases.services.referring import proposed_units
from grids.scope import Scope
from kernel.lifecycle import Offer

# These end, merge or hurry a matter; the acts of its own course stand before them.
BESIDES = frozenset({"ask_void", "approve_void", "reject_void", "withdraw_void", "merge", "urge"})
# Nobody waits for these.
OPTIONAL = frozenset({"ask_void", "withdraw_void", "ask_return", "withdraw_return", "merge", "urge"})
_LAST = ("urge", "merge", "ask_void")


@dataclass(frozen=True)
class ActionRow:
    """One act as the component of action panels takes it."""

    label: str
    icon: str
    tone: str
    url: str
    is_allowed: bool
    reason: str
    is_open: bool
    form: ActionForm | None


@dataclass(frozen=True)
class Proposal:
    """What a form is filled with beforehand, and helps that depend on the case."""

    initial: dict[str, Any] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)


def action_rows(dossier: Dossier, by: Scope, attempt: Attempt | None) -> list[ActionRow]:
    """The acts in the order to show them; the one that was tried stands open, and so does the only one there is."""
    offers = sorted(dossier.offers, key=lambda offer: (offer.transition.action in _LAST, not offer.is_allowed))
    main = [offer for offer in offers if offer.is_allowed and offer.transition.action not in _LAST]
    opened = attempt.action if attempt else main[0].transition.action if len(main) == 1 else ""
    choices = _choices(dossier.case, by)
    return [_row(offer, dossier, choices, opened, attempt) for offer in offers]


def _row(
    offer: Offer, dossier: Dossier, choices: Callable[[str], Choices], opened: str, attempt: Attempt | None
) -> ActionRow:
    row, look = offer.transition, look_of(offer.transition.action)
    is_tried = attempt is not None and attempt.action == row.action
    return ActionRow(
        label=row.label,
        icon=look.icon,
        tone=look.button,
        url=f"/cases/{dossier.case.number}/actions/{row.action}/",
        is_allowed=offer.is_allowed,
        reason=offer.reason or "",
        is_open=row.action == opened,
        form=_form(offer, dossier, choices, attempt if is_tried else None) if offer.is_allowed else None,
    )


def _form(offer: Offer, dossier: Dossier, choices: Callable[[str], Choices], attempt: Attempt | None) -> ActionForm:
    row = offer.transition
    proposal = _proposal(dossier, choices) if row.action == "refer" else Proposal()
    inputs = inputs_of(row.fields, choices, proposal.hints)
    return ActionForm(row.action, dossier.case.version, inputs, proposal.initial, attempt)


def _choices(case: Case, by: Scope) -> Callable[[str], Choices]:
    """The options of a field, read once for a page: the units that may lead are those that may cooperate."""

    @cache
    def read(name: str) -> Choices:
        return _grouped(options_of(case, by, name))

    return lambda name: read("lead" if name == "co" else name)


_GROUPS = {"department": "部门", "grid": "网格"}


def _grouped(options: list[tuple[str, str]]) -> Choices:
    """Units under the kind that their key names; anything else as it is."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for value, label in options:
        groups.setdefault(_GROUPS.get(value.partition(":")[0], ""), []).append((value, label))
    return list(options) if set(groups) <= {""} else list(groups.items())


def _proposal(dossier: Dossier, choices: Callable[[str], Choices]) -> Proposal:
    """Lead, cooperating units and limit by the tables: filled in where this person may ask those units."""
    lead, cooperating = proposed_units(dossier.case)
    askable = {value for _group, options in choices("lead") for value, _label in options}
    limit = term_for(Stage.HANDLE, dossier.case, dossier.facts.at)
    names = "、".join(unit.name for unit in cooperating)
    way = "" if lead.key in askable else "，须由县网格办转办"
    return Proposal(
        initial={
            "lead": lead.key if lead.key in askable else "",
            "co": [unit.key for unit in cooperating if unit.key in askable],
        },
        hints={
            "lead": f"按职责分工由{lead.name}牵头{way}",
            "co": f"按职责分工由{names}配合" if names else "",
            "days": f"不填则按时限表：{limit.term}" if limit else "时限表没有此类办件的时限，请填写",
        },
    )
