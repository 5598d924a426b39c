"""What holds for every calendar, start and term. Two years around National Day 2026, one of them without rows."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.calendar import SHANGHAI, SpecialDay, WorkCalendar
from kernel.choices import Unit
from kernel.clock import Term, due_at, explain, moment_used, remaining, resume, share_used, time_left
from kernel.tests.calendars import SUMMER, WINTER, with_holiday, without

# The same examples in every run: a red build says something about the change, not about luck.
few = settings(derandomize=True, max_examples=80, deadline=None, database=None)

FIRST, LAST = date(2026, 1, 1), date(2027, 6, 30)
WITHIN_MINUTES = (LAST - FIRST).days * 24 * 60

days = st.dates(FIRST, LAST)
special_days = st.builds(SpecialDay, days, st.booleans())
calendars = st.builds(
    WorkCalendar,
    special_days=st.lists(special_days, max_size=25, unique_by=lambda special: special.day).map(tuple),
    seasons=st.sampled_from([(), (SUMMER, WINTER)]),
)
moments = st.builds(
    lambda minutes, seconds: datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes, seconds=seconds),
    st.integers(0, WITHIN_MINUTES),
    st.sampled_from([0, 0, 0, 0.25, 59]),
)
terms = st.builds(Term, st.integers(1, 30), st.sampled_from(Unit))
shares = st.fractions(0, 1, max_denominator=100)


@st.composite
def runs(draw, units=tuple(Unit)):
    """A calendar, a start, a term and the due time they give."""
    calendar, start = draw(calendars), draw(moments)
    term = Term(draw(st.integers(1, 30)), draw(st.sampled_from(units)))
    return calendar, start, term, due_at(start, term, calendar)


def _moment_within(start: datetime, due: datetime, share: Fraction) -> datetime:
    return start + (due - start) * share.numerator / share.denominator


@few
@given(calendars, moments, terms, st.integers(0, 50))
def test_adding_a_holiday_never_makes_a_due_time_earlier(calendar, start, term, days_later):
    holiday = with_holiday(calendar, start.date() + timedelta(days=days_later))
    assert due_at(start, term, holiday) >= due_at(start, term, calendar)


@few
@given(calendars, moments, terms, st.data())
def test_removing_a_holiday_never_makes_a_due_time_later(calendar, start, term, data):
    day = start.date() + timedelta(days=data.draw(st.integers(0, 50)))
    weekday = day if day.weekday() < 5 else day + timedelta(days=7 - day.weekday())
    holiday = with_holiday(calendar, weekday)
    assert due_at(start, term, without(holiday, weekday)) <= due_at(start, term, holiday)


@few
@given(calendars, moments, st.sampled_from(Unit), st.integers(0, 30), st.integers(0, 5000))
def test_more_time_or_a_later_start_is_never_due_earlier(calendar, start, unit, amount, minutes):
    due = due_at(start, Term(amount + 1, unit), calendar)
    assert due > due_at(start, Term(amount, unit), calendar) or unit == Unit.CALENDAR_DAY
    assert due >= due_at(start, Term(amount, unit), calendar)
    assert due_at(start + timedelta(minutes=minutes), Term(amount + 1, unit), calendar) >= due


@few
@given(runs(), st.fractions(0, 2, max_denominator=50))
def test_pause_and_resume_in_the_same_moment_change_nothing(run, share):
    calendar, start, term, due = run
    at = _moment_within(start, due, share)  # up to as late again as the whole of the time
    assert resume(at, remaining(at, due, term.unit, calendar), term.unit, calendar) == due


@few
@given(runs(), st.fractions(0, 2, max_denominator=50), st.integers(0, 60 * 24 * 40))
def test_a_pause_keeps_what_was_left(run, share, minutes):
    calendar, start, term, due = run
    paused = _moment_within(start, due, share)
    resumed = paused + timedelta(minutes=minutes)
    left = remaining(paused, due, term.unit, calendar)
    new_due = resume(resumed, left, term.unit, calendar)
    assert new_due >= due
    kept = remaining(resumed, new_due, term.unit, calendar)
    # Calendar days roll on over days off: never less than was left, and never shorter for having paused.
    assert kept >= left if term.unit == Unit.CALENDAR_DAY else kept == left


@few
@given(runs(units=(Unit.WORKING_DAY, Unit.WORKING_HOUR)), shares, st.integers(0, 60 * 24 * 10))
def test_a_pause_adds_as_much_time_as_was_worked_during_it(run, share, minutes):
    calendar, start, term, due = run
    paused = _moment_within(start, due, share)
    resumed = paused + timedelta(minutes=minutes)
    new_due = resume(resumed, remaining(paused, due, term.unit, calendar), term.unit, calendar)
    worked = remaining(paused, resumed, term.unit, calendar)
    assert remaining(due, new_due, term.unit, calendar) == worked


@few
@given(runs(), shares, shares)
def test_the_share_used_never_falls(run, share, other):
    calendar, start, term, due = run
    earlier, later = sorted((_moment_within(start, due, share), _moment_within(start, due, other)))
    used = [share_used(start, due, term.unit, at, calendar) for at in (start, earlier, later, due)]
    assert used == sorted(used)
    assert (used[0], used[-1]) == (0.0, 1.0)


@few
@given(runs(), shares)
def test_the_moment_a_share_is_used_is_the_inverse_of_the_share_used(run, share):
    calendar, start, term, due = run
    at = moment_used(start, due, term.unit, share, calendar)
    assert start <= at <= due
    # A moment is whole microseconds, and the shortest term here is a minute.
    assert abs(share_used(start, due, term.unit, at, calendar) - share) < 1e-7


@few
@given(runs(), st.fractions(Fraction(1, 100), 1, max_denominator=100))
def test_a_moment_before_less_than_the_share_was_used(run, share):
    calendar, start, term, due = run
    before = moment_used(start, due, term.unit, share, calendar) - timedelta(milliseconds=1)
    assert share_used(start, due, term.unit, before, calendar) < share


@few
@given(runs(), st.fractions(0, 2, max_denominator=50))
def test_what_is_left_agrees_with_the_remainder(run, share):
    calendar, start, term, due = run
    at = _moment_within(start, due, share)
    left = time_left(at, due, term.unit, calendar)
    assert left.overdue == (at > due)
    assert left.seconds == int(remaining(at, due, term.unit, calendar).total_seconds())
    assert left.text.startswith("剩") != left.overdue


@few
@given(runs())
def test_explained_intervals_join_from_start_to_due(run):
    calendar, start, term, due = run
    told = explain(start, term, calendar)
    assert [told.due_at, told.intervals[0].start, told.intervals[-1].end] == [due, start, due]
    assert all(one.end == next_one.start and one.start < one.end for one, next_one in pairwise(told.intervals))
    assert all((one.counted, one.reason) != (other.counted, other.reason) for one, other in pairwise(told.intervals))


@few
@given(runs(units=(Unit.WORKING_HOUR, Unit.HOUR, Unit.MINUTE)))
def test_explained_hours_add_up_to_the_term(run):
    calendar, start, term, _ = run
    counted = [one.end - one.start for one in explain(start, term, calendar).intervals if one.counted]
    whole = timedelta(minutes=term.amount) if term.unit == Unit.MINUTE else timedelta(hours=term.amount)
    assert sum(counted, timedelta()) == whole


@few
@given(runs(units=(Unit.WORKING_DAY,)))
def test_explained_working_days_are_whole_and_as_many_as_the_term(run):
    calendar, start, term, _ = run
    counted = defaultdict(list)
    for interval in explain(start, term, calendar).intervals:
        if interval.counted:
            counted[interval.start.date()].append((interval.start, interval.end))
    assert len(counted) == term.amount
    assert all(tuple(spans) == calendar.spans(day) for day, spans in counted.items())


@few
@given(runs(units=(Unit.CALENDAR_DAY,)))
def test_explained_calendar_days_are_as_many_as_the_term(run):
    calendar, start, term, due = run
    counted = [one for one in explain(start, term, calendar).intervals if one.counted]
    assert len(counted) == 1
    last = counted[0].end - timedelta(microseconds=1)
    assert (last.date() - start.date()).days == term.amount
    assert calendar.is_working(due.date())
