"""What a person reaches: from the posts of the day, and never more."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.permissions import Permission
from accounts.roles import ROLES, Reach, Role
from conftest import (
    AREA,
    COUNTY,
    FAR_VILLAGE,
    LONG_AGO,
    NEXT_VILLAGE,
    OTHER_AREA,
    OTHER_TOWN,
    OTHER_VILLAGE,
    SECOND_AREA,
    TODAY,
    TOWN,
    VILLAGE,
)
from grids.choices import SponsorClass
from grids.models import Boundary, Grid, GridChange, Post, Source, Sponsorship
from grids.scope import Scope, nobody, officers_of, responsible_for, scope_for, system_scope

ALL = {COUNTY, TOWN, AREA, VILLAGE, NEXT_VILLAGE, SECOND_AREA, FAR_VILLAGE, OTHER_TOWN, OTHER_AREA, OTHER_VILLAGE}
OF_TOWN = {TOWN, AREA, VILLAGE, NEXT_VILLAGE, SECOND_AREA, FAR_VILLAGE}


def covered(scope: Scope, permission: Permission = Permission.GRID_VIEW) -> set[str]:
    return {grid.code for grid in Grid.objects.all() if scope.covers(grid, permission)}


def visible(scope: Scope) -> set[str]:
    return set(Grid.objects.visible_to(scope).values_list("code", flat=True))


@pytest.mark.parametrize(
    ("who", "reach"),
    [
        ("county", ALL),
        ("leader", ALL),
        ("admin", ALL),
        ("assessor", ALL),
        ("water", ALL),
        ("town", OF_TOWN),
        ("townhead", OF_TOWN),
        ("area", {AREA, VILLAGE, NEXT_VILLAGE}),
        ("villagehead", {VILLAGE}),
        ("member", {VILLAGE}),
        ("sponsor", {VILLAGE}),
        ("stranger", {OTHER_TOWN, OTHER_AREA, OTHER_VILLAGE}),
        ("audit", set()),
    ],
)
def test_the_reach_of_a_post(cast, who, reach):
    assert covered(cast.scope(who)) == reach


def test_names_on_the_way_down_are_visible_and_nothing_beside_it(cast):
    assert visible(cast.scope("member")) == {COUNTY, TOWN, AREA, VILLAGE}
    assert visible(cast.scope("stranger")) == {COUNTY, OTHER_TOWN, OTHER_AREA, OTHER_VILLAGE}


def test_nobody_sees_nothing_and_the_clock_sees_all(cast):
    assert visible(nobody(TODAY)) == set()
    assert visible(system_scope(TODAY)) == ALL
    assert covered(system_scope(TODAY), Permission.CASE_CLOSE) == ALL


def test_a_person_without_a_post_sees_nothing(cast):
    scope = scope_for(User.objects.create(name="无职"), TODAY)
    for model in (Grid, Post, Sponsorship, Source, Boundary, GridChange):
        assert list(model.objects.visible_to(scope)) == []
    assert (scope.has_post, scope.title, scope.roles) == (False, "", frozenset())


def test_a_post_that_ended_yesterday_shows_nothing(cast):
    Post.objects.filter(user=cast.town).update(ends_on=TODAY - timedelta(days=1))
    assert visible(cast.scope("town")) == set()


def test_a_post_that_ends_today_is_over_at_midnight(cast):
    Post.objects.filter(user=cast.town).update(ends_on=TODAY)
    assert visible(cast.scope("town", TODAY - timedelta(days=1))) == OF_TOWN | {COUNTY}
    assert visible(cast.scope("town", TODAY)) == set()


def test_a_post_that_begins_tomorrow_shows_nothing_yet(cast):
    Post.objects.filter(user=cast.town).update(starts_on=TODAY + timedelta(days=1))
    assert visible(cast.scope("town")) == set()


def test_a_disabled_person_sees_nothing(cast):
    cast.town.is_active = False
    assert visible(cast.scope("town")) == set()


def test_posts_in_two_places_add_up(cast):
    Post.objects.create(user=cast.member, role=Role.MEMBER, grid=cast.grid(OTHER_VILLAGE), starts_on=LONG_AGO)
    scope = cast.scope("member")
    assert covered(scope) == {VILLAGE, OTHER_VILLAGE}
    assert scope.home_grid_ids == {cast.grid(VILLAGE).pk, cast.grid(OTHER_VILLAGE).pk}


def test_two_posts_lend_each_other_no_permission(cast):
    """Town office at one place and member at another: what the office may do it may do only there."""
    Post.objects.create(user=cast.town, role=Role.MEMBER, grid=cast.grid(OTHER_VILLAGE), starts_on=LONG_AGO)
    scope = cast.scope("town")
    assert covered(scope, Permission.CASE_CLOSE) == OF_TOWN
    assert covered(scope, Permission.CASE_REPORT) == OF_TOWN | {OTHER_VILLAGE}


def test_a_cadre_sees_exactly_the_sponsored_grids_of_the_day(cast):
    Sponsorship.objects.create(
        user=cast.sponsor,
        grid=cast.grid(OTHER_AREA),
        sponsor_class=SponsorClass.COUNTY_LEADER,
        starts_on=LONG_AGO,
        ends_on=TODAY,
    )
    assert covered(cast.scope("sponsor")) == {VILLAGE}
    assert covered(cast.scope("sponsor", TODAY - timedelta(days=1))) == {VILLAGE, OTHER_AREA, OTHER_VILLAGE}


def test_a_sponsored_grid_is_reached_but_is_no_home(cast):
    scope = cast.scope("sponsor")
    assert scope.home_grid_ids == frozenset()
    assert not scope.at_grid(cast.grid(VILLAGE).pk, Permission.CASE_CHECK)


def test_a_cadre_does_not_inherit_the_department(cast):
    Post.objects.filter(user=cast.sponsor).update(department=cast.departments["water"])
    scope = cast.scope("sponsor")
    assert scope.department_ids == frozenset()
    assert not scope.in_department(cast.departments["water"].pk, Permission.CASE_VIEW)


def test_sponsorships_without_the_post_open_nothing(cast):
    Post.objects.filter(user=cast.sponsor).delete()
    assert covered(cast.scope("sponsor")) == set()


def test_a_department_reads_the_tree_and_acts_in_its_own_house(cast):
    scope, water, env = cast.scope("water"), cast.departments["water"], cast.departments["env"]
    assert covered(scope, Permission.CASE_VIEW) == set()
    assert scope.in_department(water.pk, Permission.CASE_HANDLE)
    assert not scope.in_department(env.pk, Permission.CASE_HANDLE)


def test_a_county_post_held_at_a_department_reaches_no_grid(cast):
    user = User.objects.create(name="挂错")
    Post.objects.create(user=user, role=Role.COUNTY_OFFICE, department=cast.departments["water"], starts_on=LONG_AGO)
    assert covered(scope_for(user, TODAY)) == set()


def test_titles_do_not_say_the_kind_of_place_twice(cast):
    assert [cast.scope(who).title for who in ("county", "town", "townhead", "area", "member", "water", "admin")] == [
        "平邑县网格办",
        "仲村镇网格办",
        "仲村镇网格长",
        "仲村甲工作区工作区网格长",
        "仲村甲一村网格员",
        "水利局部门经办人",
        "系统管理员",
    ]


def test_only_assessors_are_masked(cast):
    assert [who for who in cast.users if cast.scope(who).is_masked] == ["assessor"]


def test_building_a_scope_takes_one_query_and_two_with_sponsorships(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        scope_for(cast.town, TODAY)
    with django_assert_num_queries(2):
        scope_for(cast.sponsor, TODAY)


def test_posts_above_are_visible_so_that_one_knows_whom_to_call(cast):
    names = set(Post.objects.visible_to(cast.scope("member")).values_list("user__name", flat=True))
    assert names >= {"甲工作区长", "仲村镇长", "县办科员", "水利经办"}
    assert names.isdisjoint({"乙工作区长", "武台网格办", "武台网格员", "管理员"})


# --- who answers ------------------------------------------------------------------------------------------------------
def test_heads_answer_before_members(cast):
    found = responsible_for(cast.grid(VILLAGE), TODAY)
    assert [user.name for user in found.users] == ["甲一村支书", "甲一村网格员"]
    assert (found.grid.code, found.passed) == (VILLAGE, ())


def test_a_vacant_grid_is_passed_upwards(cast):
    Post.objects.filter(grid__code__in=[VILLAGE, AREA]).update(ends_on=TODAY)
    found = responsible_for(cast.grid(VILLAGE), TODAY)
    assert [user.name for user in found.users] == ["仲村镇长", "仲村网格办"]
    assert ([grid.code for grid in found.passed], found.grid.code) == ([VILLAGE, AREA], TOWN)


def test_a_disabled_person_does_not_answer(cast):
    User.objects.filter(pk=cast.villagehead.pk).update(is_active=False)
    assert [user.name for user in responsible_for(cast.grid(VILLAGE), TODAY).users] == ["甲一村网格员"]


def test_a_tree_without_anybody_answers_with_nobody(cast):
    Post.objects.all().update(ends_on=TODAY)
    found = responsible_for(cast.grid(VILLAGE), TODAY)
    assert (found.grid, found.users) == (None, ())
    assert [grid.code for grid in found.passed] == [VILLAGE, AREA, TOWN, COUNTY]


def test_who_answers_is_asked_in_one_query(cast, django_assert_num_queries):
    grid = cast.grid(VILLAGE)
    with django_assert_num_queries(1):
        responsible_for(grid, TODAY)


def test_who_answers_for_a_vacant_grid_is_asked_in_three_queries(cast, django_assert_num_queries):
    grid = cast.grid(VILLAGE)
    Post.objects.filter(grid__code__in=[VILLAGE, AREA]).delete()
    with django_assert_num_queries(3):
        found = responsible_for(grid, TODAY)
    assert found.grid == cast.grid(TOWN)


def test_a_scope_sees_the_very_grids_that_a_list_would_show(cast):
    for username in cast.users:
        scope = cast.scope(username)
        assert {grid.code for grid in Grid.objects.all() if scope.sees(grid)} == visible(scope), username


def test_the_grids_of_a_post_are_asked_for_only_where_there_are_some_below_a_town(cast, django_assert_num_queries):
    reached = {
        "county": (set(), 0),
        "town": (OF_TOWN, 1),
        "area": ({AREA, VILLAGE, NEXT_VILLAGE}, 1),
        "member": ({VILLAGE}, 0),
        "water": (set(), 0),
    }
    for username, (codes, queries) in reached.items():
        [holding] = cast.scope(username).holdings
        with django_assert_num_queries(queries):
            keys = holding.grid_ids
        assert set(Grid.objects.filter(pk__in=keys).values_list("code", flat=True)) == codes


def test_officers_of_a_department(cast):
    water = cast.departments["water"]
    assert [user.name for user in officers_of(water, TODAY, Role.DEPT_HEAD)] == ["水利局长"]
    assert {user.name for user in officers_of(water, TODAY)} == {"水利经办", "水利局长"}


# --- never wider ------------------------------------------------------------------------------------------------------
POSTS = st.lists(
    st.tuples(
        st.sampled_from([role for role in Role if ROLES[role].reach in (Reach.SUBTREE, Reach.COUNTY)]),
        st.sampled_from(sorted(ALL)),
        st.integers(-3, 3),
        st.one_of(st.none(), st.integers(-2, 4)),
    ),
    max_size=4,
    unique_by=lambda post: post[:3],
)


@given(posts=POSTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_scope_never_reaches_beyond_the_subtrees_of_the_posts_held_that_day(cast, posts):
    user = User.objects.create(name="任意")
    allowed: dict[Permission, set[str]] = {}
    for role, code, start, length in posts:
        starts_on = TODAY + timedelta(days=start)
        ends_on = None if length is None else starts_on + timedelta(days=max(length, 1))
        Post.objects.create(user=user, role=role, grid=cast.grid(code), starts_on=starts_on, ends_on=ends_on)
        if starts_on <= TODAY and (ends_on is None or ends_on > TODAY):
            below = {grid.code for grid in Grid.objects.all() if _is_under(grid, code)}
            for permission in ROLES[role].permissions:
                allowed.setdefault(permission, set()).update(below)
    scope = scope_for(user, TODAY)
    for permission in Permission:
        assert covered(scope, permission) == allowed.get(permission, set())
        assert set(Grid.objects.within(scope, permission).values_list("code", flat=True)) == allowed.get(
            permission, set()
        )
    Post.objects.filter(user=user).delete()
    user.delete()


def _is_under(grid: Grid, code: str) -> bool:
    """By the parents alone: what the nested set says is not asked."""
    while grid is not None:
        if grid.code == code:
            return True
        grid = grid.parent
    return False
