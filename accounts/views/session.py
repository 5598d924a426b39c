"""The way in and out, and one's own password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import PasswordForm, SignInForm
from accounts.models import User
from accounts.views.targets import local_target
from kernel.refusal import Refused


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = local_target(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(target)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _open_session(request, **form.cleaned_data)
            return redirect(target)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "accounts/login.html", {"form": form, "next": target})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        services.record_sign_out(by=request.scope, at=timezone.now())
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def locked_out(request: HttpRequest, _response: HttpResponse | None, credentials: dict | None) -> HttpResponse:
    """The answer of django-axes in the place of any page that asked for a password once too often."""
    until = services.unlocked_at(
        username=(credentials or {}).get("username", ""), address=request.axes_ip_address, at=timezone.now()
    )
    context = {"until": until, "failures": settings.AXES_FAILURE_LIMIT}
    return render(request, "accounts/locked_out.html", context, status=settings.AXES_HTTP_RESPONSE_CODE)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _change_password(request, form.cleaned_data["current"], form.cleaned_data["password"])
            messages.success(request, "密码已修改。")
            return redirect(settings.LOGIN_REDIRECT_URL)
        except Refused as refused:
            form.add_error("current" if refused.code == "wrong_password" else "password", refused.sentence)
    context = {"form": form, "must_change": request.user.must_change_password}
    return render(request, "accounts/password_form.html", context)


def _open_session(request: HttpRequest, username: str, password: str) -> None:
    """Sign in, and let the session idle as long as the person's roles allow."""
    user = _authenticated(request, username, password, "登录名或密码不对")
    at = timezone.now()
    services.admit(user=user, at=at)
    login(request, user)
    idle = services.record_sign_in(user=user, session_key=request.session.session_key, by=request.scope, at=at)
    # Whole seconds: Django then counts from the last save; a moment would be an end however busy the person is.
    request.session.set_expiry(int(idle.total_seconds()))


def _change_password(request: HttpRequest, current: str, new: str) -> None:
    user = _authenticated(request, request.user.username, current, "现在的密码不对")
    user = services.change_own_password(user=user, password=new, by=request.scope, at=timezone.now())
    update_session_auth_hash(request, user)
    services.bind_session(user=user, session_key=request.session.session_key, by=request.scope)


def _authenticated(request: HttpRequest, username: str, password: str, fault: str) -> User:
    """The person with this password; Refused with `fault`, and counted by the lock, for a wrong one."""
    user = authenticate(request, username=username, password=password)
    if user is not None:
        return user
    services.record_failed_sign_in(
        username=username,
        locked=request.axes_locked_out,
        address=request.META.get("REMOTE_ADDR", ""),
        at=timezone.now(),
    )
    left = settings.AXES_FAILURE_LIMIT - (request.axes_failures_since_start or 0)
    raise Refused(f"{fault}，再错 {left} 次将锁定 30 分钟。", code="wrong_password")
