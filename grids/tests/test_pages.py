"""Pages of the tree, the posts and the ledger: what they say, to whom, and in how many queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from conftest import AREA, NOW, OTHER_VILLAGE, SECOND_AREA, TODAY, TOWN, VILLAGE
from grids.models import Grid, GridLevel, Post, Source
from grids.scope import system_scope
from grids.services import (
    GridRow,
    SourceDraft,
    import_tree,
    register_source,
    rename_grid,
    retire_grid,
    set_boundary,
)

BY = system_scope(TODAY)
SQUARE = {"type": "Polygon", "coordinates": [[[117, 35], [118, 35], [118, 36], [117, 36], [117, 35]]]}
FORM = {"name": "鲁兴石材厂", "category": "industry", "supervision_class": "key", "grid": VILLAGE, "is_active": "on"}


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(NOW, tick=False)


def text_of(cast, who: str, path: str) -> str:
    answer = cast.client(who).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def site(cast, **more) -> Source:
    draft = SourceDraft(**({"name": "鲁兴石材厂", "category": "industry", "grid": cast.grid(VILLAGE)} | more))
    return register_source(draft=draft, by=BY, at=NOW)


def test_the_tree_shows_every_grid_of_ones_reach_with_who_answers(cast):
    page = text_of(cast, "town", "/grids/")
    for words in ("仲村镇", "仲村甲工作区", "仲村甲一村", "甲一村支书", "甲工作区长", "2 工作区、3 村居"):
        assert words in page
    assert "武台" not in page


def test_branches_are_closed_as_often_as_they_are_opened(cast):
    for who in ("county", "town", "area", "member"):
        page = text_of(cast, who, "/grids/?open=9")
        assert page.count("<details") == page.count("</details>")
        assert page.count("<div") == page.count("</div>")


def test_a_grid_without_anybody_is_shown_as_vacant_and_found_by_it(cast):
    assert "空缺" in text_of(cast, "town", "/grids/?open=9")
    page = text_of(cast, "town", "/grids/?vacant=1")
    assert "仲村镇/仲村乙工作区/仲村乙三村" in page
    assert "仲村镇/仲村甲工作区/仲村甲一村" not in page


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=甲一", "仲村镇/仲村甲工作区/仲村甲一村", "仲村乙三村"),
        ("level=2", "仲村镇/仲村甲工作区", "仲村甲一村"),
        (f"q={VILLAGE}", "仲村甲一村", "仲村乙三村"),
        ("q=没有这样的", "没有符合条件的网格", "仲村甲一村"),
        ("level=99", "没有这样的层级，已忽略此项", "没有符合条件的网格"),
    ],
)
def test_the_tree_is_searched(cast, query, shown, hidden):
    page = text_of(cast, "town", f"/grids/?{query}")
    assert shown in page
    assert hidden not in page


def test_a_person_without_a_post_is_turned_away(cast):
    User.objects.create(username="idle", name="无职")
    cast.users["idle"] = User.objects.get(username="idle")
    for path in ("/grids/", f"/grids/{TOWN}/", "/posts/", "/sources/", "/sources/new/"):
        assert cast.client("idle").get(path).status_code == 403


def test_without_signing_in_every_page_leads_to_the_sign_in_page(client, cast):
    for path in ("/grids/", f"/grids/{TOWN}/", "/posts/", "/sources/", "/sources/new/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


def test_the_page_of_a_grid_names_people_children_contacts_and_sponsors(cast):
    page = text_of(cast, "member", f"/grids/{VILLAGE}/")
    for words in (
        "甲一村支书",
        "甲一村网格员",
        "包保干部",
        "县级领导",
        "上级联系人",
        "甲工作区长",
        "仲村镇长",
        "tel:13900000000",
    ):
        assert words in page
    page = text_of(cast, "town", f"/grids/{TOWN}/")
    for words in ("仲村甲工作区", "仲村乙工作区", "2 个", "仲村镇长"):
        assert words in page


def test_an_assessor_sees_names_and_no_phone_on_any_page(cast):
    for path in (f"/grids/{VILLAGE}/", f"/grids/{TOWN}/", "/posts/"):
        page = text_of(cast, "assessor", path)
        assert "13900000000" not in page
    assert "139****0000" in text_of(cast, "assessor", "/posts/")


def test_the_page_of_a_grid_draws_it_and_says_that_it_is_schematic(cast):
    assert "示意图" not in text_of(cast, "town", f"/grids/{TOWN}/")
    set_boundary(grid=cast.grid(AREA), geometry=SQUARE, is_schematic=True, by=BY, at=NOW)
    for code in (TOWN, AREA):
        page = text_of(cast, "town", f"/grids/{code}/")
        assert "示意图，非实际边界" in page
        assert f'href="/grids/{AREA}/"><path' in page


def test_the_page_of_a_grid_tells_its_history(cast):
    rename_grid(grid=cast.grid(AREA), name="改名工作区", basis="仲政发〔2026〕3号", by=BY, at=NOW)
    retire_grid(grid=cast.grid(VILLAGE), day=TODAY, by=BY, at=NOW)
    page = text_of(cast, "town", f"/grids/{AREA}/")
    assert "<b>更名</b> 由“仲村甲工作区”改为“改名工作区”" in page
    assert "仲政发〔2026〕3号" in page
    assert "已停用" in text_of(cast, "town", f"/grids/{VILLAGE}/")


@pytest.mark.parametrize("code", [OTHER_VILLAGE, "nowhere"])
def test_a_grid_that_one_may_not_see_is_not_there(cast, code):
    assert cast.client("town").get(f"/grids/{code}/").status_code == 404


def test_the_list_of_posts_by_day_role_person_and_grid(cast):
    assert "甲一村网格员" in text_of(cast, "town", f"/posts/?role=member&grid={AREA}")
    assert "乙工作区长" not in text_of(cast, "town", f"/posts/?grid={AREA}")
    assert "仲村镇长" in text_of(cast, "town", "/posts/?q=镇长")
    assert "这一天没有符合条件的任职" in text_of(cast, "town", "/posts/?at=2019-12-31")
    assert "日期应如 2026-11-23，已忽略此项" in text_of(cast, "town", "/posts/?at=yesterday")


def test_a_site_is_entered_shown_and_changed(cast):
    client = cast.client("member")
    answer = client.post("/sources/new/", FORM, follow=True)
    assert answer.redirect_chain == [("/sources/371326-00001/", 302)]
    assert "“鲁兴石材厂”已保存，编号 371326-00001" in answer.content.decode()
    answer = client.post("/sources/371326-00001/edit/", FORM | {"name": "鲁兴新厂", "category": "fuel"}, follow=True)
    assert "鲁兴新厂" in answer.content.decode()
    page = text_of(cast, "member", "/sources/")
    assert "鲁兴新厂" in page
    assert "加油站" in page


def test_the_form_shows_a_place_as_it_was_given(cast):
    set_boundary(grid=cast.grid(VILLAGE), geometry=SQUARE, is_schematic=True, by=BY, at=NOW)
    place = {"lon": "117.64", "lat": "35.5", "coord_sys": "gcj02"}
    cast.client("member").post("/sources/new/", FORM | {"grid": ""} | place)
    page = text_of(cast, "member", "/sources/371326-00001/edit/")
    assert 'value="117.64"' in page
    assert '<option value="gcj02" selected>' in page


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": ""}, "该字段是必填项"),
        ({"grid": OTHER_VILLAGE}, "该网格不存在或不在您的责任范围内，请重新选择"),
        ({"grid": ""}, "请选择所在网格，或填写位置"),
        ({"grid": "", "lon": "100", "lat": "30"}, "该位置不在本县网格范围内"),
        ({"lon": "117.6"}, "经度和纬度须同时填写"),
        ({"uscc": "91350100M000100Y44"}, "统一社会信用代码的校验位不符"),
        ({"name": "厂" * 100_000}, "80"),
    ],
)
def test_what_has_to_be_corrected_is_told_and_nothing_is_lost(cast, more, sentence):
    answer = cast.client("member").post("/sources/new/", FORM | {"address": "村东头三号"} | more)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert "村东头三号" in page
    assert not Source.objects.exists()


def test_the_ledger_is_narrowed(cast):
    site(cast)
    site(cast, name="停管厂", is_active=False)
    assert "停管厂" not in text_of(cast, "town", "/sources/")
    assert "停管厂" in text_of(cast, "town", "/sources/?use=past")
    assert "没有符合条件的污染源" in text_of(cast, "town", "/sources/?category=fuel")
    assert "鲁兴石材厂" in text_of(cast, "town", f"/sources/?q=石材&grid={AREA}")
    assert "鲁兴石材厂" not in text_of(cast, "town", f"/sources/?grid={SECOND_AREA}")


def test_a_site_is_changed_only_by_those_who_keep_the_ledger_there(cast):
    source = site(cast)
    assert cast.client("stranger").get(f"/sources/{source.code}/").status_code == 404
    assert cast.client("stranger").get(f"/sources/{source.code}/edit/").status_code == 404
    assert cast.client("leader").get(f"/sources/{source.code}/").status_code == 200
    assert cast.client("leader").get(f"/sources/{source.code}/edit/").status_code == 403
    assert cast.client("leader").get("/sources/new/").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/grids/",
        "/grids/?open=9",
        "/grids/?level=3",
        f"/grids/{SECOND_AREA}/",
        f"/grids/{TOWN}/",
        "/posts/",
        "/sources/",
    ],
)
def test_a_page_asks_as_many_queries_with_many_rows_as_with_few(cast, path):
    client = cast.client("town")
    client.get(path)
    _fill(cast, 3)
    few = _queries(client, path)
    _fill(cast, 300)
    assert _queries(client, path) == few


def test_the_tree_takes_few_queries(cast):
    """Beside session, person, scope and unread notices: the levels of the filter, grids, people, the levels' names."""
    client = cast.client("county")
    client.get("/grids/")
    assert _queries(client, "/grids/") == 8


