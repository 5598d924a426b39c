"""The page of one case: head, deadlines, facts, units, requests, sheets, cards, photos, people and timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from cases.choices import PartState, RequestState, Severity
from cases.forms.acting import Attempt
from cases.models import Card, Case, CasePhoto, Part, ReferralSheet, Request, StageClock
from cases.presentation.actions import BESIDES, OPTIONAL, ActionRow, action_rows
from cases.presentation.faces import face_of, leading
from cases.presentation.flow import flow_of, now_words
from cases.presentation.timeline import StepLine, timeline_of
from cases.presentation.words import CARDS, PARTS, REQUESTS, STATES, flags_of, minute
from cases.services.dossier import Dossier
from cases.transitions import LIFECYCLE
from grids.scope import Scope
from kernel.calendar import WorkCalendar, current_calendar
from kernel.choices import Unit
from kernel.display import Badge, ClockFace, Stage
from kernel.svg_map import Area, Drawing, Point, draw


@dataclass(frozen=True)
class ClockLine:
    """A running deadline: of which stage, against whom, by which limit."""

    stage: str
    holder: str
    limit: str
    source: str
    face: ClockFace


@dataclass(frozen=True)
class PartLine:
    kind: str
    unit: str
    state: Badge
    clock: ClockFace | None
    who: str
    feedback: str
    sheet: str


@dataclass(frozen=True)
class RequestLine:
    kind: str
    state: Badge
    reason: str
    basis: str
    applied: str
    decided: str
    opinion: str


@dataclass(frozen=True)
class SheetLine:
    number: str
    issued: str
    limit: str
    override_reason: str


@dataclass(frozen=True)
class CardLine:
    badge: Badge
    words: str
    withdrawn: bool


@dataclass(frozen=True)
class PhotoLine:
    url: str
    thumbnail_url: str
    caption: str


@dataclass(frozen=True)
class CasePage:
    """All that the template of a case shows."""

    case: Case
    state: Badge
    severity_label: str
    flags: tuple[Badge, ...]
    flow: list[Stage]
    now: str
    clocks: list[ClockLine]
    facts: list[tuple[str, str]]
    parts: list[PartLine]
    requests: list[RequestLine]
    sheets: list[SheetLine]
    cards: list[CardLine]
    photos: list[PhotoLine]
    missing_photos: int
    holder: str
    timeline: list[StepLine]
    actions: list[ActionRow]
    drawing: Drawing | None
    is_schematic: bool
    dossier: Dossier
    is_mine: bool
    next_act: str


def page_of(dossier: Dossier, by: Scope, at: datetime, attempt: Attempt | None = None) -> CasePage:
    """The page as `by` sees it at `at`, with the act that was tried in vain, if one was."""
    case, calendar = dossier.case, current_calendar()
    photos = Counter(photo.step_id for photo in dossier.photos)
    flow = flow_of(case, dossier.steps)
    return CasePage(
        case=case,
        state=STATES[case.state],
        severity_label=Severity(case.severity).label,
        flags=flags_of(case),
        flow=flow,
        now=now_words(flow),
        clocks=[_clock(clock, at, calendar) for clock in _shown_clocks(dossier)],
        facts=[(name, value) for name, value in _facts(dossier, by) if value],
        parts=[_part(part, dossier.running, at, calendar, by) for part in dossier.parts],
        requests=[_request(request, by) for request in dossier.requests],
        sheets=[_sheet(sheet, by) for sheet in dossier.sheets],
        cards=[_card(card) for card in dossier.cards],
        photos=[_photo(photo, case) for photo in dossier.photos if photo.photo_id],
        missing_photos=sum(photo.photo_id is None for photo in dossier.photos),
        holder=dossier.facts.holder.name if dossier.facts.holder else "",
        timeline=timeline_of(dossier.steps, photos, by.is_masked),
        actions=action_rows(dossier, by, attempt),
        drawing=_drawing(dossier),
        is_schematic=any(outline.is_schematic for outline in dossier.outlines),
        dossier=dossier,
        is_mine=any(offer.is_allowed and offer.transition.action not in OPTIONAL for offer in dossier.offers),
        next_act=_next_act(case.state),
    )


def _next_act(state: str) -> str:
    """Whose the next act of the matter's own course is; empty when nothing is to be done any more."""
    rows = (row for row in LIFECYCLE.rows if state in row.sources and row.is_reachable and not row.is_automatic)
    row = next((row for row in rows if row.action not in BESIDES), None)
    return f"由{row.actors}办理" if row else ""


def _shown_clocks(dossier: Dossier) -> list[StageClock]:
    """The clock of the stage first, then what runs beside it; those of cooperating units stand at their parts."""
    first = leading(dossier.running, dossier.case)
    others = [clock for clock in dossier.running if clock.part_id is None and clock is not first]
    return [first, *others] if first else others


