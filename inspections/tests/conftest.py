"""What the tests of patrols stand on: a category to report, limits are not needed."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from cases.models import CaseCategory
from conftest import LONG_AGO, NOW, VILLAGE
from inspections.models import Patrol
from inspections.services import PatrolDraft, Recorded, record_patrol


@pytest.fixture
def category(db) -> CaseCategory:
    return CaseCategory.objects.create(code="A05", name="秸秆露天焚烧", pollution_type="大气", valid_from=LONG_AGO)


def draft(ended_at: datetime = NOW, minutes: int = 40, **values) -> PatrolDraft:
    return PatrolDraft(
        **{"started_at": ended_at - timedelta(minutes=minutes), "ended_at": ended_at, "grid": VILLAGE, **values}
    )


class Round:
    """Walks rounds through the real service as the people of the cast."""

    def __init__(self, cast) -> None:
        self.cast = cast

    def record(self, by: str = "member", at: datetime = NOW, client_id: uuid.UUID | None = None, **values) -> Recorded:
        return record_patrol(
            draft(**{"ended_at": at, **values}), client_id=client_id or uuid.uuid4(), by=self.cast.scope(by), at=at
        )

    def patrol(self, by: str = "member", **values) -> Patrol:
        return self.record(by, **values).patrol


@pytest.fixture
def walk(cast) -> Round:
    return Round(cast)