def _queries(client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def _fill(cast, count: int) -> None:
    """More villages in the second work area, each with a head and a site."""
    start = Grid.objects.count()
    rows = [GridRow(f"V{number}", f"村{number}", "village", SECOND_AREA) for number in range(start, start + count)]
    villages = import_tree(rows=rows, active_from=date(2020, 1, 1), by=BY, at=NOW)
    heads = User.objects.bulk_create(User(name=f"支书{village.code}") for village in villages)
    Post.objects.bulk_create(
        Post(user=head, role=Role.VILLAGE_HEAD, grid=village, starts_on=TODAY)
        for head, village in zip(heads, villages, strict=True)
    )
    Source.objects.bulk_create(
        Source(code=f"S-{village.code}", name="厂", category="industry", grid=village) for village in villages
    )


def test_an_administrator_renames_levels_and_adds_one_below_the_deepest(cast):
    client = cast.client("admin")
    assert client.post("/admin/grids/gridlevel/2/change/", {"name": "片区"}).status_code == 302
    assert client.post("/admin/grids/gridlevel/add/", {"rank": "4", "name": "微网格"}).status_code == 302
    answer = client.post("/admin/grids/gridlevel/add/", {"rank": "7", "name": "太深"})
    assert "只能在第 4 级之下再加一级" in answer.content.decode()
    assert dict(GridLevel.objects.values_list("rank", "name"))[2] == "片区"
    assert GridLevel.objects.count() == 5


@pytest.mark.parametrize("who", ["town", "townhead", "leader", "stranger", "audit", "water"])
def test_levels_are_for_those_who_keep_the_tree(cast, who):
    answer = cast.client(who).get("/admin/grids/gridlevel/")
    assert answer.status_code in (302, 403)
    assert cast.client("admin").get("/admin/grids/gridlevel/").status_code == 200
