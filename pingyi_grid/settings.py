"""Settings: from the environment only, every bad value refused by its name.

Nothing set means one machine, SQLite and no services. `DATABASE_URL` and `REDIS_URL` change that; the code stays.
"""

import contextlib
import os
import re
import secrets
from logging import LogRecord
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NoReturn
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def _refuse(name: str, value: object, wanted: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name}={value!r} 无效，{wanted}")


def _choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = env.str(name, default)
    if value not in allowed:
        _refuse(name, value, f"可用的值：{'、'.join(allowed)}")
    return value


def _whole_number(name: str, default: int, least: int, most: int) -> int:
    raw = env.str(name, "") or str(default)
    if not raw.isdecimal() or not least <= int(raw) <= most:
        _refuse(name, raw, f"应为 {least} 到 {most} 的整数")
    return int(raw)


def _matching(name: str, default: str, pattern: str, wanted: str) -> str:
    value = env.str(name, default)
    if value and not re.fullmatch(pattern, value):
        _refuse(name, value, wanted)
    return value


def _origins(name: str) -> list[str]:
    origins = env.list(name, default=[])
    for origin in origins:
        if not re.fullmatch(r"https?://[^/\s]+", origin):
            _refuse(name, origin, "应为逗号分隔的网址，如 https://grid.example.gov.cn")
    return origins


def _data_folder(name: str, default: Path) -> Path:
    folder = Path(env.str(name, str(default))).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _refuse(name, str(folder), f"无法建立这个目录：{error.strerror}")
    if not os.access(folder, os.W_OK | os.X_OK):
        _refuse(name, str(folder), "这个目录不可写")
    return folder


def _secret_key(folder: Path) -> str:
    """The key from the environment, or one made at random and kept beside the data of a single machine."""
    given = env.str("PINGYI_SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured("PINGYI_SECRET_KEY 太短，至少 32 个字符")
        return given
    path = folder / "secret_key"
    if not path.exists():
        # Written aside and linked into place: of several processes that start together one wins, and none reads half.
        with NamedTemporaryFile("w", dir=folder) as draft:
            draft.write(secrets.token_hex(40))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text()


def _service(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    """The address of a service, empty when there is none; a refusal never repeats the password in it."""
    url = env.str(name, default)
    scheme, separator, _ = url.partition("://")
    shown = f"{scheme}://…" if separator else "…"
    if url and (not separator or scheme not in schemes):
        _refuse(name, shown, f"只支持 {'、'.join(f'{scheme}://' for scheme in schemes)}")
    try:
        urlsplit(url).port  # noqa: B018 - reading it is what checks it
    except ValueError:
        _refuse(name, shown, "端口应为 1 到 65535 的整数")
    return url


def _database(default: str) -> dict:
    """Django's settings for `DATABASE_URL`."""
    config = env.db_url_config(_service("DATABASE_URL", ("sqlite", "postgres", "postgresql"), default))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Measured: 4 writing processes without an error; the default, deferred, gave thousands of "database is locked".
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        # Measured: a connection for each request reads the schema anew, a tenth of the time of a page.
        return config | {"OPTIONS": options, "CONN_MAX_AGE": 60}
    # A server that is gone is a fault after 5 seconds, not after the minutes that TCP would wait.
    options = {"connect_timeout": 5} | config.get("OPTIONS", {})
    # Measured: a new connection for each request costs three times the request.
    return config | {"OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


VAR_DIR = _data_folder("PINGYI_VAR", BASE_DIR / "var")
SECRET_KEY = _secret_key(VAR_DIR)
DEBUG = _choice("PINGYI_DEBUG", "0", ("0", "1")) == "1"
ALLOWED_HOSTS = env.list("PINGYI_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = _origins("PINGYI_TRUSTED_ORIGINS")
HTTPS = _choice("PINGYI_HTTPS", "0", ("0", "1")) == "1"
PROXY_COUNT = _whole_number("PINGYI_PROXY_COUNT", 0, 0, 5)
WEB_WORKERS = _whole_number("PINGYI_WEB_WORKERS", min(4, os.cpu_count() or 1), 1, 64)
WEB_THREADS = _whole_number("PINGYI_WEB_THREADS", 8, 1, 64)
WORKER_PROCESSES = _whole_number("PINGYI_WORKER_PROCESSES", 2, 1, 64)
DEMO = _choice("PINGYI_DEMO", "1", ("0", "1")) == "1"
DEMO_PASSWORD = env.str("PINGYI_DEMO_PASSWORD", "")
VERSION = re.search(r"^## \[?(\d+\.\d+\.\d+)", (BASE_DIR / "CHANGELOG.md").read_text("utf-8"), re.M)[1]  # type: ignore[index]

INSTALLED_APPS = [
    "pingyi_grid.apps.PingyiGridConfig",
    "inspections",
    "cases",
    "grids",
    "accounts",
    "kernel",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "mptt",
    "rest_framework",
    "rest_framework_api_key",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "accounts.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "grids.middleware.ScopeMiddleware",
    "accounts.middleware.SessionRulesMiddleware",
    "axes.middleware.AxesMiddleware",
    "kernel.middleware.NoNulMiddleware",
]

ROOT_URLCONF = "pingyi_grid.urls"
WSGI_APPLICATION = "pingyi_grid.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pingyi_grid.context.page",
            ],
        },
    }
]

