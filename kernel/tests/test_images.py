import hashlib
import io
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import TemporaryUploadedFile
from PIL import Image

from kernel.images import accept_photo
from kernel.images.darkroom import develop
from kernel.models import Photo
from kernel.refusal import Refused
from kernel.tests.pictures import encoded, exif, picture, upload
from tests.processes import BACKENDS, scratch_database

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PHONE = UUID("6f1e1d9a-0000-4000-8000-000000000001")
MARK = "2026-11-23 09:30\n仲村镇/东工作区/东阳堌村\n张三"


@dataclass(frozen=True)
class Person:
    user_id: int | None = None
    name: str = "张三"
    address: str = ""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def accept(file=None, **values) -> Photo:
    given = {"client_id": None, "taken_at": None, "watermark": "", "by": Person(), "at": AT}
    return accept_photo(upload=file or upload(), **(given | values))


def refusal_of(content: bytes, name: str = "现场.jpg") -> str:
    with pytest.raises(Refused) as caught:
        accept(upload(content, name))
    return caught.value.sentence


def bytes_of(field) -> bytes:
    with field.open() as file:
        return file.read()


def opened(field) -> Image.Image:
    return Image.open(io.BytesIO(bytes_of(field)))


def files_under(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.rglob("*") if path.is_file())


# --- what is kept -------------------------------------------------------------------------------------------------
def test_the_original_is_kept_to_the_byte_with_its_hash(db):
    content = encoded(exif=exif(gps=True))
    photo = accept(upload(content))
    assert bytes_of(photo.original) == content
    assert photo.sha256 == hashlib.sha256(content).hexdigest()
    assert photo.original.name == f"private/2026/11/23/{photo.uuid}.jpg"


def test_a_large_upload_that_waits_on_disk_is_kept_too(db):
    content = encoded()
    file = TemporaryUploadedFile("现场.jpg", "image/jpeg", len(content), None)
    file.write(content)
    photo = accept(file)
    file.close()
    assert bytes_of(photo.original) == content


def test_the_shown_copy_and_the_thumbnail_are_small_progressive_jpegs(db):
    photo = accept(upload(encoded(picture(4000, 3000))))
    shown, thumbnail = opened(photo.shown), opened(photo.thumbnail)
    assert (shown.format, shown.size, shown.info["progressive"]) == ("JPEG", (1600, 1200), 1)
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (320, 240))
    assert (photo.width, photo.height) == (4000, 3000)


def test_a_small_picture_is_not_enlarged(db):
    photo = accept(upload(encoded(picture(200, 100))))
    assert (opened(photo.shown).size, opened(photo.thumbnail).size) == ((200, 100), (200, 100))


def test_a_strip_of_one_pixel_is_shown(db):
    assert opened(accept(upload(encoded(picture(5000, 1)))).thumbnail).size == (320, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_shown_upright_however_the_camera_was_held(db, orientation):
    # How a camera held so writes an upright scene down, from the table of the EXIF standard (tag 274).
    written = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = picture(400, 300)
    as_written = upright.transpose(written[orientation]) if orientation in written else upright
    photo = accept(upload(encoded(as_written, exif=exif(orientation=orientation), quality=95)))
    assert (photo.width, photo.height) == (400, 300)
    red, _, blue = opened(photo.shown).getpixel((20, 20))
    assert red > 180 > blue


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("LA", "PNG"),
        ("I;16", "PNG"),
        ("RGB", "WEBP"),
        ("RGBA", "WEBP"),
    ],
)
def test_every_colour_mode_is_shown(db, mode, kind):
    image = picture(400, 300, "I").convert("I;16") if mode == "I;16" else picture(400, 300, mode)
    photo = accept(upload(encoded(image, kind)))
    assert (opened(photo.shown).mode, photo.extension) == ("RGB", {"JPEG": "jpg"}.get(kind, kind.lower()))


