"""Pages of the tree, the posts and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import Permission
from accounts.roles import Role
from grids.forms import (
    PersonSearch,
    PostFilter,
    PostForm,
    SourceFilter,
    SourceForm,
    SponsorshipForm,
    TermEndForm,
    TreeFilter,
)
from grids.models import Grid, Post, Source, Sponsorship
from grids.presentation.candidates import candidates, candidates_called, post_in_words
from grids.presentation.ledger import ledger_of, source_sheet_of
from grids.presentation.posts import page_of
from grids.presentation.sheet import sheet_of
from grids.presentation.tree import tree_of
from grids.services import (
    appoint,
    end_post,
    end_sponsorship,
    may_edit_post,
    register_source,
    sponsor,
    update_source,
)
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
    context = {"form": form, "page": page, "may_appoint": request.scope.has(Permission.POST_EDIT)}
    return render(request, "grids/post_list.html", context)


@login_required
@require_safe
def post_person(request: HttpRequest) -> HttpResponse:
    return _person_page(request, "安排任职", "grids:post_new")


@login_required
@require_safe
def sponsorship_person(request: HttpRequest) -> HttpResponse:
    return _person_page(request, "安排包保", "grids:sponsorship_new")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def post_new(request: HttpRequest, pk: int) -> HttpResponse:
    person = _candidate(request, pk)
    form = PostForm(_sent(request), scope=request.scope, initial=_first_day(request))

    def save() -> str:
        post = appoint(
            **form.cleaned_data | {"role": Role(form.cleaned_data["role"])},
            user=person,
            by=request.scope,
            at=timezone.now(),
        )
        messages.success(request, f"已安排{person.name}任 {post_in_words(post)}，自 {post.starts_on:%Y-%m-%d} 起。")
        return _list_of(person, at=f"{post.starts_on:%Y-%m-%d}")

    page = {"title": "安排任职", "lead": person.name, "back": reverse("grids:post_person"), "back_label": "另选人员"}
    return _answered(request, form, save, page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def post_end(request: HttpRequest, pk: int) -> HttpResponse:
    _require(request, Permission.POST_EDIT)
    posts = Post.objects.visible_to(request.scope).select_related("user", "grid", "department")
    post = get_object_or_404(posts, pk=pk)
    if not may_edit_post(request.scope, Role(post.role), post.grid):
        raise PermissionDenied
    form = TermEndForm(_sent(request), initial={"ends_on": request.scope.day})

    def save() -> str:
        ended = end_post(post=post, by=request.scope, at=timezone.now(), **form.cleaned_data)
        messages.success(
            request, f"已结束{post.user.name}的任职：{post_in_words(post)}，到 {ended.ends_on:%Y-%m-%d} 止（不含）。"
        )
        return _list_of(post.user)

    lead = f"{post.user.name}：{post_in_words(post)}，{post.starts_on:%Y-%m-%d} 起"
    page = {"title": "结束任职", "lead": lead, "back": reverse("grids:posts"), "back_label": "人员任职"}
    return _answered(request, form, save, page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sponsorship_new(request: HttpRequest, pk: int) -> HttpResponse:
    person = _candidate(request, pk)
    form = SponsorshipForm(_sent(request), scope=request.scope, initial=_first_day(request))

    def save() -> str:
        row = sponsor(**form.cleaned_data, user=person, by=request.scope, at=timezone.now())
        messages.success(request, f"已安排{person.name}包保“{row.grid.name}”，自 {row.starts_on:%Y-%m-%d} 起。")
        return reverse("grids:grid", args=[row.grid.code])

    back = reverse("grids:sponsorship_person")
    page = {"title": "安排包保", "lead": person.name, "back": back, "back_label": "另选人员"}
    return _answered(request, form, save, page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sponsorship_end(request: HttpRequest, pk: int) -> HttpResponse:
    _require(request, Permission.POST_EDIT)
    rows = Sponsorship.objects.visible_to(request.scope).select_related("user", "grid")
    row = get_object_or_404(rows, pk=pk)
    if not request.scope.covers(row.grid, Permission.POST_EDIT):
        raise PermissionDenied
    form = TermEndForm(_sent(request), initial={"ends_on": request.scope.day})
    back = reverse("grids:grid", args=[row.grid.code])

    def save() -> str:
        ended = end_sponsorship(sponsorship=row, by=request.scope, at=timezone.now(), **form.cleaned_data)
        messages.success(
            request, f"已结束{row.user.name}对“{row.grid.name}”的包保，到 {ended.ends_on:%Y-%m-%d} 止（不含）。"
        )
        return back

    lead = f"{row.user.name}：{row.get_sponsor_class_display()}，包保 {row.grid.path}，{row.starts_on:%Y-%m-%d} 起"
    page = {"title": "结束包保", "lead": lead, "back": back, "back_label": row.grid.name}
    return _answered(request, form, save, page)


def _person_page(request: HttpRequest, title: str, then: str) -> HttpResponse:
    """The first of two steps, who; `then` names the page of the second."""
    _require(request, Permission.POST_EDIT)
    form = PersonSearch(request.GET, request.scope)
    found = candidates_called(form.wanted.get("q", ""), request.scope)
    context = {"form": form, "found": found, "title": title, "then": then, "here": request.path}
    return render(request, "grids/post_person.html", context)


def _candidate(request: HttpRequest, pk: int) -> User:
    _require(request, Permission.POST_EDIT)
    return get_object_or_404(candidates(request.scope), pk=pk)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _first_day(request: HttpRequest) -> dict[str, Any]:
    """What a form begins with: today, and the grid from whose page one came."""
    return {"starts_on": request.scope.day, "grid": request.GET.get("grid")}


def _list_of(person: User, **more: str) -> str:
    return f"{reverse('grids:posts')}?{urlencode({'q': person.name, **more})}"


def _answered(request: HttpRequest, form: forms.Form, save: Callable[[], str], page: dict[str, str]) -> HttpResponse:
    """Save and go where `save` says; or the form with what was typed: 422 when it is faulty, 409 when it is refused."""
    status = 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound:
        try:
            return redirect(save())
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = 409
    return render(request, "grids/post_form.html", {"form": form, **page}, status=status)


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