def _clock(clock: StageClock, at: datetime, calendar: WorkCalendar) -> ClockLine:
    return ClockLine(
        stage=clock.get_stage_display(),
        holder=clock.holder.name,
        limit=limit_words(clock.amount, clock.unit),
        source=clock.source,
        face=face_of(clock, at, calendar),
    )


def limit_words(amount: int, unit: str) -> str:
    """As `5 个工作日`."""
    return f"{amount} {Unit(unit).label}"


def _facts(dossier: Dossier, by: Scope) -> Iterator[tuple[str, str]]:
    case = dossier.case
    yield "所在网格", case.grid.path or case.grid.name
    yield "地点", case.place
    yield "坐标", f"{case.lon:.5f}, {case.lat:.5f}（{case.get_located_by_display()}）" if case.lon is not None else ""
    yield "类别", f"{case.category.pollution_type}／{case.category.name}"
    yield "法律依据", case.category.legal_basis
    yield "来源", case.get_origin_display()
    yield "上报人", _person(case.reporter, by)
    yield "上报时间", minute(case.reported_at)
    yield "污染源", case.source.name if case.source else ""
    yield "工作线", case.get_line_display()
    yield "无照片原因", case.no_photo_reason
    yield "处置措施", case.measures
    yield "问题原因", case.cause
    yield "重办", f"{case.rework_count} 次" if case.rework_count else ""
    yield "不当退回", f"{case.improper_returns} 次" if case.improper_returns else ""
    yield "作废原因", case.void_reason
    yield "办结时间", minute(case.closed_at)
    yield "归档时间", minute(case.archived_at)


def _person(person: User | None, by: Scope) -> str:
    """A name, where this reader is told names."""
    if person is None:
        return ""
    return "（已隐去）" if by.is_masked else person.name


def _part(part: Part, running: list[StageClock], at: datetime, calendar: WorkCalendar, by: Scope) -> PartLine:
    clock = next((clock for clock in running if clock.part_id == part.pk), None)
    who = _person(part.submitted_by, by)
    return PartLine(
        kind=part.get_role_display(),
        unit=part.unit.name,
        state=PARTS[part.state],
        clock=face_of(clock, at, calendar) if clock else None,
        who=f"{who} {minute(part.submitted_at)}" if part.submitted_at else "",
        feedback=part.feedback or ("" if clock else _awaited(part)),
        sheet=part.sheet.number,
    )


def _awaited(part: Part) -> str:
    return "未反馈即退回" if part.state == PartState.RETURNED else f"应于 {minute(part.due_at)} 前反馈"


def _request(request: Request, by: Scope) -> RequestLine:
    decided = ""
    if request.state in (RequestState.APPROVED, RequestState.REJECTED):
        decided = f"{_person(request.decided_by, by)} {minute(request.decided_at)}"
    return RequestLine(
        kind=request.get_kind_display(),
        state=REQUESTS[request.state],
        reason=request.reason,
        basis=request.basis,
        applied=f"{_person(request.applicant, by)} {minute(request.applied_at)}",
        decided=decided or f"由{request.decider_grid.name}或其上级审批",
        opinion=request.opinion,
    )


def _sheet(sheet: ReferralSheet, by: Scope) -> SheetLine:
    return SheetLine(
        number=sheet.number,
        issued=f"{sheet.dispatch_grid.name} {_person(sheet.issued_by, by)} {minute(sheet.issued_at)}",
        limit=limit_words(sheet.amount, sheet.unit),
        override_reason=sheet.override_reason,
    )


def _card(card: Card) -> CardLine:
    unit = (card.grid or card.department).name  # type: ignore[union-attr]
    words = f"{unit}，{card.get_stage_display()}应于 {minute(card.due_at)} 前完成，{minute(card.issued_at)} 发出"
    return CardLine(CARDS[card.colour], words, card.withdrawn_at is not None)


def _photo(photo: CasePhoto, case: Case) -> PhotoLine:
    address = f"/cases/{case.number}/photos/{photo.pk}"
    caption = f"{photo.get_kind_display()} {minute(photo.taken_at)}".strip()
    return PhotoLine(f"{address}/shown/", f"{address}/thumb/", caption)


def _drawing(dossier: Dossier) -> Drawing | None:
    """The grid within the one above it, and the place where the matter was found."""
    case = dossier.case
    areas = [
        Area(
            outline.grid.code,
            outline.grid.name,
            outline.geometry,
            "map-here" if outline.grid_id == case.grid_id else "",
        )
        for outline in dossier.outlines
    ]
    spots = (
        [Point(case.place or "问题位置", case.lon, case.lat)] if case.lon is not None and case.lat is not None else []
    )
    return draw(areas, spots) if areas else None
