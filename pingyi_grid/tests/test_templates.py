"""What holds for every template: nothing inline, nothing from another host, every icon drawn, short enough to read."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text("utf-8")))
# A component passes an icon on by name, or writes it out; a name put together with a filter ends in "-".
ICON = re.compile(r'{% icon "([a-z-]+)"|(?<![a-z])icon="([a-z-]+)"')


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_holds_nothing_inline_and_nothing_from_another_host(path):
    text = path.read_text("utf-8")
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=|javascript:|https?://|<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_icon_that_a_template_names_is_drawn(path):
    names = {first or second for first, second in ICON.findall(path.read_text("utf-8"))}
    assert {name for name in names if not name.endswith("-")} - SPRITE == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_fits_on_a_screen_or_two(path):
    assert len(path.read_text("utf-8").splitlines()) < 150


def test_every_component_states_its_inputs_in_its_first_line():
    first_lines = {
        path.name: path.read_text("utf-8").partition("\n")[0]
        for path in (ROOT / "templates/_components").glob("*.html")
    }
    assert [name for name, line in first_lines.items() if not re.search(r"{#.*Inputs: .*#}", line)] == []


def test_the_phone_loads_two_small_style_sheets_of_our_own():
    base = (ROOT / "templates/base_field.html").read_text("utf-8")
    sheets = re.findall(r"""{% static 'css/([a-z]+\.css)' %}""", base)
    assert sheets == ["parts.css", "field.css"]
    assert sum((ROOT / "static/css" / name).stat().st_size for name in sheets) < 14_000
    assert "tabler" not in base


@pytest.mark.parametrize("name", ["parts", "desk", "field", "plain", "print"])
def test_a_style_sheet_loads_nothing_from_another_host(name):
    text = (ROOT / f"static/css/{name}.css").read_text("utf-8")
    assert re.findall(r"@import|https?://", text) == []
