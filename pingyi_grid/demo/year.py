"""The year of the demo: many stories at once, told in the order in which things happened, the clock ringing between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush

from cases.models import StageClock
from cases.services.sweeping import sweep_cases
from kernel.refusal import Refused

# A story says when its next act is due; it is gone on with at that moment.
Story = Iterator[datetime]
_MINUTE = timedelta(minutes=1)


class Year:
    """Goes through time up to `until`. What has not happened by then is left as it stands.

    Because everything happens in its order, numbers of cases and sheets, cards and the audit chain are those that a
    county would have that had really worked.
    """

    def __init__(self, until: datetime) -> None:
        self._until = until
        self.refused: list[str] = []

    def tell(self, stories: Sequence[Story]) -> None:
        """Go on with whichever story is next, until none has anything left to happen before `until`."""
        waiting: list[tuple[datetime, int, Story]] = []
        for number, story in enumerate(stories):
            self._go_on(story, number, waiting)
        while waiting:
            moment, number, story = heappop(waiting)
            self._ring_until(moment)
            self._go_on(story, number, waiting)
        self._ring_until(self._until)

    def _go_on(self, story: Story, number: int, waiting: list[tuple[datetime, int, Story]]) -> None:
        """Let the story do what is due now. One that is refused ends there, and the refusal is kept for the tests."""
        try:
            moment = next(story, None)
        except Refused as refusal:
            self.refused.append(refusal.sentence)
            return
        if moment is not None and moment < self._until:
            heappush(waiting, (moment, number, story))

    def _ring_until(self, moment: datetime) -> None:
        """Sweep at every minute in which a clock rings, as the timetable would have."""
        while True:
            first = _next_ring()
            if first is None or first > moment:
                return
            sweep_cases(min(_minute_after(first), moment))


def _next_ring() -> datetime | None:
    running = StageClock.objects.running().filter(paused_at__isnull=True, next_action_at__isnull=False)
    return running.order_by("next_action_at").values_list("next_action_at", flat=True).first()


def _minute_after(moment: datetime) -> datetime:
    """The first full minute at or after `moment`."""
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + _MINUTE
