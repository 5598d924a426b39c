"""Where a case is on its way: the strip of stages at the head of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

from cases.choices import State
from cases.models import Case, Step
from kernel.display import Stage, StagePlace


@dataclass(frozen=True)
class _Stop:
    label: str
    states: tuple[State, ...]


_REPORTED = _Stop("上报", (State.DRAFT,))
_VERIFIED = _Stop("核实", (State.VERIFYING,))
_TRIAGE = _Stop("研判", (State.TRIAGE,))
_CLOSED = _Stop("办结", (State.CLOSED,))
_ARCHIVED = _Stop("归档", (State.ARCHIVED,))
_REFERRED = (
    _Stop("签收", (State.DISPATCHED,)),
    _Stop("处置", (State.HANDLING, State.JOINT, State.SUSPENDED)),
    _Stop("核查", (State.CHECKING,)),
    _Stop("办结审批", (State.CLOSING,)),
)
_BY_ITSELF = (_Stop("自处置", (State.SELF_HANDLING,)), _Stop("审核", (State.SELF_REVIEW,)))
_ENDS = {State.VOIDED: _Stop("作废", (State.VOIDED,)), State.TRANSFERRED: _Stop("移送", (State.TRANSFERRED,))}


def flow_of(case: Case, steps: Sequence[Step]) -> list[Stage]:
    """The stops of the road that `case` took or will take; passed ones with the day on which they were reached."""
    reached = {step.to_state: step.at for step in steps}
    stops = _road(case, reached)
    here = next(position for position, stop in enumerate(stops) if case.state in stop.states)
    return [_stage(stop, position, here, reached, case) for position, stop in enumerate(stops)]


def _road(case: Case, reached: Mapping[str, datetime]) -> list[_Stop]:
    first = [_REPORTED, _VERIFIED] if State.VERIFYING in reached else [_REPORTED]
    if case.state in _ENDS:
        passed = [stop for stop in (_TRIAGE, *_BY_ITSELF, *_REFERRED) if reached.keys() & set(stop.states)]
        return [*first, *passed, _ENDS[State(case.state)]]
    handled_here = case.self_handled or case.state in (State.SELF_HANDLING, State.SELF_REVIEW)
    return [*first, _TRIAGE, *(_BY_ITSELF if handled_here else _REFERRED), _CLOSED, _ARCHIVED]


def _stage(stop: _Stop, position: int, here: int, reached: Mapping[str, datetime], case: Case) -> Stage:
    if position > here:
        return Stage(stop.label, StagePlace.AHEAD)
    if position == here:
        return Stage(stop.label, StagePlace.CURRENT, case.holder.name if case.holder else _day(reached.get(case.state)))
    moments = [reached[state] for state in stop.states if state in reached]
    return Stage(stop.label, StagePlace.PASSED, _day(max(moments, default=case.created_at)))


def _day(moment: datetime | None) -> str:
    return f"{localtime(moment):%m-%d}" if moment else ""


def now_words(stages: Sequence[Stage]) -> str:
    """Where it is in one line, for narrow pages: `研判（第 2 步，共 8 步），平邑县`."""
    position, stage = next((n, stage) for n, stage in enumerate(stages, 1) if stage.place == StagePlace.CURRENT)
    return "，".join(filter(None, (f"{stage.label}（第 {position} 步，共 {len(stages)} 步）", stage.note)))
