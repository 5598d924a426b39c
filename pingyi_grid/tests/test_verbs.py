"""Whatever is written into the audit log can be read by an auditor who knows no English."""

import ast
import re
from pathlib import Path

from pingyi_grid.verbs import WORDS, word_for

ROOT = Path(__file__).resolve().parents[2]
_VERB = re.compile(r"[a-z_]+\.(?!csv|geojson)[a-z_]+")


def _verbs_written() -> set[str]:
    """Every constant of the services that looks like a verb of the log."""
    paths = [path for app in ("kernel", "accounts", "grids", "cases", "inspections") for path in _services(ROOT / app)]
    constants = (
        node.value for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _is_text(node)
    )
    return {text for text in constants if _VERB.fullmatch(text)}


def _services(app: Path) -> list[Path]:
    return [*app.glob("services.py"), *app.glob("services/*.py")]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_every_verb_that_a_service_writes_has_its_word():
    assert len(_verbs_written()) > 30
    assert sorted(_verbs_written() - set(WORDS)) == []


def test_acts_on_cases_are_called_as_in_the_lifecycle_and_unknown_ones_as_they_are():
    assert (word_for("case.refer"), word_for("user.sign_in"), word_for("gone.verb")) == ("转办", "登录", "gone.verb")
