"""Sentences of Django and REST framework that we say ourselves: what is read is what was edited."""

import ast
import gettext
from itertools import groupby

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

CATALOGUE = settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES"


def _edited() -> dict[str, str]:
    """The messages of the text file: each singular English with its Chinese."""
    lines = [line for line in (CATALOGUE / "django.po").read_text("utf-8").splitlines() if not line.startswith("#")]
    blocks = [list(block) for is_text, block in groupby(lines, bool) if is_text]
    entries = [dict(line.split(" ", 1) for line in block if line.startswith("msg")) for block in blocks]
    chinese = {
        ast.literal_eval(row["msgid"]): ast.literal_eval(row.get("msgstr") or row["msgstr[0]"]) for row in entries
    }
    return {english: words for english, words in chinese.items() if english}


def test_the_compiled_catalogue_says_what_the_edited_one_says():
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    read = {key[0] if isinstance(key, tuple) else key: words for key, words in compiled.items() if key}
    assert read == _edited()


def test_our_sentence_stands_before_that_of_the_library():
    with pytest.raises(ValidationError) as refused:
        forms.CharField(max_length=2).clean("三个字")
    assert refused.value.messages == ["最多 2 字，现有 3 字，请删减。"]
