import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from kernel.models import Counter, RememberedAnswer
from kernel.numbering import next_number
from kernel.refusal import Refused
from kernel.rest import IdempotentMixin, forget_old_answers
from tests.processes import BACKENDS, scratch_database

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class Numbers(IdempotentMixin, APIView):
    """Draws a number with every POST, then does what the body says."""

    authentication_classes = permission_classes = throttle_classes = ()

    def post(self, request, **kwargs):
        with transaction.atomic():
            number = next_number("WT", "20261123")
            match request.data.get("then"):
                case "refuse":
                    raise Refused(f"第 {number} 号不能登记。")
                case "invalid":
                    raise ValidationError({"title": ["太长"]})
                case "crash":
                    raise ZeroDivisionError
        return Response({"z": number, "a": "登记"}, status=201)


@pytest.fixture
def people(db):
    return [get_user_model().objects.create(name=name) for name in ("甲", "乙")]


def post(user, data, key="k1", path="/numbers/", kind="json"):
    headers = {} if key is None else {"Idempotency-Key": key}
    request = APIRequestFactory().post(path, data, format=kind, headers=headers)
    force_authenticate(request, user)
    return Numbers.as_view()(request).render()


def drawn() -> int:
    return Counter.objects.filter(series="WT").values_list("value", flat=True).first() or 0


def test_the_same_key_gives_the_same_answer_to_the_letter_and_does_nothing_again(people):
    first, second = post(people[0], {"then": "work"}), post(people[0], {"then": "work"})
    assert (first.status_code, json.loads(first.content)) == (201, {"z": 1, "a": "登记"})
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert drawn() == 1


def test_without_a_key_every_post_is_done(people):
    assert [json.loads(post(people[0], {}, key=None).content)["z"] for _ in range(2)] == [1, 2]


def test_another_key_is_another_request(people):
    assert [json.loads(post(people[0], {}, key=key).content)["z"] for key in ("k1", "k2")] == [1, 2]


def test_the_key_of_one_person_is_not_that_of_another(people):
    assert [json.loads(post(person, {}).content)["z"] for person in people] == [1, 2]


def test_the_order_of_the_fields_does_not_matter(people):
    post(people[0], {"a": 1, "b": [1, 2]})
    assert post(people[0], {"b": [1, 2], "a": 1}).status_code == 201
    assert drawn() == 1


@pytest.mark.parametrize(("data", "path"), [({"a": 2}, "/numbers/"), ({"a": 1}, "/others/")])
def test_a_key_used_for_another_request_is_refused(people, data, path):
    post(people[0], {"a": 1})
    answer = post(people[0], data, path=path)
    body = json.loads(answer.content)
    assert (answer.status_code, body["code"]) == (409, "key_reused")
    assert body["detail"] == "此 Idempotency-Key 已用于另一请求，请换一个新的。"
    assert drawn() == 1


def test_files_of_a_form_count_by_their_content(people):
    def send(content: bytes, name: str = "a.jpg"):
        return post(people[0], {"file": SimpleUploadedFile(name, content)}, kind="multipart").status_code

    assert [send(b"1"), send(b"1", "b.jpg"), send(b"2")] == [201, 201, 409]
    assert drawn() == 1


def test_a_refusal_is_remembered_and_leaves_nothing_behind(people):
    first, second = post(people[0], {"then": "refuse"}), post(people[0], {"then": "refuse"})
    assert json.loads(first.content)["detail"] == "第 1 号不能登记。"
    assert (second.status_code, second.content) == (409, first.content)
    assert second["Content-Type"] == "application/problem+json"
    assert drawn() == 0


def test_a_body_that_was_wrong_may_be_mended_under_the_same_key(people):
    assert [post(people[0], {"then": then}).status_code for then in ("invalid", "invalid", "work")] == [422, 422, 201]
    assert drawn() == 1


def test_a_crash_is_not_remembered(people):
    with pytest.raises(ZeroDivisionError):
        post(people[0], {"then": "crash"})
    assert RememberedAnswer.objects.count() == 0
    assert drawn() == 0


@pytest.mark.parametrize("key", ["", "k" * 81, "a b", "键"])
def test_a_key_of_another_shape_is_refused(people, key):
    request = APIRequestFactory().post("/numbers/", {}, format="json", HTTP_IDEMPOTENCY_KEY=key)
    force_authenticate(request, people[0])
    answer = Numbers.as_view()(request).render()
    assert (answer.status_code, list(json.loads(answer.content)["errors"])) == (422, ["Idempotency-Key"])


def test_after_72_hours_the_key_is_free_again(people):
    with time_machine.travel(AT, tick=False):
        post(people[0], {})
    with time_machine.travel(AT + timedelta(hours=71, minutes=59), tick=False):
        assert json.loads(post(people[0], {}).content)["z"] == 1
    with time_machine.travel(AT + timedelta(hours=72), tick=False):
        assert json.loads(post(people[0], {}).content)["z"] == 2


def test_old_answers_are_forgotten(people):
    for hours, key in ((0, "old"), (1, "young")):
        with time_machine.travel(AT + timedelta(hours=hours), tick=False):
            post(people[0], {}, key=key)
    assert forget_old_answers(AT + timedelta(hours=72)) == 1
    assert list(RememberedAnswer.objects.values_list("key", flat=True)) == ["young"]


def make_person() -> int:
    return get_user_model().objects.create(name="甲").pk


def post_many(_index: int, user_id: int, times: int) -> list:
    user = get_user_model().objects.get(pk=user_id)
    answers = [post(user, {"turn": turn}, key=f"key-{turn}") for turn in range(times)]
    return [[answer.status_code, answer.content.decode()] for answer in answers]


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_four_clients_with_the_same_keys_at_once_do_each_thing_once_and_hear_the_same(backend):
    with scratch_database(backend) as database:
        user_id = database.run(make_person)
        answers = database.run_together(post_many, count=4, arguments=(user_id, 50))
        assert database.run(drawn) == 50
    assert all(one == other for one, other in pairwise(answers))
