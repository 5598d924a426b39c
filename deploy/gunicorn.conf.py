"""The web server of `bin/run` and of the systemd unit. Sized for a small county server; the environment changes it."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pingyi_grid.settings")

from django.conf import settings

_host = os.environ.get("HOST") or "127.0.0.1"
wsgi_app = "pingyi_grid.wsgi"
bind = f"{f'[{_host}]' if ':' in _host else _host}:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = settings.WEB_WORKERS
# A request waits for the database most of its time, so a worker serves several; each thread keeps one connection.
threads = settings.WEB_THREADS
# The program is loaded once and its pages of memory are shared by all workers.
preload_app = True
# Renewed from time to time, not all at once: what a library may leak stays small.
max_requests = 5000
max_requests_jitter = 1000
# Longer than any page may take, also for a report with nine photos over a slow line.
timeout = 120
graceful_timeout = 20
keepalive = 5
# A worker shows that it lives by touching a file: on a disk that stalls it would be taken for dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
loglevel = "warning"
accesslog = os.environ.get("PINGYI_ACCESS_LOG") or None
control_socket_disable = True


def when_ready(_server: object) -> None:
    """Before the workers are forked: objects made so far are for good, the collector need not touch their pages."""
    gc.collect()
    gc.freeze()
