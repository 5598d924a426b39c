"""Pictures for tests, made in memory: of any size, kind and EXIF."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, ImageDraw


def picture(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Red at the left upper corner, so that a test sees how it was turned; otherwise grey with some lines."""
    image = Image.new("RGB", (width, height), (120, 140, 120))
    draw = ImageDraw.Draw(image)
    for offset in range(0, width, max(1, width // 20)):
        draw.line((offset, 0, width - offset, height), fill=(60, 90, offset % 255), width=2)
    draw.rectangle((0, 0, width // 4, height // 4), fill=(230, 20, 20))
    return image.convert(mode)


def exif(*, orientation: int = 1, taken: str = "", offset: str = "", gps: bool = False) -> Image.Exif:
    found = Image.Exif()
    found[ExifTags.Base.Make] = "HUAWEI"
    found[ExifTags.Base.Orientation] = orientation
    camera = found.get_ifd(ExifTags.IFD.Exif)
    if taken:
        camera[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        camera[ExifTags.Base.OffsetTimeOriginal] = offset
    if gps:
        place = found.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (35.0, 30.0, 21.5)
        place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (117.0, 37.0, 52.25)
    return found


def encoded(image: Image.Image | None = None, kind: str = "JPEG", **options: object) -> bytes:
    target = io.BytesIO()
    (image or picture()).save(target, kind, **options)
    return target.getvalue()


def upload(content: bytes | None = None, name: str = "现场.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, encoded() if content is None else content, content_type="image/jpeg")
