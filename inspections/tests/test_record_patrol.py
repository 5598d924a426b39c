"""Recording a round: stored once with what was found, or not at all."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cases.models import Case
from cases.services.filing import Matter
from cases.services.photos import AnnouncedPhoto
from conftest import AREA, FAR_VILLAGE, NOW, OTHER_VILLAGE, VILLAGE
from grids.choices import SourceCategory
from grids.coordinates import GivenPoint
from grids.models import Source
from grids.scope import system_scope
from inspections.models import Patrol
from inspections.services import FoundMatter, record_patrol
from inspections.tests.conftest import draft
from kernel.lifecycle import InvalidForm
from kernel.models import AuditEntry
from kernel.refusal import Refused


def straw(**values) -> FoundMatter:
    photos = [AnnouncedPhoto(client_id=uuid.uuid4(), sha256="0" * 64)]
    return FoundMatter(Matter(**{"category": "A05", "title": "村东焚烧秸秆", "photos": photos, **values}))


def source(cast, code: str = VILLAGE) -> Source:
    return Source.objects.create(
        code="371326-00001", name="石材厂", category=SourceCategory.INDUSTRY, grid=cast.grid(code)
    )


def test_a_round_is_stored_as_it_was_walked(cast, walk):
    patrol = walk.patrol(note="沿河一周，未见异常", location=GivenPoint(117.61, 35.58))
    stored = Patrol.objects.get()
    assert stored == patrol
    assert (stored.member, stored.grid.code, stored.minutes) == (cast.member, VILLAGE, 40)
    assert (stored.lon, stored.lat, stored.note) == (117.61, 35.58, "沿河一周，未见异常")
    assert (stored.received_at, stored.line) == (NOW, "env")


def test_a_point_of_another_system_is_converted_and_kept_as_given(walk):
    patrol = walk.patrol(location=GivenPoint(117.61, 35.58, "gcj02"))
    assert (round(patrol.lon, 2), round(patrol.lat, 2)) == (117.6, 35.58)
    assert patrol.location_given == {"lon": 117.61, "lat": 35.58, "coord_sys": "gcj02"}


def test_sending_again_stores_nothing_more(walk, category):
    client_id = uuid.uuid4()
    matters = [straw()]
    first = walk.record(client_id=client_id, matters=matters)
    again = walk.record(client_id=client_id, matters=matters)
    assert (first.is_new, again.is_new, again.patrol) == (True, False, first.patrol)
    assert (Patrol.objects.count(), Case.objects.count()) == (1, 1)


def test_other_content_under_the_same_number_is_refused(walk):
    client_id = uuid.uuid4()
    walk.record(client_id=client_id, note="一")
    with pytest.raises(Refused) as refused:
        walk.record(client_id=client_id, note="二")
    assert refused.value.code == "different_content"


def test_the_number_of_somebody_else_is_refused(walk):
    client_id = uuid.uuid4()
    walk.record(client_id=client_id, note="一")
    with pytest.raises(Refused) as refused:
        walk.record("area", client_id=client_id, note="一")
    assert refused.value.code == "different_content"


def test_what_was_found_becomes_cases_of_the_grid(walk, category):
    patrol = walk.patrol(matters=[straw(), straw(title="村西焚烧秸秆")])
    found = list(patrol.cases.order_by("id"))
    assert [(case.origin, case.grid.code, case.state, case.title) for case in found] == [
        ("patrol", VILLAGE, "triage", "村东焚烧秸秆"),
        ("patrol", VILLAGE, "triage", "村西焚烧秸秆"),
    ]


def test_a_matter_that_is_refused_takes_the_round_back(walk, category):
    with pytest.raises(InvalidForm) as refused:
        walk.record(matters=[straw(), straw(category="没有")])
    assert refused.value.errors == {"matters.1.category": "问题类别不存在，请从列表中选择"}
    assert (Patrol.objects.count(), Case.objects.count()) == (0, 0)


def test_a_source_says_where_the_round_was(cast, walk):
    patrol = walk.patrol(grid="", source=source(cast).code)
    assert (patrol.grid.code, patrol.source.name) == (VILLAGE, "石材厂")


def test_the_act_is_in_the_audit_chain(walk, category):
    client_id = uuid.uuid4()
    patrol = walk.record(client_id=client_id, matters=[straw()]).patrol
    entry = AuditEntry.objects.get(verb="patrol.record")
    assert (entry.subject, entry.actor_name) == (f"patrol:{client_id}", "甲一村网格员")
    assert entry.details == {"grid": VILLAGE, "cases": [patrol.cases.get().number]}


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"grid": OTHER_VILLAGE}, {"grid": "网格编码不存在、已停用或不在您的巡查范围内，请重新选择"}),
        ({"grid": AREA}, {"grid": "所选网格或位置不在您的巡查范围内，请选择自己的网格"}),
        ({"grid": "没有"}, {"grid": "网格编码不存在、已停用或不在您的巡查范围内，请重新选择"}),
        ({"grid": ""}, {"grid": "请选择巡查的网格，或允许定位"}),
        (
            {"grid": "", "location": GivenPoint(100.0, 30.0)},
            {"location": "该位置不在本县网格范围内，请核对坐标或改选网格。"},
        ),
        ({"minutes": -1}, {"ended_at": "结束时间不能早于开始时间"}),
        ({"minutes": 24 * 60 + 1}, {"ended_at": "一次巡查最长 24 小时，请分次记录"}),
        ({"ended_at": NOW + timedelta(hours=1)}, {"ended_at": "结束时间晚于现在，请校准手机时间"}),
        ({"note": "好" * 501}, {"note": "记录最多 500 字，现有 501 字，请删减"}),
        ({"line": "没有"}, {"line": "工作线不存在，请从列表中选择"}),
        ({"source": "没有"}, {"source": "污染源不存在，请从列表中选择"}),
        ({"matters": [None] * 21}, {"matters": "一次巡查最多上报 20 个问题，其余请单独上报"}),
    ],
)
def test_what_is_wrong_is_said_by_field(cast, values, errors):
    values = {**values, "matters": [straw()] * len(values.get("matters", ()))}
    with pytest.raises(InvalidForm) as refused:
        record_patrol(draft(**values), client_id=uuid.uuid4(), by=cast.scope("member"), at=NOW)
    assert refused.value.errors == errors
    assert Patrol.objects.count() == 0


def test_a_source_of_another_place_is_refused(cast, walk):
    elsewhere = source(cast, FAR_VILLAGE)
    with pytest.raises(InvalidForm) as refused:
        walk.record("town", grid=VILLAGE, source=elsewhere.code)
    assert refused.value.errors == {"source": "该污染源不在“仲村甲一村”，请核对网格"}


def test_a_round_needs_a_person(cast):
    with pytest.raises(Refused):
        record_patrol(draft(), client_id=uuid.uuid4(), by=system_scope(NOW.date()), at=NOW)


def test_who_may_only_look_records_nothing(walk):
    with pytest.raises(InvalidForm):
        walk.record("sponsor")


def test_the_database_holds_no_round_that_ends_before_it_began(walk):
    patrol = walk.patrol()
    with pytest.raises(IntegrityError, match="patrol_ends_after_it_starts"), transaction.atomic():
        Patrol.objects.filter(pk=patrol.pk).update(ended_at=patrol.started_at - timedelta(minutes=1))
