"""Every failure of the API as `application/problem+json` (RFC 9457), with a Chinese sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from kernel.lifecycle import InvalidForm
from kernel.refusal import Refused

CONTENT_TYPE = "application/problem+json"
WHOLE = "non_field_errors"

_TITLES = {
    400: "请求无法读取",
    401: "未登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持此方法",
    406: "不支持所要的格式",
    409: "不能办理",
    413: "内容太大",
    415: "不支持此内容类型",
    422: "填写有误",
    429: "请求太频繁",
}


class BodyTooLarge(exceptions.APIException):
    """The body is larger than the program reads."""

    status_code = 413
    default_detail = "请求内容太大，请减少内容后重新提交；照片请用照片接口逐张上传。"
    default_code = "too_large"


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to a failure; None for a bug, which stays a 500."""
    if isinstance(exc, InvalidForm):
        return _invalid({name: [sentence] for name, sentence in exc.errors.items()})
    if isinstance(exc, Refused):
        return _answer(409, exc.code, exc.sentence)
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(flat_errors(exc.detail))
    if isinstance(exc, DjangoValidationError):
        return _invalid(flat_errors(serializers.as_serializer_error(exc)))
    known = _as_api_exception(exc)
    if not isinstance(known, exceptions.APIException):
        return None
    answer = _answer(known.status_code, _code_of(known), _sentence(known))
    if header := getattr(known, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if wait := getattr(known, "wait", None):
        answer["Retry-After"] = f"{wait:.0f}"
    return answer


def _as_api_exception(exc: Exception) -> Exception:
    if isinstance(exc, Http404):
        return exceptions.NotFound("没有找到，或者您不能查看。")
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, exceptions.ParseError):
        return exceptions.ParseError("请求内容不是完整有效的 JSON 或表单，请检查后重新提交。")
    if isinstance(exc, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return BodyTooLarge()
    if isinstance(exc, SuspiciousOperation):
        return exceptions.ParseError("请求含有不能接受的内容，请检查后重新提交。")
    return exc


def _sentence(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.NotAuthenticated):
        return "请先登录，或在请求头 Authorization 中带上有效的密钥。"
    if not isinstance(exc, exceptions.Throttled):
        return str(exc.detail)
    wait = getattr(exc, "wait", None)
    return f"请求太频繁，请 {wait:.0f} 秒后再试。" if wait else "请求太频繁，请稍后再试。"


def _code_of(exc: exceptions.APIException) -> str:
    codes = exc.get_codes()
    return codes if isinstance(codes, str) else exc.default_code


def _invalid(errors: dict[str, list[str]]) -> Response:
    sentences = dict.fromkeys(sentence for several in errors.values() for sentence in several)
    return _answer(422, "invalid", "；".join(sentences)[:500], errors=errors)


def _answer(status: int, code: str, detail: str, **more: Any) -> Response:
    body = {
        "type": f"urn:pingyi-grid:problem:{code}",
        "title": _TITLES.get(status, "出错"),
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    return Response(body, status=status, content_type=CONTENT_TYPE)


def flat_errors(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Errors of nested serializers as field → sentences; the path of a nested field is joined by dots."""
    if isinstance(detail, Mapping):
        return _joined((name, errors, path) for name, errors in detail.items() if errors)
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        return _joined((index, errors, path) for index, errors in enumerate(detail) if errors)
    sentences = detail if isinstance(detail, list) else [detail]
    return {path or WHOLE: [str(sentence) for sentence in sentences]}


def _joined(parts: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, errors, path in parts:
        here = path if name == WHOLE and path else f"{path}.{name}" if path else str(name)
        found.update(flat_errors(errors, here))
    return found
