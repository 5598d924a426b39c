"""Photos of a case: taken in before the act, linked to the step of the act, sent later by a phone with a bad signal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import File
from django.db import transaction
from django.utils.timezone import localtime

from cases.choices import PhotoKind
from cases.models import Case, CasePhoto, Step
from grids.models import Grid
from grids.scope import Scope
from kernel.images import accept_photo
from kernel.models import Photo
from kernel.refusal import Refused

MOST_PHOTOS = 9
# A form is finished the same day or never; a week leaves time for a phone that was lost and found.
ABANDONED_AFTER = timedelta(days=7)
_AT_A_TIME = 1_000

_KIND_OF_ACTION = {
    "finish": PhotoKind.AFTER,
    "submit": PhotoKind.AFTER,
    "pass_check": PhotoKind.CHECK,
    "fail_check": PhotoKind.CHECK,
    "verify_true": PhotoKind.SCENE,
    "verify_false": PhotoKind.SCENE,
    "report": PhotoKind.SCENE,
    "register": PhotoKind.SCENE,
}


@dataclass(frozen=True)
class AnnouncedPhoto:
    """A photo that a phone will send after the text."""

    client_id: uuid.UUID
    sha256: str
    taken_at: datetime | None = None


def take_in(uploads: Iterable[File], *, grid: Grid, by: Scope, at: datetime) -> list[Photo]:
    """Check, turn, shrink and watermark uploads, before and outside the transaction of the act."""
    files = list(uploads)
    if len(files) > MOST_PHOTOS:
        raise Refused(f"一次最多上传 {MOST_PHOTOS} 张照片，现有 {len(files)} 张，请减少。", code="too_many_photos")
    mark = watermark_of(grid, by, at)
    return [accept_photo(upload=file, client_id=None, taken_at=None, watermark=mark, by=by, at=at) for file in files]


@dataclass(frozen=True)
class Intake:
    """What came of some files: the photos kept, and a sentence for each file that was not."""

    photos: list[Photo]
    sentences: list[str]


def take_in_each(uploads: Iterable[File], *, room: int, grid: Grid, by: Scope, at: datetime) -> Intake:
    """Like `take_in`, but a file that is no photo does not cost the others; at most `room` files are looked at."""
    files, photos, sentences = list(uploads), [], []
    for place, file in enumerate(files[:room], start=1):
        try:
            photos += take_in([file], grid=grid, by=by, at=at)
        except Refused as refused:
            sentences.append(f"第 {place} 张没有收下：{refused.sentence}")
    if len(files) > room:
        sentences.append(f"最多 {MOST_PHOTOS} 张照片，多出的 {len(files) - room} 张没有收下。")
    return Intake(photos, sentences)


def recall(
    uuids: Iterable[str], *, by: Scope, client_id: uuid.UUID | None = None, grid: Grid | None = None
) -> list[Photo]:
    """Photos that this person sent with a form that was not complete, so that they need not be sent again.

    What became part of a case is not among them, but for the case filed under `client_id`: the same form sent twice.
    With `grid` only those that bear its name: a photo cannot be moved to another place than its watermark tells.
    """
    wanted = [text for text in uuids if _is_uuid(text)]
    used = CasePhoto.objects.filter(photo__uuid__in=wanted)
    if client_id is not None:
        used = used.exclude(case__client_id=client_id)
    mine = Photo.objects.filter(uuid__in=wanted, uploaded_by_id=by.user_id).exclude(pk__in=used.values("photo_id"))
    if grid is not None:
        mine = mine.filter(watermark__contains=f"\n{grid.path or grid.name}\n")
    return list(mine.order_by("id"))


def as_taken_at(grid: Grid, photos: Iterable[Photo], *, by: Scope) -> list[Photo]:
    """`photos` for a matter in `grid`: one whose watermark tells another place is developed anew from its original."""
    return [photo if photo.watermark == _mark(photo, grid, by) else _developed(photo, grid, by) for photo in photos]


def _mark(photo: Photo, grid: Grid, by: Scope) -> str:
    return watermark_of(grid, by, photo.received_at)[:200]


def _developed(photo: Photo, grid: Grid, by: Scope) -> Photo:
    with photo.original.open("rb") as original:
        return accept_photo(
            upload=original,
            client_id=None,
            taken_at=photo.taken_at,
            watermark=_mark(photo, grid, by),
            by=by,
            at=photo.received_at,
        )


def uuids_of(photos: Iterable[Photo]) -> tuple[str, ...]:
    """The numbers by which `recall` finds them again."""
    return tuple(str(photo.uuid) for photo in photos)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def watermark_of(grid: Grid, by: Scope, at: datetime) -> str:
    """Time, grid and name, all checked by the server; a phone's own text is never burned in."""
    return f"{localtime(at):%Y-%m-%d %H:%M}\n{grid.path or grid.name}\n{by.name}"


