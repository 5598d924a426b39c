"""What a file is, told from its first bytes; the name and the type that the sender claims count for nothing."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.refusal import Refused

HEAD = 512

_UNKNOWN = "无法识别这个文件，只能上传 JPEG、PNG 或 WebP 格式的照片。"
_HEIC = (
    "这是 HEIC 格式的照片，系统不能读取。请把手机改为 JPEG：苹果手机在“设置→相机→格式”选“兼容性最佳”，"
    "安卓手机在相机设置中关闭“高效图片格式（HEIF）”，然后重新拍摄上传。"
)
_VIDEO = "这是视频，不是照片。请上传照片，或截取画面后上传。"


@dataclass(frozen=True)
class Kind:
    """A kind that is taken: how it begins, and the extension under which the original is kept."""

    extension: str
    magic: bytes
    offset: int = 0


TAKEN = (
    Kind("jpg", b"\xff\xd8\xff"),
    Kind("png", b"\x89PNG\r\n\x1a\n"),
    Kind("webp", b"WEBP", offset=8),
)

_REFUSED = (
    (b"GIF8", "这是 GIF 动图，不能作为现场照片。请用手机相机拍摄后上传。"),
    (b"%PDF", "这是 PDF 文档，不是照片。请把需要的页面拍照或截图后上传。"),
    (b"BM", "这是 BMP 位图，请转换成 JPEG 后上传。"),
    (b"II*\x00", "这是 TIFF 或相机原始格式的图片，请转换成 JPEG 后上传。"),
    (b"MM\x00*", "这是 TIFF 或相机原始格式的图片，请转换成 JPEG 后上传。"),
    (b"PK\x03\x04", "这是压缩包或办公文档，不是照片。请直接上传照片。"),
)

# The brand in an ISO media file (HEIC, AVIF and MP4 share the container).
_BRANDS = (
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), _HEIC),
    ((b"avif", b"avis"), "这是 AVIF 格式的图片，系统不能读取。请转换成 JPEG 后上传。"),
)


def extension_of(head: bytes) -> str:
    """The extension of a photo that is taken, from its first `HEAD` bytes. Refused, with what to do, for others."""
    for kind in TAKEN:
        if head.startswith(kind.magic, kind.offset):
            return kind.extension
    raise Refused(_reason(head), code="not_a_photo")


def _reason(head: bytes) -> str:
    if not head:
        return "照片是空文件（0 字节），请重新拍摄或重新选择。"
    if head[4:8] == b"ftyp":
        return next((sentence for brands, sentence in _BRANDS if head[8:12] in brands), _VIDEO)
    for magic, sentence in _REFUSED:
        if head.startswith(magic):
            return sentence
    return _reason_of_text(head.removeprefix(b"\xef\xbb\xbf").lstrip().lower())


def _reason_of_text(text: bytes) -> str:
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return "这是 SVG 矢量图，不是照片。请用手机相机拍摄后上传。"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--")):
        return "这是网页，不是照片（可能是下载时没有登录）。请重新选择照片上传。"
    return _UNKNOWN
