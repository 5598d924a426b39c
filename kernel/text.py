"""Which characters a person's text may hold, the same for forms and for the API."""

import re

from django.core.exceptions import ValidationError

# Control characters but tab and line ends, halves of surrogate pairs, non-characters: PostgreSQL refuses some of them,
# and the XML inside docx and xlsx the others.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def holds_control_characters(value: str) -> bool:
    return _FORBIDDEN.search(value) is not None


def refuse_control_characters(value: str) -> None:
    """A validator: raises ValidationError when `value` holds a character that cannot be stored or printed."""
    if holds_control_characters(value):
        raise ValidationError("含有无法保存的控制字符，请删除后重新输入。", code="control_characters")
