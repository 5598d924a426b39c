"""Every name of the glossary is a name in the app that it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINE = re.compile(r"^\| (?P<words>[^|]+) \| (?P<names>`[^|]+`) \| (?P<app>\w+) \|$", re.M)


def _entries():
    for line in LINE.finditer((ROOT / "docs/glossary.md").read_text("utf-8")):
        for name in re.findall(r"`(\w+)`", line["names"]):
            yield name, line["app"]


def _source(app: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts)


@pytest.mark.parametrize("app", sorted({app for _, app in _entries()}))
def test_the_names_of_the_glossary_are_in(app):
    source = _source(app)
    missing = [name for name, of in _entries() if of == app and not re.search(rf"\b{name}\b", source)]
    assert missing == []


def test_the_glossary_is_read():
    assert len(list(_entries())) > 50
