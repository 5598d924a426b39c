"""Changing the working calendar. This floor knows of no due times: whoever keeps some recomputes them afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime

from chinese_calendar.constants import Holiday, holidays, workdays  # type: ignore[import-untyped]  # ships no types
from django.db import transaction

from kernel import audit
from kernel.audit import Actor
from kernel.calendar import FIRST_YEAR, LAST_YEAR, Season, SpecialDay, is_weekend, season_of
from kernel.models import CalendarDay, CalendarVersion, OfficeHours
from kernel.refusal import Refused

FIRST_SEEDED_YEAR = 2016
SEED_SOURCE = "chinesecalendar，据国务院办公厅历年节假日安排的通知"
_VERSION = 1


@transaction.atomic
def seed_holidays(*, by: Actor, at: datetime) -> int:
    """Enter the days off and the make-up working days from 2016 to the last year the library knows; how many were new.

    A year that has any row is left alone, so that what an administrator entered or removed stays as it is. Effects:
    rows, a new version and an audit entry, or nothing when no year was without rows.
    """
    version = _lock_version()
    known = {day.year for day in CalendarDay.objects.values_list("day", flat=True)}
    missing = [special for special in published_days() if special.day.year not in known]
    if not missing:
        return 0
    CalendarDay.objects.bulk_create(
        CalendarDay(day=special.day, is_working=special.is_working, name=special.name, source=SEED_SOURCE)
        for special in missing
    )
    years = sorted({special.day.year for special in missing})
    _publish(version, "calendar.seed", "calendar", by, at, {"years": years, "days": len(missing)})
    return len(missing)


def published_days() -> Iterator[SpecialDay]:
    """The days since 2016 that differ from their weekday, as the library has them, with their Chinese names."""
    for day, name in sorted({**holidays, **workdays}.items()):
        is_working = day in workdays
        if day.year >= FIRST_SEEDED_YEAR and is_working == is_weekend(day):
            yield SpecialDay(day, is_working, Holiday(name).chinese)


@transaction.atomic
def set_day(*, day: date, is_working: bool, name: str, source: str, by: Actor, at: datetime) -> CalendarDay:
    """Make `day` a holiday or a make-up working day, in place of what was set for it; the row comes back.

    Refused for a day that is so by its weekday already. Effects: row, new version, audit entry; nothing when it was set
    just so before.
    """
    name, source = _text("名称", name, 40), _text("依据", source, 120)
    _check_year(day)
    if is_working != is_weekend(day):
        raise Refused(f"{day} 按星期本来就{'上班' if is_working else '休息'}，无需设置。", "same_as_weekday")
    version = _lock_version()
    found = CalendarDay.objects.filter(day=day).first()
    if found and (found.is_working, found.name, found.source) == (is_working, name, source):
        return found
    row, _ = CalendarDay.objects.update_or_create(
        day=day, defaults={"is_working": is_working, "name": name, "source": source}
    )
    details = {"is_working": is_working, "name": name, "source": source, "name_before": found.name if found else ""}
    _publish(version, "calendar.set_day", f"calendar:{day}", by, at, details)
    return row


@transaction.atomic
def remove_day(*, day: date, by: Actor, at: datetime) -> None:
    """Let `day` go by its weekday again. Refused when nothing was set for it. Effects: new version, audit entry."""
    version = _lock_version()
    row = CalendarDay.objects.filter(day=day).first()
    if row is None:
        raise Refused(f"{day} 没有设置过放假或调休，已按星期计算。", "day_not_set")
    row.delete()
    details = {"is_working": row.is_working, "name": row.name, "source": row.source}
    _publish(version, "calendar.remove_day", f"calendar:{day}", by, at, details)


@transaction.atomic
def set_office_hours(*, season: Season, source: str, by: Actor, at: datetime) -> OfficeHours:
    """Set the hours that hold from `season.from_date` until the next season, in place of those of the same date.

    Effects: row, new version, audit entry; nothing when it was set just so before.
    """
    source = _text("依据", source, 120)
    _check_year(season.from_date)
    version = _lock_version()
    found = OfficeHours.objects.filter(from_date=season.from_date).first()
    if found and (season_of(found), found.source) == (season, source):
        return found
    hours = asdict(season)
    from_date = hours.pop("from_date")
    row, _ = OfficeHours.objects.update_or_create(from_date=from_date, defaults={**hours, "source": source})
    details = {**hours, "source": source, "before": str(found) if found else ""}
    _publish(version, "calendar.set_office_hours", f"office_hours:{from_date}", by, at, details)
    return row


@transaction.atomic
def remove_office_hours(*, from_date: date, by: Actor, at: datetime) -> None:
    """Let the season before go on. Refused when none begins on `from_date`. Effects: new version, audit entry."""
    version = _lock_version()
    row = OfficeHours.objects.filter(from_date=from_date).first()
    if row is None:
        raise Refused(f"没有自 {from_date} 起的作息时间。", "season_not_set")
    row.delete()
    details = asdict(season_of(row))
    _publish(version, "calendar.remove_office_hours", f"office_hours:{from_date}", by, at, details)


def _text(label: str, text: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise Refused(f"请填写{label}。", "text_missing")
    if len(text) > most:
        raise Refused(f"{label}不能超过 {most} 个字。", "text_too_long")
    return text


def _check_year(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(f"日期须在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间。", "day_out_of_range")


def _lock_version() -> CalendarVersion:
    """The version row, ours until the transaction ends: two changes of the calendar happen one after the other."""
    CalendarVersion.objects.bulk_create([CalendarVersion(pk=_VERSION, number=0)], ignore_conflicts=True)
    return CalendarVersion.objects.select_for_update().get(pk=_VERSION)


def _publish(
    version: CalendarVersion, verb: str, subject: str, by: Actor, at: datetime, details: dict[str, object]
) -> None:
    """Raise the version after the rows have changed, so that no copy read in between is taken for the new one."""
    version.number += 1
    version.token = uuid.uuid4()
    version.save(update_fields=["number", "token"])
    audit.record(verb=verb, subject=subject, by=by, at=at, details={**details, "version": version.number})
