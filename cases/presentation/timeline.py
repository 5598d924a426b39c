"""The timeline: every step with who, what, from where to where, and what was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from cases.models import Step
from cases.presentation.words import look_of, minute
from kernel.display import Tone

# A step of the ladder moves nobody: its holder is the unit that was reminded.
_LADDER = "ladder"
# What an act leaves in `facts`, in the order in which it is told.
_FACTS = {
    "origin": "来源",
    "sheet": "转办单",
    "lead": "主办",
    "co": "协办",
    "unit": "反馈单位",
    "cause": "问题原因",
    "co_explanation": "协办未反馈说明",
    "override_reason": "再次下派理由",
    "reason": "理由",
    "basis": "职责依据",
    "merged_into": "并入",
    "passed": "暂无责任人，已越过",
    "stage": "环节",
    "due_at": "期限",
    "skipped": "停机期间越过",
}


@dataclass(frozen=True)
class StepLine:
    """One step as the component of timelines takes it."""

    at: datetime
    who: str
    post: str
    action: str
    icon: str
    tone: Tone
    origin: str
    target: str
    opinion: str


def timeline_of(steps: Iterable[Step], photos: Mapping[int, int], is_masked: bool) -> list[StepLine]:
    """The steps, oldest first. `photos` counts the photos of a step; a masked reader is told no names."""
    return [_line(step, photos.get(step.pk, 0), is_masked) for step in steps]


def _line(step: Step, photos: int, is_masked: bool) -> StepLine:
    look = look_of(step.action)
    moved = step.to_holder if step.to_holder != step.from_holder and step.action != _LADDER else ""
    return StepLine(
        at=step.at,
        who="" if is_masked and not step.is_automatic else step.by_name,
        post=step.by_title,
        action=step.label,
        icon=look.icon,
        tone=look.tone,
        origin=step.from_holder if moved else "",
        target=moved,
        opinion="\n".join(_words(step, photos)),
    )


def _words(step: Step, photos: int) -> Iterator[str]:
    if step.action == _LADDER:
        yield f"对象：{step.to_holder}"
    if step.opinion:
        yield step.opinion
    for name, label in _FACTS.items():
        if step.facts.get(name):
            yield f"{label}：{_told(name, step.facts[name])}"
    if photos:
        yield f"附照片 {photos} 张"


def _told(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    if name == "due_at":
        return minute(parse_datetime(value))
    return str(value)
