"""The columns of the nested set are read and written in few places, so that nobody else depends on them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ["kernel", "accounts", "grids", "cases", "inspections", "pingyi_grid"]
ALLOWED = {
    "grids/scope.py",
    "grids/querysets.py",
    "grids/models.py",
    "grids/services/tree.py",
    "grids/services/health.py",
}
COLUMNS = re.compile(r"\b\w*(?:lft|rght|tree_id)\b")


def _sources() -> list[str]:
    paths = [path.relative_to(ROOT) for app in APPS for path in (ROOT / app).rglob("*.py")]
    kept = [path for path in paths if not {"tests", "migrations"} & set(path.parts)]
    templates = [path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*.html")]
    return sorted(str(path) for path in [*kept, *templates])


@pytest.mark.parametrize("source", [source for source in _sources() if source not in ALLOWED])
def test_a_file_does_not_know_the_columns_of_the_tree(source):
    assert COLUMNS.findall((ROOT / source).read_text("utf-8")) == []
