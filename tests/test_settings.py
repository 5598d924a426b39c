"""The settings take everything from the environment and refuse by name what cannot be right."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.backends.postgresql.psycopg_any import is_psycopg3

ROOT = Path(__file__).resolve().parent.parent


def settings_with(tmp_path: Path, expression: str = "None", **environment: str) -> subprocess.CompletedProcess:
    """Reads the settings in a process of their own, with nothing of ours set but `environment`."""
    code = f"from pingyi_grid import settings; print(repr(({expression})))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PINGYI_VAR": str(tmp_path / "var"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "mysql://root:secret@db/x", "DATABASE_URL='mysql://…' 无效，只支持 sqlite://、postgres://"),
        ("DATABASE_URL", "postgres://u:secret@db:99999/x", "DATABASE_URL='postgres://…' 无效，端口"),
        ("REDIS_URL", ":secret@localhost:6379", "REDIS_URL='…' 无效，只支持 redis://、rediss://"),
        ("PINGYI_DEBUG", "yes", "PINGYI_DEBUG='yes' 无效，可用的值：0、1"),
        ("PINGYI_LOG_LEVEL", "loud", "PINGYI_LOG_LEVEL='loud' 无效"),
        ("PINGYI_PROXY_COUNT", "-1", "PINGYI_PROXY_COUNT='-1' 无效，应为 0 到 5 的整数"),
        ("PINGYI_WEB_WORKERS", "0", "PINGYI_WEB_WORKERS='0' 无效，应为 1 到 64 的整数"),
        ("PINGYI_SECRET_KEY", "short", "PINGYI_SECRET_KEY 太短，至少 32 个字符"),
        ("PINGYI_TRUSTED_ORIGINS", "grid.example", "PINGYI_TRUSTED_ORIGINS='grid.example' 无效，应为逗号分隔的网址"),
        ("PINGYI_API_RATE", "many", "PINGYI_API_RATE='many' 无效，应如 600/min"),
        ("PINGYI_EMAIL_URL", "pop3://u:secret@mail", "PINGYI_EMAIL_URL='pop3://…' 无效"),
        ("PINGYI_VAR", "/proc/nothing", "PINGYI_VAR='/proc/nothing' 无效，无法建立这个目录"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(tmp_path, name, value, sentence):
    refused = settings_with(tmp_path, **{name: value})
    assert refused.returncode == 1
    assert sentence in refused.stderr.splitlines()[-1]
    assert "secret@" not in refused.stderr.splitlines()[-1]


def test_nothing_set_means_sqlite_and_no_services(tmp_path):
    read = settings_with(tmp_path, "settings.DATABASES['default']['NAME'], settings.REDIS_URL, settings.DEBUG")
    assert read.stdout == f"('{tmp_path}/var/pingyi.sqlite3', '', False)\n"


def test_writers_on_sqlite_wait_for_each_other_from_the_start(tmp_path):
    read = settings_with(tmp_path, "settings.DATABASES['default']['OPTIONS']['transaction_mode']")
    assert read.stdout == "'IMMEDIATE'\n"


def test_postgresql_connections_are_kept_and_checked(tmp_path):
    read = settings_with(
        tmp_path,
        "[settings.DATABASES['default'][key] for key in ('NAME', 'CONN_MAX_AGE', 'CONN_HEALTH_CHECKS', 'OPTIONS')]",
        DATABASE_URL="postgres://grid:pw@db.example:5433/pingyi?sslmode=require",
    )
    assert read.stdout == "['pingyi', 60, True, {'connect_timeout': 5, 'sslmode': 'require'}]\n"


def test_requests_run_in_no_transaction_of_their_own(tmp_path):
    assert settings_with(tmp_path, "settings.DATABASES['default'].get('ATOMIC_REQUESTS', False)").stdout == "False\n"


def test_the_key_of_a_single_machine_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    first, second = (settings_with(tmp_path, "settings.SECRET_KEY").stdout for _ in range(2))
    assert first == second
    assert len(first.strip("'\n")) == 80
    assert (tmp_path / "var/secret_key").stat().st_mode & 0o777 == 0o600


def test_https_makes_cookies_and_pages_secure(tmp_path):
    switches = "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT"
    assert settings_with(tmp_path, switches, PINGYI_HTTPS="1").stdout == "(True, True, True)\n"
    assert settings_with(tmp_path, switches).stdout == "(False, False, False)\n"


def test_the_database_driver_is_the_one_that_was_measured():
    assert not is_psycopg3, "psycopg 3 came in with a package and is preferred in silence"


def test_every_variable_is_explained_to_those_who_run_the_program():
    readers = [ROOT / "deploy/gunicorn.conf.py", *(ROOT / "bin").iterdir(), *(ROOT / "pingyi_grid").glob("*.py")]
    read = {name for file in readers if file.is_file() for name in re.findall(r"\bPINGYI_[A-Z_]+", file.read_text())}
    table = re.findall(r"^\| .*", (ROOT / "docs/operations.md").read_text("utf-8"), re.M)
    explained = {name for row in table for name in re.findall(r"`(PINGYI_[A-Z_]+)`", row)}
    assert read - {"PINGYI_"} <= explained
    assert explained <= read


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.M))


def test_tests_run_on_the_very_packages_that_the_program_runs_on():
    tested = pins("requirements-dev.txt")
    assert {name: tested[name] for name in pins("requirements.txt")} == pins("requirements.txt")


def test_the_lock_of_the_browser_libraries_names_checksums_and_no_registry():
    lock = (ROOT / "package-lock.json").read_text("utf-8")
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
    assert '"resolved"' not in lock
