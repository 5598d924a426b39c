"""Doors fetch by `visible_to` alone: an AST walk over every view, API, task, command and admin of ours."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["kernel", "accounts", "grids", "cases", "inspections", "pingyi_grid"]
# Managers through which a door may reach rows, and the only method that may follow them.
MANAGERS = {"objects", "_default_manager", "_base_manager"}
ALLOWED = {"visible_to"}


def _is_door(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    if "tests" in parts or "migrations" in parts:
        return False
    named = {"views", "api", "tasks", "admin", "desk", "field"}
    return path.stem in named or bool(named & set(parts[1:-1])) or "commands" in parts


DOORS = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if _is_door(path))


def _faults(source: str) -> list[int]:
    """Lines where `.objects` is followed by anything but `.visible_to`."""
    tree = ast.parse(source)
    followed = {
        id(node.value): node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and followed.get(id(node)) not in ALLOWED
    ]


@pytest.mark.parametrize("door", DOORS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_door_reaches_rows_only_through_visible_to(door):
    assert _faults(door.read_text("utf-8")) == []


def test_the_walk_sees_an_unscoped_query():
    assert _faults("def view(r):\n    return Case.objects.filter(pk=1)") == [2]
    assert _faults("def view(r):\n    rows = Case.objects\n    return rows.all()") == [2]
    assert _faults("def view(r):\n    return Case.objects.visible_to(r.scope).filter(pk=1)") == []


def test_there_are_doors():
    assert len(DOORS) > 5
