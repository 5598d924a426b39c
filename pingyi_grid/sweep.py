"""Everything that time makes happen, in one function: the timetable and `manage.py sweep` both call it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from cases.services.sweeping import sweep_cases


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did, as of its moment."""

    at: datetime
    fired: int
    failed: int

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "at": self.at.isoformat()}


def sweep_all(*, at: datetime, limit: int = 20_000) -> SweepReport:
    """Do all that is due by `at`, earliest first. Doing it twice, or two at once, changes nothing more."""
    cases = sweep_cases(at, limit)
    return SweepReport(at, cases.fired, cases.failed)
