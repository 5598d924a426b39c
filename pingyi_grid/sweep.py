"""Everything that time makes happen, in one function: the timetable and `manage.py sweep` both call it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils.timezone import localdate

from cases.services.recounting import recount_due_times
from cases.services.sweeping import sweep_cases
from grids.scope import system_scope


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did, as of its moment."""

    at: datetime
    fired: int
    failed: int
    recounted: int

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "at": self.at.isoformat()}


def sweep_all(*, at: datetime, limit: int = 20_000) -> SweepReport:
    """Do all that is due by `at`, earliest first. Doing it twice, or two at once, changes nothing more.

    A calendar that was edited since is taken into account first, so that nothing fires by an old due time.
    """
    recounted = recount_due_times(by=system_scope(localdate(at)), at=at)
    cases = sweep_cases(at, limit)
    return SweepReport(at, cases.fired, cases.failed, recounted)
