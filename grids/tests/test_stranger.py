"""武台镇's office gets no row, no name and no number of 仲村镇 through any door of this app."""

import pytest

from conftest import AREA, COUNTY, NOW, OTHER_TOWN, TODAY, TOWN, VILLAGE
from grids.api import urlpatterns as api_patterns
from grids.models import Source
from grids.scope import system_scope
from grids.services import SourceDraft, register_source, rename_grid, set_boundary
from grids.urls import urlpatterns as page_patterns

BY = system_scope(TODAY)
SQUARE = {"type": "Polygon", "coordinates": [[[117, 35], [118, 35], [118, 36], [117, 36], [117, 35]]]}
SECRETS = ("仲村", "甲一村支书", "甲一村网格员", "甲工作区长", "乙工作区长", TOWN, "鲁兴石材厂", "村东头三号")

# Every address of this app with what the stranger might ask of it; a new one without a line here fails.
PAGES = {
    "tree": ["/grids/", "/grids/?open=9", "/grids/?q=仲村", "/grids/?level=1", "/grids/?vacant=1"],
    "grid": [f"/grids/{COUNTY}/", f"/grids/{OTHER_TOWN}/", f"/grids/{TOWN}/", f"/grids/{VILLAGE}/"],
    "posts": ["/posts/", "/posts/?q=仲村", f"/posts/?grid={TOWN}", "/posts/?role=town_head", "/posts/?at=2026-01-01"],
    "post_person": ["/posts/new/", "/posts/new/?q=甲"],
    "post_new": ["/posts/new/1/", f"/posts/new/1/?grid={TOWN}"],
    "post_end": ["/posts/1/end/"],
    "sponsorship_person": ["/sponsorships/new/", "/sponsorships/new/?q=甲"],
    "sponsorship_new": ["/sponsorships/new/1/"],
    "sponsorship_end": ["/sponsorships/1/end/"],
    "sources": ["/sources/", "/sources/?q=鲁兴", f"/sources/?grid={TOWN}", "/sources/?use=all"],
    "source": ["/sources/371326-00001/"],
    "source_new": ["/sources/new/"],
    "source_edit": ["/sources/371326-00001/edit/"],
}
API = {
    "api-grids": ["grids/?page_size=200", f"grids/?parent={COUNTY}", f"grids/?parent={TOWN}", "grids/?at=2026-01-01"],
    "api-grid": [f"grids/{COUNTY}/", f"grids/{TOWN}/", f"grids/{VILLAGE}/"],
    "api-grid-tree": [f"grids/{COUNTY}/tree/", f"grids/{TOWN}/tree/", f"grids/{COUNTY}/tree/?at=2026-01-01"],
    "api-grid-locate": ["grids/locate/?lon=117.5&lat=35.5"],
    "api-posts": ["posts/?page_size=200", f"posts/?grid={TOWN}", f"posts/?below={TOWN}", f"posts/?grid={VILLAGE}"],
    "api-sources": ["sources/?page_size=200", f"sources/?grid={TOWN}", "sources/?q=鲁兴"],
    "api-source": ["sources/371326-00001/"],
}


@pytest.fixture
def secrets(cast, time_machine):
    """Something of every kind in 仲村镇."""
    time_machine.move_to(NOW, tick=False)
    register_source(
        draft=SourceDraft(name="鲁兴石材厂", category="industry", grid=cast.grid(VILLAGE), address="村东头三号"),
        by=BY,
        at=NOW,
    )
    set_boundary(grid=cast.grid(VILLAGE), geometry=SQUARE, is_schematic=True, by=BY, at=NOW)
    rename_grid(grid=cast.grid(AREA), name="仲村改名工作区", by=BY, at=NOW)
    return cast


def leaks(text: str, asked: str) -> list[str]:
    """The secrets in an answer that were not in the question: a page may repeat what was typed into it."""
    return [secret for secret in SECRETS if secret in text and secret not in asked]


def test_every_address_is_asked():
    assert set(PAGES) == {pattern.name for pattern in page_patterns}
    assert set(API) == {pattern.name for pattern in api_patterns}


@pytest.mark.parametrize("path", [path for paths in PAGES.values() for path in paths])
def test_no_page_tells_the_stranger_anything(secrets, path):
    answer = secrets.client("stranger").get(path)
    assert answer.status_code in (200, 403, 404)
    assert leaks(answer.content.decode(), path) == []


@pytest.mark.parametrize("path", [path for paths in API.values() for path in paths])
def test_no_answer_of_the_api_tells_the_stranger_anything(secrets, path):
    answer = secrets.client("stranger").get(f"/api/v1/{path}")
    assert answer.status_code in (200, 404)
    assert leaks(answer.content.decode(), path) == []


def test_the_town_itself_sees_what_the_stranger_does_not(secrets):
    for path in ("/grids/?open=9", "/sources/", "/api/v1/sources/", f"/api/v1/grids/{TOWN}/tree/"):
        assert leaks(secrets.client("town").get(path).content.decode(), "") != []


def test_the_numbers_of_the_stranger_are_those_of_the_own_town(secrets):
    page = secrets.client("stranger").get("/grids/").content.decode()
    assert "1 镇街、1 工作区、1 村居" in page
    assert secrets.client("stranger").get("/api/v1/sources/").json()["results"] == []
    assert "共 " not in secrets.client("stranger").get("/sources/").content.decode()


def test_the_stranger_changes_nothing(secrets):
    form = {"name": "改", "category": "fuel", "supervision_class": "key", "grid": VILLAGE}
    client = secrets.client("stranger")
    assert client.post("/sources/371326-00001/edit/", form).status_code == 404
    assert client.put("/api/v1/sources/371326-00001/", form, content_type="application/json").status_code == 404
    assert "该网格不存在或不在您的责任范围内" in client.post("/sources/new/", form).content.decode()
    assert client.post("/api/v1/sources/", form, content_type="application/json").status_code == 422
    assert list(Source.objects.values_list("name", flat=True)) == ["鲁兴石材厂"]