def test_transparent_parts_are_white(db):
    photo = accept(upload(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")))
    assert opened(photo.shown).getpixel((25, 25)) == (255, 255, 255)


def test_the_name_and_type_that_the_sender_claims_count_for_nothing(db):
    assert accept(upload(encoded(kind="PNG"), name="../../etc/passwd.exe")).extension == "png"


# --- what the camera wrote ----------------------------------------------------------------------------------------
def test_exif_is_kept_privately(db):
    photo = accept(upload(encoded(exif=exif(gps=True, taken="2026:11:23 09:12:00"))))
    photo.refresh_from_db()
    assert photo.exif["Make"] == "HUAWEI"
    assert photo.exif["GPS"]["GPSLatitude"] == [35.0, 30.0, 21.5]
    assert photo.exif["Exif"]["DateTimeOriginal"] == "2026:11:23 09:12:00"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_shown_carries_no_word_of_the_original(db, kind):
    secret = {"JPEG": {"comment": b"35.5N 117.6E"}, "PNG": {}, "WEBP": {"xmp": b"<x>35.5N</x>"}}[kind]
    photo = accept(upload(encoded(kind=kind, exif=exif(gps=True), **secret)))
    for field in (photo.shown, photo.thumbnail):
        content = bytes_of(field)
        assert [word for word in (b"HUAWEI", b"Exif", b"35.5N", b"http") if word in content] == []
        assert dict(Image.open(io.BytesIO(content)).getexif()) == {}


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2026:11:23 09:12:00", "", datetime(2026, 11, 23, 1, 12, tzinfo=UTC)),
        ("2026:11:23 02:12:00", "+01:00", datetime(2026, 11, 23, 1, 12, tzinfo=UTC)),
        ("2026:11:23 09:34:00", "", datetime(2026, 11, 23, 1, 34, tzinfo=UTC)),
        ("2026:11:23 09:36:00", "", None),
        ("2030:01:01 00:00:00", "", None),
        ("2016:11:01 00:00:00", "", None),
        ("0000:00:00 00:00:00", "", None),
        ("昨天", "", None),
        ("", "", None),
    ],
)
def test_without_a_time_from_the_phone_the_cameras_own_is_taken_when_it_can_be(db, taken, offset, expected):
    assert accept(upload(encoded(exif=exif(taken=taken, offset=offset)))).taken_at == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (AT - timedelta(hours=2), AT - timedelta(hours=2)),
        (AT + timedelta(days=1), None),
        (AT - timedelta(days=4000), None),
    ],
)
def test_the_time_from_the_phone_is_taken_unless_it_cannot_be(db, given, expected):
    assert accept(taken_at=given).taken_at == expected


def test_damaged_exif_does_not_cost_the_photo(db):
    whole = encoded(exif=exif(gps=True, taken="2026:11:23 09:12:00"))
    place = whole.index(b"Exif")
    damaged = whole[: place + 14] + b"\xff" * 60 + whole[place + 74 :]
    assert opened(accept(upload(damaged)).shown).size == (400, 300)


def test_zeros_and_control_characters_in_exif_are_left_out(db):
    words = exif()
    words[0x010F], words[0x0110] = "HUA\x00WEI\x07", "P60\ud83d".encode("utf-8", "replace").decode()
    photo = accept(upload(encoded(exif=words)))
    photo.refresh_from_db()
    assert "\x00" not in str(photo.exif)


# --- watermark ----------------------------------------------------------------------------------------------------
def test_the_watermark_is_burned_into_the_shown_copy_only(db):
    plain = accept(upload(encoded(picture(1600, 1200))))
    marked = accept(upload(encoded(picture(1600, 1200))), watermark=MARK)
    assert marked.watermark == MARK
    assert bytes_of(marked.thumbnail) == bytes_of(plain.thumbnail)
    corner = (40, 1060, 300, 1180)
    assert darkness(opened(marked.shown).crop(corner)) > darkness(opened(plain.shown).crop(corner)) + 20
    assert brightest(opened(marked.shown).crop(corner)) > 240


def test_a_watermark_longer_than_the_picture_is_wide_is_wrapped_inside_it(db):
    photo = accept(upload(encoded(picture(200, 400))), watermark="很长的地点名称" * 20)
    assert opened(photo.shown).size == (200, 400)


@pytest.mark.parametrize("size", [(1, 1), (9, 9), (40, 12)])
def test_a_watermark_on_a_tiny_picture_does_no_harm(db, size):
    assert opened(accept(upload(encoded(picture(*size))), watermark=MARK).shown).size == size


def darkness(image: Image.Image) -> float:
    histogram = image.convert("L").histogram()
    return 255 - sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


def brightest(image: Image.Image) -> int:
    return image.convert("L").getextrema()[1]


