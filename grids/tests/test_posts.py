"""Appoint, end, sponsor: terms are half-open, and nobody gives what is not theirs to give."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from accounts.roles import Role
from conftest import AREA, COUNTY, NOW, OTHER_TOWN, TODAY, TOWN, VILLAGE
from grids.choices import SponsorClass
from grids.models import Post, Sponsorship
from grids.scope import scope_for, system_scope
from grids.services import appoint, end_post, end_sponsorship, retire_grid, sponsor
from kernel.models import AuditEntry
from kernel.refusal import Refused

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def newcomer(db) -> User:
    return User.objects.create(username="newcomer", name="新来的")


@pytest.fixture
def office(cast):
    return cast.scope("county")


def test_a_post_counts_from_its_first_day_and_not_on_its_last(cast, office, newcomer):
    appoint(
        user=newcomer, role=Role.TOWN_OFFICE, grid=cast.grid(TOWN), starts_on=TODAY, ends_on=TOMORROW, by=office, at=NOW
    )
    assert [scope_for(newcomer, day).has_post for day in (YESTERDAY, TODAY, TOMORROW)] == [False, True, False]


def test_ending_a_post_ends_the_scope_the_same_day(cast, office):
    post = Post.objects.get(user=cast.member)
    end_post(post=post, ends_on=TODAY, by=office, at=NOW)
    assert scope_for(cast.member, YESTERDAY).has_post
    assert not scope_for(cast.member, TODAY).has_post
    assert list(AuditEntry.objects.values_list("verb", "subject")) == [("post.end", f"user:{cast.member.pk}")]


def test_a_post_ended_once_is_not_ended_later_and_not_before_it_began(cast, office):
    post = Post.objects.get(user=cast.member)
    with pytest.raises(Refused, match="离任日期须晚于任职日期"):
        end_post(post=post, ends_on=post.starts_on, by=office, at=NOW)
    end_post(post=post, ends_on=TODAY, by=office, at=NOW)
    with pytest.raises(Refused, match="该任职已于 2026-11-23 结束"):
        end_post(post=post, ends_on=TOMORROW, by=office, at=NOW)


@pytest.mark.parametrize(
    ("role", "grid", "department", "sentence"),
    [
        (Role.TOWN_HEAD, VILLAGE, None, "“镇网格长”须在第 1 级网格（镇（街道、开发区））任职。"),
        (Role.AREA_HEAD, TOWN, None, "“工作区网格长”须在第 2 级网格（工作区）任职。"),
        (Role.VILLAGE_HEAD, AREA, None, "“村网格长”须在村（社区）任职。"),
        (Role.MEMBER, COUNTY, None, "“网格员”须在县以下的网格任职。"),
        (Role.MEMBER, None, "water", "“网格员”须在一个网格任职，请选择网格。"),
        (Role.COUNTY_OFFICE, TOWN, None, "“县网格办”须在县级网格任职。"),
        (Role.LEADER, None, None, "“县领导”须在一个网格任职，请选择网格。"),
        (Role.DEPT_OFFICER, TOWN, None, "“部门经办人”须在一个部门任职，请选择部门。"),
        (Role.SPONSOR, TOWN, None, "“包保干部”不在网格任职，请用“包保”指定网格。"),
        (Role.AUDITOR, COUNTY, None, "“审计员”不在网格或部门任职，请不要选择。"),
        (Role.EXTERNAL, None, None, "“外部系统”须指定一个网格或一个部门。"),
    ],
)
def test_a_role_is_held_only_where_it_belongs(cast, newcomer, role, grid, department, sentence):
    with pytest.raises(Refused) as refused:
        appoint(
            user=newcomer,
            role=role,
            grid=cast.grid(grid) if grid else None,
            department=cast.departments.get(department),
            starts_on=TODAY,
            by=system_scope(TODAY),
            at=NOW,
        )
    assert refused.value.sentence == sentence


def test_two_heads_of_party_and_government_stand_side_by_side(cast, office, newcomer):
    appoint(
        user=newcomer,
        role=Role.TOWN_HEAD,
        title="党委书记",
        grid=cast.grid(TOWN),
        starts_on=TODAY,
        by=office,
        at=NOW,
    )
    heads = Post.objects.held_on(TODAY).filter(grid__code=TOWN, role=Role.TOWN_HEAD)
    assert sorted(heads.values_list("user__name", flat=True)) == ["仲村镇长", "新来的"]


def test_the_same_post_twice_at_a_time_is_refused(cast, office):
    with pytest.raises(Refused, match="甲一村网格员这段时间已任网格员"):
        appoint(user=cast.member, role=Role.MEMBER, grid=cast.grid(VILLAGE), starts_on=TODAY, by=office, at=NOW)
    end_post(post=Post.objects.get(user=cast.member), ends_on=TODAY, by=office, at=NOW)
    appoint(user=cast.member, role=Role.MEMBER, grid=cast.grid(VILLAGE), starts_on=TODAY, by=office, at=NOW)
    assert Post.objects.filter(user=cast.member).count() == 2


def test_administrators_watch_each_other(cast):
    by = system_scope(TODAY)
    with pytest.raises(Refused, match="三员分立"):
        appoint(user=cast.admin, role=Role.AUDITOR, starts_on=TODAY, by=by, at=NOW)
    end_post(post=Post.objects.get(user=cast.admin), ends_on=TODAY, by=by, at=NOW)
    assert appoint(user=cast.admin, role=Role.AUDITOR, starts_on=TODAY, by=by, at=NOW).role == Role.AUDITOR


def test_nobody_appoints_themselves(cast, office):
    with pytest.raises(Refused, match="不能给自己任职"):
        appoint(user=cast.county, role=Role.LEADER, grid=cast.grid(COUNTY), starts_on=TODAY, by=office, at=NOW)
    with pytest.raises(Refused, match="不能给自己任职"):
        appoint(
            user=cast.admin,
            role=Role.COUNTY_OFFICE,
            grid=cast.grid(COUNTY),
            starts_on=TODAY,
            by=cast.scope("admin"),
            at=NOW,
        )


@pytest.mark.parametrize("who", ["town", "townhead", "area", "member", "stranger", "leader", "assessor", "water"])
def test_posts_are_given_by_the_county_office_and_administrators_alone(cast, newcomer, who):
    with pytest.raises(Refused, match="您的岗位不能调整这里的任职"):
        appoint(user=newcomer, role=Role.MEMBER, grid=cast.grid(VILLAGE), starts_on=TODAY, by=cast.scope(who), at=NOW)
    with pytest.raises(Refused, match="您的岗位不能调整这里的任职"):
        end_post(post=Post.objects.get(user=cast.member), ends_on=TODAY, by=cast.scope(who), at=NOW)


def test_administrators_are_appointed_only_by_those_who_manage_accounts(cast, office, newcomer):
    with pytest.raises(Refused, match="您的岗位不能调整这里的任职"):
        appoint(user=newcomer, role=Role.SYSTEM_ADMIN, starts_on=TODAY, by=office, at=NOW)
    admin = cast.scope("admin")
    assert appoint(user=newcomer, role=Role.SYSTEM_ADMIN, starts_on=TODAY, by=admin, at=NOW).grid is None


def test_a_disabled_person_or_a_retired_grid_takes_no_post(cast, office, newcomer):
    retire_grid(grid=cast.grid(VILLAGE), day=TODAY, by=office, at=NOW)
    with pytest.raises(Refused, match="“仲村甲一村”已于 2026-11-23 停用"):
        appoint(user=newcomer, role=Role.MEMBER, grid=cast.grid(VILLAGE), starts_on=TODAY, by=office, at=NOW)
    newcomer.is_active = False
    newcomer.save()
    with pytest.raises(Refused, match="新来的的账号已停用"):
        appoint(user=newcomer, role=Role.TOWN_OFFICE, grid=cast.grid(TOWN), starts_on=TODAY, by=office, at=NOW)


def test_a_cadre_gets_the_reach_with_the_first_sponsorship(cast, office, newcomer):
    row = sponsor(
        user=newcomer,
        grid=cast.grid(AREA),
        sponsor_class=SponsorClass.DEPT_HEAD,
        starts_on=TODAY,
        by=office,
        at=NOW,
    )
    scope = scope_for(newcomer, TODAY)
    assert (scope.covers(cast.grid(VILLAGE)), scope.covers(cast.grid(TOWN))) == (True, False)
    end_sponsorship(sponsorship=row, ends_on=TOMORROW, by=office, at=NOW)
    assert scope_for(newcomer, TODAY).covers(cast.grid(VILLAGE))
    assert not scope_for(newcomer, TOMORROW).covers(cast.grid(VILLAGE))


def test_one_cadre_sponsors_many_grids_and_one_grid_has_many_cadres(cast, office, newcomer):
    for code in (VILLAGE, OTHER_TOWN):
        sponsor(
            user=newcomer,
            grid=cast.grid(code),
            sponsor_class=SponsorClass.DEPT_STAFF,
            starts_on=TODAY,
            by=office,
            at=NOW,
        )
    assert Post.objects.filter(user=newcomer, role=Role.SPONSOR).count() == 1
    assert Sponsorship.objects.held_on(TODAY).filter(grid__code=VILLAGE).count() == 2
    with pytest.raises(Refused, match="新来的这段时间已包保“仲村甲一村”"):
        sponsor(
            user=newcomer,
            grid=cast.grid(VILLAGE),
            sponsor_class=SponsorClass.DEPT_STAFF,
            starts_on=TOMORROW,
            by=office,
            at=NOW,
        )


def test_sponsors_are_named_by_the_county_office_alone(cast, newcomer):
    for who in ("town", "stranger", "leader"):
        with pytest.raises(Refused, match="您的岗位不能调整这里的任职"):
            sponsor(
                user=newcomer,
                grid=cast.grid(VILLAGE),
                sponsor_class=SponsorClass.DEPT_STAFF,
                starts_on=TODAY,
                by=cast.scope(who),
                at=NOW,
            )
    with pytest.raises(Refused, match="您的岗位不能调整这里的任职"):
        end_sponsorship(sponsorship=Sponsorship.objects.get(), ends_on=TODAY, by=cast.scope("town"), at=NOW)


def test_who_was_responsible_on_a_day_is_exact(cast, office, newcomer):
    post = Post.objects.get(user=cast.member)
    end_post(post=post, ends_on=date(2026, 6, 1), by=office, at=NOW)
    appoint(user=newcomer, role=Role.MEMBER, grid=cast.grid(VILLAGE), starts_on=date(2026, 6, 1), by=office, at=NOW)

    def members(day: date) -> list[str]:
        posts = Post.objects.held_on(day).with_role(Role.MEMBER).filter(grid__code=VILLAGE)
        return list(posts.values_list("user__name", flat=True))

    assert members(date(2026, 5, 31)) == ["甲一村网格员"]
    assert members(date(2026, 6, 1)) == ["新来的"]
