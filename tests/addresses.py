"""Every address of the program, found by walking the resolver, and how those that name an object are filled in.

An address that is not in `FORMS` and has parameters cannot be filled in: the tests then fail with its route, and
whoever added it says here what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Things:
    """Objects of one place, by which addresses are filled in."""

    case: str
    report: str
    photo: int
    kept_photo: str
    grid: str
    source: str
    notice: int
    person: int
    post: int
    sponsorship: int


FORMS = {
    "api/v1/grids/<str:code>/": "/api/v1/grids/{grid}/",
    "api/v1/grids/<str:code>/tree/": "/api/v1/grids/{grid}/tree/",
    "api/v1/sources/<str:code>/": "/api/v1/sources/{source}/",
    "api/v1/cases/<str:number>/": "/api/v1/cases/{case}/",
    "api/v1/cases/<str:number>/steps/": "/api/v1/cases/{case}/steps/",
    "api/v1/cases/<str:number>/clock/": "/api/v1/cases/{case}/clock/",
    "api/v1/cases/<str:number>/photos/": "/api/v1/cases/{case}/photos/",
    "api/v1/cases/<str:number>/actions/<str:action>/": "/api/v1/cases/{case}/actions/{action}/",
    "notices/<int:pk>/open/": "/notices/{notice}/open/",
    "notices/<int:pk>/read/": "/notices/{notice}/read/",
    "people/<int:pk>/": "/people/{person}/",
    "people/<int:pk>/edit/": "/people/{person}/edit/",
    "people/<int:pk>/password/": "/people/{person}/password/",
    "people/<int:pk>/disable/": "/people/{person}/disable/",
    "people/<int:pk>/enable/": "/people/{person}/enable/",
    "cases/<str:number>/": "/cases/{case}/",
    "cases/<str:number>/clock/": "/cases/{case}/clock/",
    "cases/<str:number>/actions/<str:action>/": "/cases/{case}/actions/{action}/",
    "cases/<str:number>/photos/<int:pk>/<str:size>/": "/cases/{case}/photos/{photo}/{size}/",
    "field/report/<uuid:client_id>/": "/field/report/{report}/",
    "field/photos/<uuid:photo>/": "/field/photos/{kept_photo}/",
    "field/cases/<str:number>/": "/field/cases/{case}/",
    "field/cases/<str:number>/actions/<str:action>/": "/field/cases/{case}/actions/{action}/",
    "grids/<str:code>/": "/grids/{grid}/",
    "posts/new/<int:pk>/": "/posts/new/{person}/",
    "posts/<int:pk>/end/": "/posts/{post}/end/",
    "sponsorships/new/<int:pk>/": "/sponsorships/new/{person}/",
    "sponsorships/<int:pk>/end/": "/sponsorships/{sponsorship}/end/",
    "sources/<str:code>/": "/sources/{source}/",
    "sources/<str:code>/edit/": "/sources/{source}/edit/",
    # Django's own: reference data, whose rows belong to no place.
    "admin/r/<path:content_type_id>/<path:object_id>/": "/admin/r/1/1/",
    "admin/(?P<url>.*)$": "/admin/nowhere/",
}
# The same for everybody who may open them: how the program is made, with invented values.
SAMPLES = frozenset({"/healthz", "/api/v1/schema/", "/api/v1/docs/", "/gallery/", "/gallery/field/"})
_SIZES = ("thumb", "shown")
_ADMIN_ROW = re.compile(r"admin/(?P<app>\w+)/(?P<model>\w+)/<path:object_id>/(?P<act>\w*)/?")
_ADMIN_APP = re.compile(r"admin/\^\(\?P<app_label>(?P<apps>[\w|]+)\)/\$")


def routes(patterns: Sequence[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[str]:
    """Every route as `urls.py` spells it, as `cases/<str:number>/clock/`."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def is_plain(route: str) -> bool:
    """True for an address without parameters."""
    return not re.search(r"[<(^]", route)


def unknown_routes() -> list[str]:
    """Routes with parameters that nobody has said how to fill in."""
    named = (route for route in routes() if not is_plain(route) and route not in FORMS)
    return [route for route in named if not _ADMIN_ROW.fullmatch(route) and not _ADMIN_APP.fullmatch(route)]


def gone_routes() -> list[str]:
    """What is said here of routes that are no more."""
    return sorted(set(FORMS) - set(routes()))


def plain_paths() -> list[str]:
    return [f"/{route}" for route in routes() if is_plain(route)]


def reference_paths() -> list[str]:
    """Of the reference data under /admin/: the first row of each list, or a row that is not there."""
    found = []
    for route in routes():
        if row := _ADMIN_ROW.fullmatch(route):
            first = apps.get_model(row["app"], row["model"])._default_manager.first()
            act = f"{row['act']}/" if row["act"] else ""
            found.append(f"/admin/{row['app']}/{row['model']}/{first.pk if first else 1}/{act}")
        elif labels := _ADMIN_APP.fullmatch(route):
            found += [f"/admin/{label}/" for label in labels["apps"].split("|")]
    return found


def paths_of(things: Things, actions: Sequence[str]) -> list[str]:
    """Every address that names an object, filled in with `things`; those of an act with each of `actions`."""
    values = [{"action": action, "size": size} for action in actions for size in _SIZES]
    filled = [form.format(**vars(things), **value) for form in FORMS.values() for value in values]
    return list(dict.fromkeys(filled))