def attach(step: Step, action: str, photos: Iterable[Photo | AnnouncedPhoto]) -> None:
    """Link photos, received or announced, to the step of the act that they belong to."""
    kind = _KIND_OF_ACTION.get(action, PhotoKind.PROOF)
    rows = [_row(step, kind, photo) for photo in photos]
    if rows:
        CasePhoto.objects.bulk_create(rows)


def _row(step: Step, kind: PhotoKind, photo: Photo | AnnouncedPhoto) -> CasePhoto:
    if isinstance(photo, Photo):
        return CasePhoto(
            case_id=step.case_id,
            step=step,
            kind=kind,
            photo=photo,
            client_id=photo.client_id or photo.uuid,
            sha256=photo.sha256,
            taken_at=photo.taken_at,
        )
    return CasePhoto(
        case_id=step.case_id,
        step=step,
        kind=kind,
        client_id=photo.client_id,
        sha256=photo.sha256,
        taken_at=photo.taken_at,
    )


def receive_photo(case: Case, client_id: uuid.UUID, upload: File, *, by: Scope, at: datetime) -> CasePhoto:
    """Fill in a photo that this person announced. Sending it again changes nothing; other content is refused."""
    slot = case.photos.filter(client_id=client_id, step__by_id=by.user_id).select_related("step").first()
    if slot is None:
        raise Refused("没有登记这张照片，请先上报文字内容。", code="unknown_photo")
    photo = accept_photo(
        upload=upload,
        client_id=client_id,
        sha256=slot.sha256,
        taken_at=slot.taken_at,
        watermark=watermark_of(case.grid, by, slot.step.at),
        by=by,
        at=at,
    )
    with transaction.atomic():
        CasePhoto.objects.filter(pk=slot.pk, photo__isnull=True).update(photo=photo, sha256=photo.sha256)
    slot.refresh_from_db()
    return slot


def missing_photos(case: Case) -> list[str]:
    """The phone's numbers of announced photos that have not arrived."""
    rows = case.photos.filter(photo__isnull=True).values_list("client_id", flat=True)
    return [str(client_id) for client_id in rows]


def announced(photos: Iterable[Photo | AnnouncedPhoto]) -> list[str]:
    """Of photos that were attached this moment, the phone's numbers of those that have not arrived."""
    return [str(photo.client_id) for photo in photos if isinstance(photo, AnnouncedPhoto)]


def forget_abandoned(*, at: datetime) -> int:
    """Delete photos that were sent with a form nobody finished; returns how many. What belongs to a case stays."""
    linked = CasePhoto.objects.filter(photo__isnull=False).values("photo_id")
    abandoned = list(Photo.objects.filter(received_at__lt=at - ABANDONED_AFTER).exclude(pk__in=linked)[:_AT_A_TIME])
    for photo in abandoned:
        photo.delete()
        for file in (photo.original, photo.shown, photo.thumbnail):
            file.delete(save=False)
    return len(abandoned)
