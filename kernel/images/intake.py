"""Taking a photo in: checked, developed, its files written, then its row."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction

from kernel.audit import Actor
from kernel.images.darkroom import Developed, develop
from kernel.images.kinds import HEAD, extension_of
from kernel.models import Photo
from kernel.refusal import Refused

MOST_BYTES = 20 * 1024 * 1024
# A phone's clock may be a little ahead of ours; a photo older than this shows a matter of the past or a lost clock.
_CLOCK_ERROR = timedelta(minutes=5)
_OLDEST = timedelta(days=3653)


def accept_photo(
    *,
    upload: File,
    client_id: UUID | None,
    taken_at: datetime | None,
    watermark: str,
    by: Actor,
    at: datetime,
    sha256: str = "",
) -> Photo:
    """Keep `upload` and return its row. The same `client_id` with the same bytes returns the row that is there.

    `taken_at` is what the phone says; without it the camera's own time is taken, and a time in the future or more than
    ten years ago is dropped. `watermark` is burned into the shown copy, a line of text per line. `sha256` is the hash
    that the phone announced, if it did.

    Refused, before anything is kept, for whatever is no photo, is damaged or too large, differs from the announced
    hash, or has other content than was received under its `client_id`.

    Call it before the transaction of the act that the photo belongs to: decoding takes a good part of a second. Files
    are written before the row: a row without its file would be a hole in the evidence, while a file without a row
    (the process died in between, an outer transaction was rolled back) only takes space.
    """
    extension = _checked_extension(upload)
    found = _sha256_of(upload)
    if sha256 and sha256.lower() != found:
        raise Refused("照片内容与登记的不一致，请重新选择照片。", code="photo_differs")
    known = _known(client_id, found, by)
    if known is not None:
        return known
    developed = develop(upload, watermark)
    photo = Photo(
        client_id=client_id,
        sha256=found,
        extension=extension,
        width=developed.width,
        height=developed.height,
        exif=developed.exif,
        taken_at=_plausible(taken_at, at) or _plausible(developed.taken_at, at),
        received_at=at,
        watermark=watermark[:200],
        uploaded_by_id=by.user_id,
    )
    return _keep(photo, upload, developed, by)


def _checked_extension(upload: File) -> str:
    if upload.size > MOST_BYTES:
        size = upload.size / 1024 / 1024
        raise Refused(
            f"照片 {size:.1f} MB，超过 20 MB 的上限。请在相机设置中调低分辨率后重新拍摄。", code="too_many_bytes"
        )
    upload.seek(0)
    return extension_of(upload.read(HEAD))


def _sha256_of(upload: File) -> str:
    found = hashlib.sha256()
    for chunk in upload.chunks():
        found.update(chunk)
    return found.hexdigest()


def _known(client_id: UUID | None, sha256: str, by: Actor) -> Photo | None:
    """The photo that came under this number before, if it is the same one of the same person."""
    if client_id is None:
        return None
    photo = Photo.objects.filter(client_id=client_id).first()
    if photo is None:
        return None
    if photo.sha256 != sha256 or photo.uploaded_by_id != by.user_id:
        raise Refused("这个编号下已有另一张照片，请作为新照片上传。", code="photo_differs")
    return photo


def _plausible(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and at - _OLDEST <= moment <= at + _CLOCK_ERROR else None


def _keep(photo: Photo, upload: File, developed: Developed, by: Actor) -> Photo:
    with ExitStack() as written:
        upload.seek(0)
        for field, content in (
            (photo.original, upload),
            (photo.shown, ContentFile(developed.shown)),
            (photo.thumbnail, ContentFile(developed.thumbnail)),
        ):
            field.save("photo", content, save=False)
            written.callback(field.delete, save=False)
        try:
            with transaction.atomic():
                photo.save(force_insert=True)
        except IntegrityError:
            # The same photo came twice at once and the other one was first; ours is taken away again.
            first = _known(photo.client_id, photo.sha256, by)
            if first is None:
                raise
            return first
        written.pop_all()
    return photo
