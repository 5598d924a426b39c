"""`Idempotency-Key`: the same POST sent twice is done once and answered alike for 72 hours.

Remembered are answers of success and refusals by our rules (409): the contract promises the same answer for the same
key. Not remembered are answers to what was never tried (401, 403, 404, 422, 429 …): nothing was done, so the caller may
mend the body and keep the key. A failure of the program (5xx) is never remembered.

The key's row is written in the same transaction as the work, so that no crash leaves one without the other. Of two
requests at once the second waits for that transaction (unique key on PostgreSQL, write lock on SQLite), then gets the
first one's answer. A view that decodes photos does without this: it holds its own `client_id`, and a transaction that
lasts as long as the decoding would stop every other writer of an SQLite database.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.models import RememberedAnswer
from kernel.refusal import Refused
from kernel.rest.problems import CONTENT_TYPE, problem

KEPT_FOR = timedelta(hours=72)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")

Handler = Callable[..., Response]


class IdempotentMixin:
    """For views of the API: every POST honours `Idempotency-Key`. Stands before the view's own bases."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get("Idempotency-Key")
        handler = getattr(self, "post", None)
        if request.method == "POST" and key is not None and handler is not None:
            # DRF looks the handler up on the instance right after this, once caller and permissions are known.
            self.post = partial(answer_once, key, handler)


def answer_once(key: str, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
    """The answer of `handler`, or the one remembered under `key` for the same request of the same user.

    Refused when the key came with another request before. `Idempotency-Replayed: true` marks a repeated answer.
    """
    if not _KEY.fullmatch(key):
        raise ValidationError({"Idempotency-Key": ["应为 1 到 80 个不含空格的英文、数字或符号"]})
    at, print_of_request = timezone.now(), fingerprint(request)
    with transaction.atomic():
        row = _claim(key, request, print_of_request, at)
        if row.status is not None:
            return _repeat(row, request, print_of_request)
        answer = _answer_of(partial(handler, request, *args, **kwargs))
        row.status, row.body = answer.status_code, _text(answer)
        row.save(update_fields=["status", "body"])
    return answer


def _claim(key: str, request: Request, print_of_request: str, at: datetime) -> RememberedAnswer:
    """The row of `key`: without a status when it is ours to answer. Waits while another request holds it."""
    rows = RememberedAnswer.objects.filter(owner=str(request.user.pk), key=key)
    rows.filter(created_at__lte=at - KEPT_FOR).delete()
    row, _ = rows.get_or_create(
        owner=str(request.user.pk),
        key=key,
        defaults={"path": request.path[:200], "fingerprint": print_of_request, "created_at": at},
    )
    return row


def _answer_of(handler: Callable[[], Response]) -> Response:
    """The handler's answer; a refusal is an answer too, and takes back whatever the handler had begun to write."""
    try:
        with transaction.atomic():
            return handler()
    except Refused as refusal:
        answer = problem(refusal, {})
        if answer is None or answer.status_code != 409:
            raise
        return answer


def _text(answer: Response) -> str:
    return "" if answer.data is None else JSONRenderer().render(answer.data).decode()


def _repeat(row: RememberedAnswer, request: Request, print_of_request: str) -> Response:
    if row.fingerprint != print_of_request or row.path != request.path[:200]:
        raise Refused("此 Idempotency-Key 已用于另一请求，请换一个新的。", code="key_reused")
    body = json.loads(row.body) if row.body else None
    return Response(
        body,
        status=row.status,
        headers={"Idempotency-Replayed": "true"},
        content_type=CONTENT_TYPE if row.status == 409 else None,
    )


def fingerprint(request: Request) -> str:
    """SHA-256 of what the body says: the order of its keys and the boundaries of a form do not matter, files count."""
    content = json.dumps(_plain(request.data), sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(content.encode()).hexdigest()


def _plain(data: Any) -> Any:
    if hasattr(data, "lists"):
        return {name: [_plain(value) for value in values] for name, values in data.lists()}
    if isinstance(data, UploadedFile):
        return _sha256(data)
    return data


def _sha256(file: UploadedFile) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def forget_old_answers(at: datetime) -> int:
    """Delete answers older than 72 hours; how many went."""
    return RememberedAnswer.objects.filter(created_at__lte=at - KEPT_FOR).delete()[0]
