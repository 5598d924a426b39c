"""The doors by which people and phones send something in, and what they are told when it is not taken."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.pages import Page


@dataclass(frozen=True)
class Told:
    """The answer of a door: its status, what it says is wrong, and the whole of it."""

    status: int
    sentence: str
    text: str


def body_of(response: HttpResponse) -> bytes:
    """All of an answer. A file that is read to its end is closed as the test client closes things: connections stay."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def told_by(response: HttpResponse) -> Told:
    text = response.content.decode()
    if response["Content-Type"].startswith("application/"):
        return Told(response.status_code, json.loads(text).get("detail", ""), text)
    return Told(response.status_code, " ".join(Page(text).complaints), text)


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


class Reporter:
    """Reports one matter, each time as a new one, by the door of its name."""

    def __init__(self, client: Client, matter: dict[str, object]) -> None:
        self._client = client
        self._matter = matter

    def by_desk(self, photos: Sequence[bytes] = (), **changes: object) -> Told:
        return self._by_page("/cases/new/", photos, changes)

    def by_phone(self, photos: Sequence[bytes] = (), **changes: object) -> Told:
        return self._by_page("/field/report/", photos, changes)

    def by_api(self, **changes: object) -> Told:
        return told_by(self._client.post("/api/v1/cases/", self._fresh(changes), content_type="application/json"))

    def _by_page(self, path: str, photos: Sequence[bytes], changes: dict[str, object]) -> Told:
        files = {"photos": [upload(content) for content in photos]}
        return told_by(self._client.post(path, {**self._fresh(changes), **files}))

    def _fresh(self, changes: dict[str, object]) -> dict[str, object]:
        return {**self._matter, "client_id": str(uuid.uuid4()), **changes}
