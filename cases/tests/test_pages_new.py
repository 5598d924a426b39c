"""Reporting and registering at a desk."""

from __future__ import annotations

import uuid

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.choices import State
from cases.models import Case, CasePhoto
from cases.tests.conftest import picture
from conftest import AREA, FAR_VILLAGE, NEXT_VILLAGE, NOW, OTHER_TOWN, OTHER_VILLAGE, TOWN, VILLAGE
from grids.models import Source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def offered(page, name: str) -> set[str]:
    """The values that a select of the form offers, groups opened."""
    found = set()
    for value, label in page.context["form"].fields[name].choices:
        found |= {code for code, _ in label} if isinstance(label, list) else {value}
    return found - {""}


def filled(**values) -> dict:
    return {
        "client_id": str(uuid.uuid4()),
        "grid": VILLAGE,
        "category": "A05",
        "severity": "ordinary",
        "photos": [picture()],
        **values,
    }


@pytest.fixture
def send(cast):
    return lambda name, **values: cast.client(name).post("/cases/new/", filled(**values))


# --- where --------------------------------------------------------------------------------------------------------

PLACES = [
    ("member", "", {VILLAGE}),
    ("area", "", {AREA, VILLAGE, NEXT_VILLAGE}),
    ("stranger", "", {OTHER_TOWN, "371326102W01", OTHER_VILLAGE}),
    ("county", "", set()),
    ("county", OTHER_TOWN, {OTHER_TOWN, "371326102W01", OTHER_VILLAGE}),
    ("county", "nowhere", set()),
    ("water", TOWN, {TOWN, AREA, VILLAGE, NEXT_VILLAGE, "371326101W02", FAR_VILLAGE}),
    ("stranger", TOWN, {OTHER_TOWN, "371326102W01", OTHER_VILLAGE}),
]


@pytest.mark.parametrize(("name", "town", "codes"), PLACES)
def test_one_reports_where_ones_post_reaches_a_town_at_a_time(cast, name, town, codes):
    page = cast.client(name).get(f"/cases/new/?town={town}")
    assert offered(page, "grid") == codes


def test_the_only_grid_of_a_member_is_chosen_already(cast):
    assert cast.client("member").get("/cases/new/").context["form"]["grid"].value() == VILLAGE


def test_sources_of_the_place_can_be_named(cast, send):
    for code, grid in [("S1", VILLAGE), ("S2", OTHER_VILLAGE)]:
        Source.objects.create(code=code, name=f"{code} 石材厂", category="industry", grid=cast.grids[grid])
    assert offered(cast.client("member").get("/cases/new/"), "source") == {"S1"}
    send("member", source="S1")
    assert Case.objects.get().source.code == "S1"
    assert send("member", source="S2").status_code == 422


@pytest.mark.parametrize("name", ["admin", "audit", "clerk", "assessor"])
def test_posts_that_do_not_report_have_no_form(cast, name):
    assert cast.client(name).get("/cases/new/").status_code == 403
    assert cast.client(name).post("/cases/new/", filled()).status_code == 403


# --- what becomes of it -------------------------------------------------------------------------------------------


def test_a_report_is_filed_and_shown(send):
    answer = send("member", description="路边焚烧", place="村东")
    case = Case.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.number}/")
    assert (case.state, case.origin, case.title) == (State.TRIAGE, "report", "仲村甲一村秸秆露天焚烧")
    assert case.photos.filter(photo__isnull=False).count() == 1


def test_a_double_click_files_one_case(cast, send):
    number = cast.client("member").get("/cases/new/").context["form"]["client_id"].value()
    first, second = send("member", client_id=number), send("member", client_id=number)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_the_same_form_with_other_content_is_refused_and_gets_a_new_number(send):
    number = str(uuid.uuid4())
    send("member", client_id=number)
    answer = send("member", client_id=number, title="另一件事")
    form = answer.context["form"]
    assert (answer.status_code, Case.objects.count()) == (409, 1)
    assert form["title"].value() == "另一件事"
    assert form["client_id"].value() != number
    assert send("member", client_id=form["client_id"].value(), title="另一件事").status_code == 302


def test_an_office_registers_what_came_in_another_way(send, cast):
    assert "origin" not in cast.client("member").get("/cases/new/").context["form"].fields
    assert send("county", town=TOWN, origin="alarm", photos=[]).status_code == 302
    assert send("county", town=TOWN, origin="supervision", photos=[]).status_code == 302
    assert list(Case.objects.order_by("id").values_list("state", flat=True)) == [State.VERIFYING, State.TRIAGE]


def test_a_member_cannot_smuggle_in_another_origin(send):
    send("member", origin="leader")
    assert Case.objects.get().origin == "report"


# --- what is wrong with it ----------------------------------------------------------------------------------------

WRONG = [
    ({"category": ""}, "category"),
    ({"category": "nonsense"}, "category"),
    ({"severity": "terrible"}, "severity"),
    ({"grid": ""}, "grid"),
    ({"grid": OTHER_VILLAGE}, "grid"),
    ({"grid": "999"}, "grid"),
    ({"title": "长" * 61}, "title"),
    ({"description": "长" * 100_000}, "description"),
    ({"title": "响铃\x07"}, "title"),
    ({"photos": []}, "photos"),
    ({"photos": [SimpleUploadedFile("a.jpg", b"<html>", "image/jpeg")]}, "photos"),
    ({"client_id": "not-a-number"}, "client_id"),
]


@pytest.mark.parametrize(("values", "field"), WRONG)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(send, values, field):
    answer = send("member", **{"place": "村东", **values})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert answer.context["form"]["place"].value() == "村东"
    assert Case.objects.count() == 0


def test_photos_need_not_be_sent_again_with_the_corrected_form(send):
    number = str(uuid.uuid4())
    answer = send("member", client_id=number, photos=[picture(), SimpleUploadedFile("a.jpg", b"<html>", "image/jpeg")])
    form = answer.context["form"]
    assert form["photos"].help_text == "已收到 1 张，不必重新选择；可再添加"
    again = {"client_id": number, "photos": [], "kept": form["kept"].value()}
    first, second = send("member", **again), send("member", **again)
    assert first["Location"] == second["Location"]
    assert CasePhoto.objects.count() == 1


def test_photos_are_kept_when_another_field_is_wrong_too(send):
    form = send("member", category="").context["form"]
    assert (list(form.errors), len(form["kept"].value())) == (["category"], 36)


def test_a_kept_photo_does_not_move_to_another_place_than_it_tells(send):
    form = send("area", category="").context["form"]
    answer = send("area", grid=NEXT_VILLAGE, photos=[], kept=form["kept"].value())
    assert list(answer.context["form"].errors) == ["photos"]
    assert send("area", photos=[], kept=form["kept"].value()).status_code == 302


def test_queries_do_not_grow_with_grids_and_categories(cast):
    client = cast.client("area")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/cases/new/").status_code == 200
        return len(seen)

    client.get("/cases/new/")
    few = queries()
    for number in range(30):
        Source.objects.create(code=f"S{number}", name="石材厂", category="industry", grid=cast.grids[VILLAGE])
    assert queries() == few
    assert few <= 10
