"""转办: exactly one leading unit and any number of cooperating ones, under a gap-free document number."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from django.utils.timezone import localdate

from accounts.models import Department
from accounts.permissions import Permission
from cases.choices import Arrival, PartRole, PartState, Stage
from cases.models import Case, Part, ReferralSheet
from cases.rules import CaseFacts, Unit
from cases.services import clocks
from cases.services.facts import live_parts
from cases.services.limits import SourcedTerm, term_for
from grids.models import Grid
from grids.scope import Scope
from kernel.calendar import WorkCalendar, current_calendar
from kernel.choices import Unit as TimeUnit
from kernel.clock import Term, due_at, moment_used
from kernel.lifecycle import InvalidForm, Move
from kernel.numbering import document_number, next_number
from kernel.refusal import Refused

SHEET_PREFIX = "平环网转"
# S7: a cooperating unit answers within 60 % of the time of the handling.
_CO_SHARE = Fraction(3, 5)
_TOWN_RANK = 1


def unit_choices(case: Case, by: Scope) -> list[Unit]:
    """Who may be asked by this person: departments and towns by the county, any grid of one's own town by a town."""
    home = _dispatching_grid(case, by)
    if home is None:
        return []
    if home.parent_id is not None:
        below = Grid.objects.under(home).active_on(by.day).in_order()
        return [Unit(grid=grid) for grid in below]
    towns = Grid.objects.under(home).active_on(by.day).filter(rank=_TOWN_RANK).in_order()
    departments = Department.objects.active()
    return [*(Unit(department=row) for row in departments), *(Unit(grid=row) for row in towns)]


def proposed_units(case: Case) -> tuple[Unit, list[Unit]]:
    """Lead and cooperating units by the responsibility table; without a leading department the town leads."""
    town = _town_of(case.grid)
    category = case.category
    lead = Unit(department=category.lead_department) if category.lead_department else Unit(grid=town)
    cooperating = [Unit(department=row) for row in category.cooperating_departments.all()]
    if category.town_cooperates and lead.grid is None:
        cooperating.append(Unit(grid=town))
    return lead, cooperating


def _town_of(grid: Grid) -> Grid:
    chain = [*Grid.objects.above(grid), grid]
    return next((level for level in chain if level.rank_id == _TOWN_RANK), grid)


def _dispatching_grid(case: Case, by: Scope) -> Grid | None:
    """The person's own grid from which the referral goes out: the office whose reach holds the case."""
    if case.holder_grid is None:
        return None
    grid_id = by.place_of(case.holder_grid, Permission.CASE_REFER)
    return Grid.objects.get(pk=grid_id) if grid_id else None


def refer(move: Move[Case, CaseFacts, Scope]) -> None:
    """T8: write the sheet and its parts, start the clocks of signing, handling and cooperating."""
    case, at = move.subject, move.at
    home = _dispatching_grid(case, move.by)
    if home is None:
        raise Refused("您所在的单位不能转办此件。")
    units = {unit.key: unit for unit in unit_choices(case, move.by)}
    if move.data["lead"] in move.data["co"]:
        raise InvalidForm({"co": "主办单位不能同时是协办单位，请从协办中去掉"})
    lead, cooperating = units[move.data["lead"]], [units[key] for key in move.data["co"]]
    limit = _agreed_limit(move)
    sheet = _issue_sheet(move, home, limit)
    move.remarks.update(sheet=sheet.number, lead=lead.name, co=[unit.name for unit in cooperating])
    move.set(
        holder_grid=lead.grid,
        holder_department=lead.department,
        dispatch_grid=home,
        dispatched_at=at,
        arrived_by=Arrival.REFERRED,
        arrived_at=at,
    )
    _start_clocks(case, sheet, lead, cooperating, limit, at)


def _agreed_limit(move: Move[Case, CaseFacts, Scope]) -> SourcedTerm:
    """The limit of S6 from the table, or the days that the dispatcher set with a reason."""
    days, reason = move.data["days"], move.data["override_reason"]
    table = term_for(Stage.HANDLE, move.subject, move.at)
    if days is None:
        if table is None:
            raise InvalidForm({"days": "时限表没有此类办件的处置时限，请填写工作日数"})
        return table
    chosen = Term(days, TimeUnit.WORKING_DAY)
    if table is not None and chosen == table.term:
        return table
    if not reason:
        raise InvalidForm({"override_reason": "改动了时限表的时限，请填写理由"})
    return SourcedTerm(chosen, f"转办时调整：{reason}"[:200])


def _issue_sheet(move: Move[Case, CaseFacts, Scope], home: Grid, limit: SourcedTerm) -> ReferralSheet:
    year = localdate(move.at).year
    return ReferralSheet.objects.create(
        case=move.subject,
        number=document_number(SHEET_PREFIX, year, next_number("referral", str(year))),
        dispatch_grid=home,
        issued_by=move.by.person,
        issued_at=move.at,
        amount=limit.term.amount,
        unit=limit.term.unit,
        override_reason=move.data["override_reason"],
        opinion=move.data["opinion"],
    )


def _start_clocks(
    case: Case, sheet: ReferralSheet, lead: Unit, cooperating: list[Unit], limit: SourcedTerm, at: datetime
) -> None:
    calendar = current_calendar()
    due = due_at(at, limit.term, calendar)
    co_due = co_due_at(at, limit.term, calendar)
    _add_part(sheet, PartRole.LEAD, lead, at, due)
    clocks.start(case, Stage.SIGN, lead, at)
    clocks.start(case, Stage.HANDLE, lead, at, limit=limit, due=due)
    for unit in cooperating:
        part = _add_part(sheet, PartRole.CO, unit, at, co_due)
        clocks.start(case, Stage.CO_FEEDBACK, unit, at, limit=limit, due=co_due, part=part)


def co_due_at(at: datetime, term: Term, calendar: WorkCalendar) -> datetime:
    """When a cooperating unit has to answer, for a handling of `term` that began at `at`."""
    return moment_used(at, due_at(at, term, calendar), term.unit, _CO_SHARE, calendar)


def _add_part(sheet: ReferralSheet, role: PartRole, unit: Unit, at: datetime, due: datetime) -> Part:
    return Part.objects.create(
        case=sheet.case, sheet=sheet, role=role, grid=unit.grid, department=unit.department, sent_at=at, due_at=due
    )


def close_parts(case: Case) -> None:
    """The referral is off: what was not yet answered counts as returned."""
    for part in live_parts(case):
        part.state = PartState.RETURNED
        part.save(update_fields=["state"])
