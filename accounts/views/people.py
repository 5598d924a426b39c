"""Accounts as the system administrator keeps them: list, one person, password, closing and opening."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.forms import ContactForm, NewPersonForm, PeopleFilter, TemporaryPasswordForm
from accounts.models import User
from accounts.permissions import Permission
from kernel.refusal import Refused

PEOPLE_A_PAGE = 50


@login_required
@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    _require_keeper(request)
    form = PeopleFilter(request.GET)
    people = User.objects.visible_to(request.scope).people().matching(form.text).in_standing(form.standing)
    page = Paginator(people.order_by("name", "id"), PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/person_list.html", {"page": page, "form": form})


@sensitive_post_parameters("password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    _require_keeper(request)
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.create_user(**form.cleaned_data, by=request.scope, at=timezone.now())
            messages.success(request, f"已建立{person.name}的账号，请到“人员任职”中安排任职。")
            return redirect("accounts:person", person.pk)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "accounts/person_form.html", {"form": form, "person": None})


@never_cache
@login_required
@require_safe
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    context = {"person": _person(request, pk), "password_form": TemporaryPasswordForm()}
    return render(request, "accounts/person_detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    form = ContactForm(request.POST if request.method == "POST" else None, initial=_contact(person))
    if request.method == "POST" and form.is_valid():
        try:
            services.update_contact(user=person, **form.cleaned_data, by=request.scope, at=timezone.now())
            messages.success(request, "已保存。")
            return redirect("accounts:person", pk)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "accounts/person_form.html", {"form": form, "person": person})


@sensitive_post_parameters("password")
@never_cache
@login_required
@require_POST
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    form = TemporaryPasswordForm(request.POST)
    if form.is_valid():
        try:
            password = form.cleaned_data["password"]
            services.set_password(user=person, password=password, by=request.scope, at=timezone.now())
            messages.success(request, f"已重置{person.name}的密码，请当面告知；本人登录后须立即修改。")
            return redirect("accounts:person", pk)
        except Refused as refused:
            form.add_error("password", refused.sentence)
    return render(request, "accounts/person_detail.html", {"person": person, "password_form": form})


@login_required
@require_POST
def person_disable(request: HttpRequest, pk: int) -> HttpResponse:
    return _acted(request, pk, services.disable_user, "已停用。")


@login_required
@require_POST
def person_enable(request: HttpRequest, pk: int) -> HttpResponse:
    return _acted(request, pk, services.enable_user, "已启用。")


def _acted(request: HttpRequest, pk: int, service: Callable[..., None], done: str) -> HttpResponse:
    """Do it to the person, and back to their page with what came of it."""
    try:
        service(user=_person(request, pk), by=request.scope, at=timezone.now())
        messages.success(request, done)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("accounts:person", pk)


def _require_keeper(request: HttpRequest) -> None:
    if not request.scope.has(Permission.USER_EDIT):
        raise PermissionDenied


def _person(request: HttpRequest, pk: int) -> User:
    _require_keeper(request)
    return get_object_or_404(User.objects.visible_to(request.scope).people(), pk=pk)


def _contact(person: User) -> dict[str, str]:
    return {field: getattr(person, field) for field in ContactForm.base_fields}
