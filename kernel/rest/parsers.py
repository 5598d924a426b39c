"""Reading a JSON body without letting it fill the memory or the stack, or carry what no database can keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant

from kernel.rest.problems import BodyTooLarge


class BoundedJSONParser(JSONParser):
    """JSON up to the size that Django takes for forms; DRF reads the stream itself and knows no limit."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        try:
            value = _loaded(stream.read().decode())
        except (ValueError, RecursionError) as error:  # thousands of brackets inside each other
            raise ParseError from error
        # `null` is as good as nothing: then the missing fields are named, where REST framework would say it in English.
        return {} if value is None else value


def _loaded(text: str) -> Any:
    """The value of `text`; ValueError for NaN, for numbers of thousands of digits and for half a surrogate pair."""
    value = json.loads(text, parse_constant=strict_constant)
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value
