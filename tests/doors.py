"""The doors by which people and phones send something in, and what they are told when it is not taken."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

_VOID = frozenset({"img", "input", "br", "hr", "link", "meta", "use", "path", "source"})
_SAYS = ("field-error", "alert-line", "plain-card")


class Sentences(HTMLParser):
    """The sentences at fields, above a form, and on a page of refusal."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[bool] = []
        self.feed(text)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing is said in an empty element."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append(any(name in (dict(attrs).get("class") or "") for name in _SAYS))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if any(self._open) and data.strip():
            self.found.append(data.strip())


@dataclass(frozen=True)
class Told:
    """The answer of a door: its status, what it says is wrong, and the whole of it."""

    status: int
    sentence: str
    text: str


def told_by(response: HttpResponse) -> Told:
    text = response.content.decode()
    if response["Content-Type"].startswith("application/"):
        return Told(response.status_code, json.loads(text).get("detail", ""), text)
    return Told(response.status_code, " ".join(Sentences(text).found), text)


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
