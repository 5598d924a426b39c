"""What people are told: the inbox at once, outside channels where there are any."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Delivery, Notice, User

MAILED = "smtp://127.0.0.1:25"


@pytest.fixture
def people(cast):
    User.objects.filter(username__in=["town", "area"]).update(email="someone@example.org")
    return [User.objects.get(username=name) for name in ("town", "area", "member")]


def writes(queries) -> int:
    return sum(query["sql"].startswith("INSERT") for query in queries.captured_queries)


def test_each_person_is_told_once(people, now):
    town, area, _ = people
    made = services.notify(
        users=iter([town, area, town]), subject="办件到您手上", body="请签收", url="/cases/1/", at=now
    )
    told = Notice.objects.order_by("id").values_list("recipient", "subject", "body", "url", "urgent", "created_at")
    assert list(told) == [(user.pk, "办件到您手上", "请签收", "/cases/1/", False, now) for user in (town, area)]
    assert [notice.pk for notice in made] == list(Notice.objects.order_by("id").values_list("pk", flat=True))


def test_nobody_to_tell_costs_nothing(db, now, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert services.notify(users=[], subject="无人", at=now) == []


@pytest.mark.parametrize("number", [1, 3, 100])
def test_however_many_are_told_it_takes_two_statements(db, settings, now, number):
    settings.EMAIL_URL = MAILED
    users = User.objects.bulk_create(User(name=f"人{n}", email=f"p{n}@example.org") for n in range(number))
    with CaptureQueriesContext(connection) as queries:
        services.notify(users=users, subject="通知", body="请阅", url="/notices/", at=now)
    assert writes(queries) == 2
    assert (Notice.objects.count(), Delivery.objects.count()) == (number, number)


def test_without_a_mail_server_nothing_waits_for_one(people, settings, now):
    settings.EMAIL_URL = ""
    services.notify(users=people, subject="通知", at=now)
    assert (Notice.objects.count(), Delivery.objects.count()) == (3, 0)


def test_only_who_is_active_and_has_an_address_gets_a_letter(people, settings, now):
    settings.EMAIL_URL = MAILED
    people[1].is_active = False
    services.notify(users=people, subject="通知", at=now)
    assert [d.notice.recipient.username for d in Delivery.objects.all()] == ["town"]


@pytest.mark.parametrize(("urgent", "hours"), [(False, 9), (True, 0)])
def test_a_letter_of_the_night_waits_for_the_morning(people, settings, now, urgent, hours):
    settings.EMAIL_URL = MAILED
    night = now.replace(hour=22)
    services.notify(users=people[:1], subject="通知", urgent=urgent, at=night)
    assert Delivery.objects.get().next_attempt_at == night + timedelta(hours=hours)
    assert Notice.objects.get().created_at == night


def test_overlong_text_is_cut_and_kept_on_one_line(people, now):
    services.notify(users=people[:1], subject="长\r\nBcc: x@example.org " + "题" * 200, body="文" * 100_000, at=now)
    notice = Notice.objects.get()
    assert (len(notice.subject), notice.subject[-1], "\n" in notice.subject) == (120, "…", False)
    assert (len(notice.body), notice.body[-1]) == (500, "…")


@pytest.fixture
def inbox(cast, now):
    """Three notices for the town, one for the stranger."""
    for number, url in enumerate(["/cases/1/", "", "https://evil.example/"]):
        services.notify(users=[cast.town], subject=f"消息{number}", url=url, at=now + timedelta(minutes=number))
    services.notify(users=[cast.stranger], subject="武台的消息", at=now)
    return list(Notice.objects.filter(recipient=cast.town).order_by("id"))


def unread(cast, name: str) -> list[str]:
    return [n.subject for n in Notice.objects.visible_to(cast.scope(name)).unread().order_by("id")]


def test_the_inbox_shows_ones_own_newest_first(cast, inbox):
    page = cast.client("town").get("/notices/").context["page"]
    assert [notice.subject for notice in page] == ["消息2", "消息1", "消息0"]


def test_an_empty_inbox_says_so(cast):
    assert "还没有消息。" in cast.client("town").get("/notices/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_inbox_costs_the_same_however_long(cast, now, number, django_assert_num_queries):
    for n in range(number):
        services.notify(users=[cast.town], subject=f"消息{n}", at=now)
    client = cast.client("town")
    client.get("/notices/")
    # Session, person, posts, unread, how many, the rows.
    with django_assert_num_queries(6):
        client.get("/notices/")


def test_opening_a_notice_reads_it_and_leads_on(cast, inbox):
    client = cast.client("town")
    answers = [client.post(f"/notices/{notice.pk}/open/").url for notice in inbox]
    assert answers == ["/cases/1/", "/notices/", "/notices/"]
    assert unread(cast, "town") == []


def test_a_notice_is_read_once(cast, inbox, now):
    services.mark_read(notice=inbox[0], at=now)
    services.mark_read(notice=inbox[0], at=now + timedelta(days=1))
    assert Notice.objects.get(pk=inbox[0].pk).read_at == now


def test_reading_one_leaves_the_others(cast, inbox):
    assert cast.client("town").post(f"/notices/{inbox[1].pk}/read/").url == "/notices/"
    assert unread(cast, "town") == ["消息0", "消息2"]


def test_reading_all_leaves_those_of_others(cast, inbox):
    assert cast.client("town").post("/notices/read/").url == "/notices/"
    assert (unread(cast, "town"), unread(cast, "stranger")) == ([], ["武台的消息"])


def test_the_inbox_of_another_does_not_exist(cast, inbox):
    client = cast.client("stranger")
    assert [client.post(f"/notices/{inbox[0].pk}/{act}/").status_code for act in ("open", "read")] == [404, 404]
    assert unread(cast, "town") == ["消息0", "消息1", "消息2"]
    assert "消息0" not in client.get("/notices/").content.decode()


@pytest.mark.parametrize("number", ["0", "99", "x"])
def test_a_page_that_does_not_exist_is_the_nearest_one(cast, inbox, number):
    assert cast.client("town").get(f"/notices/?page={number}").status_code == 200