FORM_RENDERER = "kernel.inputs.QuickRenderer"

# --- data ---------------------------------------------------------------------------------------------------------
DATABASES = {"default": _database(f"sqlite:///{VAR_DIR / 'pingyi.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _service("REDIS_URL", ("redis", "rediss"))
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("PINGYI_STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Source maps are for people who debug a library: served as they are. Squeezing them took a third of the collecting.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "pingyi_grid.finders.BrowserLibraryFinder",
]
# A photo of 48 megapixels from a phone is about 15 MB; a report carries at most nine.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- people -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.MixedPassword"},
    {"NAME": "accounts.passwords.NotThePerson"},
    {"NAME": "accounts.passwords.NotUsedBefore"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# Idle sign-outs (等保 defaults): 30 minutes at a desk; a member's phone keeps its session for the shift.
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
# A load balancer asks the web server itself, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = PROXY_COUNT
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_HTTP_RESPONSE_CODE = 429
# The lock ends 30 minutes after the fifth failure, as its page says, however often the person tries meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Who signed in and when is in the audit chain; a second register of it would only be another place to protect.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- time and language --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
# Before the catalogues of the libraries: sentences that say what to do.
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- API ----------------------------------------------------------------------------------------------------------
API_RATE = _matching("PINGYI_API_RATE", "600/min", r"[1-9]\d*/(sec|min|hour|day)", "应如 600/min")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ClientKeyAuthentication",
        "accounts.authentication.PersonSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kernel.rest.BoundedJSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "kernel.rest.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.ClientRate"],
    "DEFAULT_THROTTLE_RATES": {"client": API_RATE},
    "EXCEPTION_HANDLER": "kernel.rest.problem",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "平邑网格 API",
    "DESCRIPTION": "环境网格化监管的开放接口。时间为 ISO 8601 并带时区；坐标按 WGS-84 存储。",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "kernel.rest.add_problems"],
}

# --- mail and logs ------------------------------------------------------------------------------------------------
# Without a mail server notices stay in the inbox of the program; nothing waits for a channel that is not there.
EMAIL_URL = _service("PINGYI_EMAIL_URL", ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail"))
if EMAIL_URL:
    globals().update(env.email_url_config(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.str("PINGYI_EMAIL_FROM", "pingyi-grid@localhost")
LOG_LEVEL = _choice("PINGYI_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))


def _is_news(record: LogRecord) -> bool:
    """False for the answers of /healthz: whoever asks every second reads them; its faults have lines of their own."""
    request = getattr(record, "request", None)
    return getattr(request, "path", "") != "/healthz"


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": _is_news}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["news"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"axes": {"level": "WARNING"}, "celery": {"level": "WARNING"}},
}
