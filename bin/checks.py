"""`bin/test`: every check, then every test on SQLite, then again on PostgreSQL and Redis. The first failure ends it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import needs

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
CHECKS = {
    "排版": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "代码检查": ["-m", "ruff", "check", "--quiet", "."],
    "楼层": [str(SCRIPTS / "lint-imports")],
    "模板": ["-m", "djlint", "templates", "--lint", "--quiet"],
    "配置": ["manage.py", "check", "--fail-level=WARNING"],
    "迁移": ["manage.py", "makemigrations", "--check", "--dry-run"],
    "类型": ["-m", "mypy"],
}


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def clean_environment(var: str) -> dict[str, str]:
    """The environment of a machine where nothing of ours is set, with a data folder that goes away."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL") and not name.startswith("PINGYI_")
    }
    return kept | {
        "PINGYI_VAR": var,
        "PINGYI_CHROMIUM": needs.chromium(),
        "DJANGO_SETTINGS_MODULE": "pingyi_grid.settings",
    }


def python(arguments: list[str], environment: dict[str, str]) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=False).returncode


def check_all(environment: dict[str, str]) -> bool:
    for name, arguments in CHECKS.items():
        say(f"—— {name}")
        if python(arguments, environment) != 0:
            say(f"检查“{name}”没有通过。")
            return False
    return True


def run_tests(found: needs.Found, environment: dict[str, str]) -> int:
    """The exit code of the last run of pytest, whose own summary is the last line."""
    unfit = ["postgres", "redis"] + ([] if found.chromium else ["browser"])
    say("—— 测试（SQLite）")
    code = python(["-m", "pytest", "-m", _without(unfit)], environment)
    if code != 0 or not found.database_url:
        return code
    unfit = ["browser"] + ([] if found.redis_url else ["redis"])
    services = {"DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url}
    say("—— 测试（PostgreSQL、Redis）")
    return python(["-m", "pytest", "-m", _without(unfit)], environment | services)


def _without(marks: list[str]) -> str:
    return " and ".join(f"not {mark}" for mark in marks)


def run_everything(environment: dict[str, str]) -> int:
    in_ci = os.environ.get("CI") == "true"
    if in_ci:
        needs.install_missing()
    if not check_all(environment):
        return 1
    with needs.find_all() as found:
        for sentence in found.missing:
            say(f"未运行：{sentence}")
        if in_ci and found.missing:
            say("CI 中不允许跳过测试。")
            return 1
        return run_tests(found, environment | {"PINGYI_CHROMIUM": found.chromium})


def main() -> int:
    if sys.argv[1:]:
        return python(["-m", "pytest", *sys.argv[1:]], dict(os.environ, PINGYI_CHROMIUM=needs.chromium()))
    with tempfile.TemporaryDirectory(prefix="pingyi-test-") as var:
        return run_everything(clean_environment(var))


if __name__ == "__main__":
    sys.exit(main())
