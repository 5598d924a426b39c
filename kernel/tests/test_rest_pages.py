import json
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.test import APIRequestFactory

from kernel.models import AuditEntry
from kernel.rest import CursorPages

AT = datetime(2026, 11, 23, 1, 30, 0, 123456, tzinfo=UTC)


class Entry(serializers.Serializer):
    sequence = serializers.IntegerField()


class Pages(CursorPages):
    ordering = ("-at", "-id")
    orderings = {"actor": ("actor_id", "id"), "-actor": ("-actor_id", "-id"), "verb": ("verb", "-at", "id")}


class Entries(ListAPIView):
    authentication_classes = permission_classes = throttle_classes = filter_backends = ()
    serializer_class = Entry
    pagination_class = Pages
    queryset = AuditEntry.objects.all()


class OldestFirst(Entries):
    pagination_class = type("OldestFirst", (CursorPages,), {"ordering": ("at", "id")})


def write(count: int, **values) -> None:
    first = AuditEntry.objects.count()
    AuditEntry.objects.bulk_create(
        AuditEntry(**({"sequence": first + n, "at": AT, "actor_name": "甲", "verb": "报", "subject": "s"} | values))
        for n in range(1, count + 1)
    )


def fetch(address: str = "/", view=Entries) -> dict:
    answer = view.as_view()(APIRequestFactory().get(address)).render()
    return {"status": answer.status_code} | json.loads(answer.content)


def numbers(page: dict) -> list[int]:
    return [row["sequence"] for row in page["results"]]


def walk(address: str, direction: str = "next") -> list[list[int]]:
    """All pages from `address` on."""
    pages = []
    while address:
        page = fetch(address)
        pages.append(numbers(page))
        address = page[direction]
    return pages


def test_an_empty_list_is_one_empty_page(db):
    assert fetch() == {"status": 200, "next": None, "previous": None, "results": []}


def test_the_last_page_has_no_next_even_when_it_is_full(db):
    write(4)
    assert walk("/?page_size=2") == [[4, 3], [2, 1]]


def test_rows_with_equal_moments_lose_none_and_repeat_none(db):
    write(2500)
    pages = walk("/?page_size=200")
    assert [number for page in pages for number in page] == list(range(2500, 0, -1))


def test_pages_can_be_turned_back(db):
    write(5)
    first = fetch("/?page_size=2")
    third = fetch(fetch(first["next"])["next"])
    second = fetch(third["previous"])
    assert (numbers(third), numbers(second), numbers(fetch(second["previous"]))) == ([1], [3, 2], [5, 4])
    assert fetch(second["previous"])["previous"] is None
    assert numbers(fetch(second["next"])) == [1]


def test_a_row_that_arrives_meanwhile_moves_no_other(db):
    write(4)
    first = fetch("/?page_size=2")
    write(1, at=AT + timedelta(hours=1))
    assert numbers(fetch(first["next"])) == [2, 1]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("actor", [3, 4, 5, 1, 2, 6, 7]),
        ("-actor", [5, 4, 3, 7, 6, 2, 1]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_rows_without_a_value_come_last_both_ways_and_none_is_lost(db, ordering, expected, size):
    write(2, actor_id=None)
    write(2, actor_id=1)
    write(1, actor_id=2)
    write(2, actor_id=None)
    pages = walk(f"/?ordering={ordering}&page_size={size}")
    assert [number for page in pages for number in page] == expected


@pytest.mark.parametrize("ordering", ["actor", "-actor"])
def test_turning_back_through_rows_without_a_value_gives_the_same_pages(db, ordering):
    write(3, actor_id=None)
    write(3, actor_id=1)
    address, forward = f"/?ordering={ordering}&page_size=2", []
    while address:
        page = fetch(address)
        forward.append(numbers(page))
        last, address = page, page["next"]
    assert [*reversed(walk(last["previous"], "previous")), forward[-1]] == forward


def test_three_columns_in_different_directions(db):
    for minute, verb in enumerate("ababa"):
        write(1, verb=verb, at=AT + timedelta(minutes=minute))
    assert walk("/?ordering=verb&page_size=2") == [[5, 3], [1, 4], [2]]


def test_the_other_parameters_stay_in_the_addresses(db):
    write(3)
    assert "page_size=1&state=a&state=b" in fetch("/?page_size=1&state=a&state=b")["next"]


@pytest.mark.parametrize("size", ["0", "-1", "201", "abc", "9" * 5000, "1.5", "²"])
def test_a_page_size_out_of_bounds_is_refused(db, size):
    page = fetch(f"/?page_size={size}")
    assert (page["status"], page["errors"]) == (422, {"page_size": ["每页条数应为 1 到 200 的整数"]})


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "%00", "中", "a:b:c", "." * 3000])
def test_a_made_up_cursor_is_refused(db, cursor):
    write(3)
    page = fetch(f"/?cursor={cursor}")
    assert (page["status"], page["errors"]) == (422, {"cursor": ["翻页位置无效，请从第一页重新读取"]})


def test_a_cursor_of_another_order_or_list_is_refused(db):
    write(3)
    cursor = fetch("/?page_size=1")["next"].split("cursor=")[1].split("&")[0]
    sentence = {"cursor": ["翻页位置与排序方式不符，请从第一页重新读取"]}
    assert fetch(f"/?ordering=actor&cursor={cursor}")["errors"] == sentence
    assert fetch(f"/?cursor={cursor}", view=OldestFirst)["errors"] == sentence


def test_an_unknown_order_is_refused(db):
    assert fetch("/?ordering=hash")["errors"] == {"ordering": ["不能按此排序，可用的值：actor、-actor、verb"]}


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_is_one_query(db, django_assert_num_queries, count):
    write(count)
    with django_assert_num_queries(1):
        fetch()
