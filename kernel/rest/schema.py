"""What every operation of the API shares, added to its OpenAPI document in one place."""

from __future__ import annotations

from typing import Any

from kernel.rest.problems import CONTENT_TYPE

_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 80},
    "description": "同一键的同一请求只办一次，72 小时内答复相同。",
}
_PROBLEM = {
    "description": "失败：409 为规则所不许，422 为填写有误；`detail` 是给人看的一句话。",
    "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "urn:pingyi-grid:problem:<code>"},
        "title": {"type": "string", "description": "状态码的中文说明"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "给人看的一句话：怎么了，该怎么办"},
        "code": {"type": "string", "description": "给程序看的代码，如 refused、invalid、not_found"},
        "errors": {
            "type": "object",
            "description": "仅 422：字段（嵌套的用点连接，如 photos.0.sha256）→ 各句说明",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: every operation may fail with a Problem, every POST takes an Idempotency-Key."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    for path in result["paths"].values():
        for method, operation in path.items():
            operation["responses"]["4XX"] = _PROBLEM
            if method == "post":
                operation.setdefault("parameters", []).append(_KEY_PARAMETER)
    return result
