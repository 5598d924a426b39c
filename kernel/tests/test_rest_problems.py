import json

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from kernel.lifecycle import InvalidForm
from kernel.refusal import Refused
from kernel.rest import BoundedJSONParser, add_problems, problem


class Door(APIView):
    """Fails as it is told; without the caller and the rates of the floors above."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (BoundedJSONParser,)
    failure: Exception = Http404()

    def get(self, request):
        raise self.failure

    def post(self, request):
        return Response(request.data)


def answer_to(failure: Exception):
    return Door.as_view(failure=failure)(APIRequestFactory().get("/")).render()


def body_of(failure: Exception) -> tuple[int, str, str, dict | None]:
    answer = answer_to(failure)
    body = json.loads(answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:pingyi-grid:problem:{body['code']}"
    return answer.status_code, body["code"], body["detail"], body.get("errors")


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Refused("此件已办结，不能转办。"), (409, "refused", "此件已办结，不能转办。", None)),
        (Refused("请刷新。", code="changed"), (409, "changed", "请刷新。", None)),
        (InvalidForm({"lead": "请填写主办"}), (422, "invalid", "请填写主办", {"lead": ["请填写主办"]})),
        (
            exceptions.ValidationError({"title": ["太长"], "grid": ["不存在"]}),
            (422, "invalid", "太长；不存在", {"title": ["太长"], "grid": ["不存在"]}),
        ),
        (DjangoValidationError({"day": ["无效"]}), (422, "invalid", "无效", {"day": ["无效"]})),
        (DjangoValidationError("无效"), (422, "invalid", "无效", {"non_field_errors": ["无效"]})),
        (Http404("No Case matches"), (404, "not_found", "没有找到，或者您不能查看。", None)),
        (PermissionDenied(), (403, "permission_denied", "您没有执行该操作的权限。", None)),
        (exceptions.PermissionDenied("只能读取。", code="key"), (403, "key", "只能读取。", None)),
        (exceptions.MethodNotAllowed("PUT"), (405, "method_not_allowed", "方法 “PUT” 不被允许。", None)),
        (
            exceptions.UnsupportedMediaType("text/csv"),
            (415, "unsupported_media_type", "不支持请求中的媒体类型 “text/csv”。", None),
        ),
        (exceptions.Throttled(wait=3), (429, "throttled", "请求太频繁，请 3 秒后再试。", None)),
        (exceptions.Throttled(), (429, "throttled", "请求太频繁，请稍后再试。", None)),
        (
            SuspiciousOperation(),
            (400, "parse_error", "请求含有不能接受的内容，请检查后重新提交。", None),
        ),
        (
            RequestDataTooBig(),
            (413, "too_large", "请求内容太大，请减少内容后重新提交；照片请用照片接口逐张上传。", None),
        ),
    ],
)
def test_every_failure_is_a_problem_with_a_sentence(failure, expected):
    assert body_of(failure) == expected


def test_a_stranger_is_told_to_sign_in():
    answer = problem(exceptions.NotAuthenticated(), {})
    assert (answer.status_code, answer.data["title"]) == (401, "未登录")
    assert answer.data["detail"] == "请先登录，或在请求头 Authorization 中带上有效的密钥。"


def test_the_headers_of_a_failure_stay():
    stranger = exceptions.NotAuthenticated()
    stranger.auth_header = 'Bearer realm="api"'
    assert problem(stranger, {})["WWW-Authenticate"] == 'Bearer realm="api"'
    assert problem(exceptions.Throttled(wait=3), {})["Retry-After"] == "3"


def test_a_bug_stays_a_bug():
    assert problem(ZeroDivisionError(), {}) is None


def test_errors_of_nested_fields_carry_their_path():
    errors = {
        "location": {"lon": ["经度应为数字"]},
        "photos": [{}, {"sha256": ["不对"], "non_field_errors": ["缺一项"]}],
        "answers": {0: ["空"]},
        "non_field_errors": ["整体不对"],
    }
    assert body_of(exceptions.ValidationError(errors))[3] == {
        "location.lon": ["经度应为数字"],
        "photos.1.sha256": ["不对"],
        "photos.1": ["缺一项"],
        "answers.0": ["空"],
        "non_field_errors": ["整体不对"],
    }


def post(body: bytes, content_type: str = "application/json"):
    return Door.as_view()(APIRequestFactory().generic("POST", "/", body, content_type=content_type)).render()


def test_a_body_is_read():
    assert json.loads(post('{"标题": "冒烟"}'.encode()).content) == {"标题": "冒烟"}
    assert json.loads(post(b'{"a": "\\ud83d\\ude00"}').content) == {"a": "😀"}


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 200_000, b'{"a": ' + b"9" * 5000 + b"}", b'{"a": ["\\ud83d"]}'],
    ids=["cut", "not utf-8", "nan", "nested", "huge number", "half a character"],
)
def test_a_body_that_is_no_json_is_refused_with_a_sentence(body):
    answer = post(body)
    assert answer.status_code == 400
    assert json.loads(answer.content)["detail"] == "请求内容不是完整有效的 JSON 或表单，请检查后重新提交。"


def test_a_body_of_a_type_we_do_not_read_is_refused():
    assert post(b"a,b", "text/csv").status_code == 415


def test_a_body_beyond_the_limit_is_refused_unread(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert post(b'"' + b"a" * 97 + b'"').status_code == 200
    assert post(b'"' + b"a" * 99 + b'"').status_code == 413


def test_the_schema_says_that_every_operation_may_fail_and_every_post_takes_a_key():
    document = {"paths": {"/cases/": {"get": {"responses": {}}, "post": {"responses": {}}}}}
    paths = add_problems(document, None, None, True)["paths"]["/cases/"]
    assert list(paths["get"]["responses"]["4XX"]["content"]) == ["application/problem+json"]
    assert "parameters" not in paths["get"]
    assert [parameter["name"] for parameter in paths["post"]["parameters"]] == ["Idempotency-Key"]
    assert "Problem" in document["components"]["schemas"]
