"""Pages of the tree, the posts and the ledger."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from grids.forms import PostFilter, SourceFilter, SourceForm, TreeFilter
from grids.models import Grid, Post, Source
from grids.presentation.ledger import ledger_of, source_sheet_of
from grids.presentation.posts import page_of
from grids.presentation.sheet import sheet_of
from grids.presentation.tree import tree_of
from grids.services import register_source, update_source
from kernel.lifecycle import InvalidForm
from kernel.refusal import Refused

ROWS_A_PAGE = 50


@login_required
@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    _require(request, Permission.GRID_VIEW)
    form = TreeFilter(request.GET, request.scope)
    page = tree_of(form.wanted, request.GET, request.scope)
    return render(request, "grids/tree.html", {"form": form, "tree": page})


@login_required
@require_safe
def grid(request: HttpRequest, code: str) -> HttpResponse:
    _require(request, Permission.GRID_VIEW)
    found = get_object_or_404(Grid.objects.visible_to(request.scope).select_related("rank"), code=code)
    return render(request, "grids/grid.html", {"sheet": sheet_of(found, request.scope, request.scope.day)})


@login_required
@require_safe
def post_list(request: HttpRequest) -> HttpResponse:
    _require(request, Permission.GRID_VIEW)
    form = PostFilter(request.GET, request.scope)
    posts = Post.objects.visible_to(request.scope)
    page = page_of(posts, form.wanted, request.GET.get("page"), request.scope)
    return render(request, "grids/post_list.html", {"form": form, "page": page})


@login_required
@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    _require(request, Permission.SOURCE_VIEW)
    form = SourceFilter(request.GET, request.scope)
    rows = ledger_of(Source.objects.visible_to(request.scope), form.wanted)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "may_register": request.scope.has(Permission.SOURCE_EDIT)}
    return render(request, "grids/source_list.html", context)


@login_required
@require_safe
def source(request: HttpRequest, code: str) -> HttpResponse:
    sheet = source_sheet_of(_source_for(request, code), request.scope)
    return render(request, "grids/source.html", {"sheet": sheet})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def source_new(request: HttpRequest) -> HttpResponse:
    _require(request, Permission.SOURCE_EDIT)
    form = SourceForm(request.POST or None, scope=request.scope)

    def register(form: SourceForm) -> Source:
        return register_source(draft=form.draft(), by=request.scope, at=timezone.now())

    return _edited(request, form, register, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def source_edit(request: HttpRequest, code: str) -> HttpResponse:
    found = _source_for(request, code)
    if not request.scope.covers(found.grid, Permission.SOURCE_EDIT):
        raise PermissionDenied
    form = SourceForm(request.POST or None, scope=request.scope, initial=SourceForm.initial_of(found))

    def update(form: SourceForm) -> Source:
        return update_source(source=found, draft=form.draft(), by=request.scope, at=timezone.now())

    return _edited(request, form, update, found)


def _edited(
    request: HttpRequest, form: SourceForm, save: Callable[[SourceForm], Source], found: Source | None
) -> HttpResponse:
    """Save what was filled in and show the site, or the form again with what has to be corrected."""
    if request.method == "POST" and form.is_valid():
        try:
            saved = save(form)
        except InvalidForm as invalid:
            for name, sentence in invalid.errors.items():
                form.add_error(name if name in form.fields else "lon", sentence)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"“{saved.name}”已保存，编号 {saved.code}，所在网格 {saved.grid.path}。")
            return redirect("grids:source", code=saved.code)
    return render(request, "grids/source_form.html", {"form": form, "source": found})


def _source_for(request: HttpRequest, code: str) -> Source:
    _require(request, Permission.SOURCE_VIEW)
    return get_object_or_404(Source.objects.visible_to(request.scope).select_related("grid"), code=code)


def _require(request: HttpRequest, permission: Permission) -> None:
    if not request.scope.has(permission):
        raise PermissionDenied