# --- what is refused ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        (b"", "照片是空文件（0 字节）"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "这是 HEIC 格式的照片"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "这是 HEIC 格式的照片"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1", "这是 AVIF 格式的图片"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "这是视频"),
        (b"GIF89a\x01\x00\x01\x00", "这是 GIF 动图"),
        (b"%PDF-1.7\n", "这是 PDF 文档"),
        (b"BM6\x00\x00\x00", "这是 BMP 位图"),
        (b"II*\x00\x08\x00\x00\x00", "这是 TIFF 或相机原始格式的图片"),
        (b"PK\x03\x04\x14\x00", "这是压缩包或办公文档"),
        (b"<!DOCTYPE html><html><body>login</body></html>", "这是网页，不是照片"),
        (b"\xef\xbb\xbf\n  <html><script>alert(1)</script></html>", "这是网页，不是照片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "这是 SVG 矢量图"),
        (b"<?xml version='1.0'?>\n<svg></svg>", "这是 SVG 矢量图"),
        (b"MZ\x90\x00", "无法识别这个文件"),
        ("不是照片".encode(), "无法识别这个文件"),
        (encoded()[:2000], "照片不完整或已损坏"),
        (encoded()[:-400], "照片不完整或已损坏"),
        (b"\xff\xd8\xff", "照片不完整或已损坏"),
        (encoded(kind="PNG")[:1000], "照片不完整或已损坏"),
        (encoded(kind="WEBP")[:300], "照片不完整或已损坏"),
    ],
)
def test_what_is_no_photo_is_refused_in_its_own_sentence(db, media, content, beginning):
    assert refusal_of(content).startswith(beginning)
    assert (Photo.objects.count(), files_under(media)) == (0, [])


def test_a_file_over_twenty_megabytes_is_refused(db):
    assert refusal_of(encoded() + b"\x00" * 21 * 1024 * 1024).startswith("照片 21.0 MB，超过 20 MB 的上限")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("side", [7800, 8200, 11_000])
def test_a_bomb_of_more_than_sixty_megapixels_is_refused_unread(db, kind, side):
    bomb = encoded(Image.new("L", (side, side)), kind)
    assert refusal_of(bomb).startswith("照片超过 6000 万像素")


def test_a_photo_of_forty_eight_megapixels_is_taken(db):
    photo = accept(upload(encoded(Image.new("RGB", (8064, 6048), (90, 120, 90)))), watermark=MARK)
    assert (photo.width, photo.height, opened(photo.shown).size) == (8064, 6048, (1600, 1200))


def test_whatever_is_damaged_in_a_photo_it_is_shown_or_refused_and_never_a_crash(db):
    chance = random.Random(7)
    outcomes = {"shown": 0, "refused": 0}
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = encoded(picture(120, 90), kind, exif=exif(gps=True, taken="2026:11:23 09:12:00"))
        for _ in range(150):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(12, len(damaged))] = chance.randrange(256)
            try:
                develop(upload(bytes(damaged)), MARK)
                outcomes["shown"] += 1
            except Refused:
                outcomes["refused"] += 1
    assert sum(outcomes.values()) == 450
    assert min(outcomes.values()) > 20


# --- the same photo twice -----------------------------------------------------------------------------------------
def test_the_same_photo_sent_again_is_the_same_row(db, media):
    content = encoded()
    first, second = accept(upload(content), client_id=PHONE), accept(upload(content), client_id=PHONE)
    assert (second.pk, Photo.objects.count(), files_under(media)) == (first.pk, 1, [".jpg"] * 3)


def test_other_content_under_the_same_number_is_refused(db):
    accept(client_id=PHONE)
    with pytest.raises(Refused, match="这个编号下已有另一张照片"):
        accept(upload(encoded(picture(300, 300))), client_id=PHONE)


def test_the_number_of_another_person_is_refused(db):
    one, other = (get_user_model().objects.create(name=name) for name in "甲乙")
    accept(client_id=PHONE, by=Person(one.pk))
    with pytest.raises(Refused, match="这个编号下已有另一张照片"):
        accept(client_id=PHONE, by=Person(other.pk))


def test_content_that_differs_from_what_was_announced_is_refused_before_it_is_kept(db, media):
    with pytest.raises(Refused, match="照片内容与登记的不一致"):
        accept(client_id=PHONE, sha256="0" * 64)
    content = encoded()
    assert accept(upload(content), client_id=PHONE, sha256=hashlib.sha256(content).hexdigest().upper()).pk
    assert files_under(media) == [".jpg"] * 3


def test_photos_without_a_number_are_each_a_row(db):
    assert accept().pk != accept().pk


def send_same(index: int) -> list:
    return [accept(client_id=UUID(int=turn), watermark=MARK).pk for turn in range(6)]


def rows_and_files() -> list:
    from django.conf import settings

    return [Photo.objects.count(), len(files_under(Path(settings.MEDIA_ROOT)))]


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_four_processes_sending_the_same_photos_keep_each_once_without_an_orphan_file(backend):
    with scratch_database(backend) as database:
        rows = database.run_together(send_same, count=4)
        assert database.run(rows_and_files) == [6, 18]
    assert all(one == rows[0] for one in rows)
