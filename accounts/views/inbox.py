"""The inbox: what one was told."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.models import Notice
from accounts.views.targets import local_target

NOTICES_A_PAGE = 30


@login_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    pages = Paginator(Notice.objects.visible_to(request.scope).order_by("-created_at", "-id"), NOTICES_A_PAGE)
    return render(request, "accounts/notice_list.html", {"page": pages.get_page(request.GET.get("page"))})


@login_required
@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and go where it leads; one that leads nowhere leads back to the inbox."""
    notice = get_object_or_404(Notice.objects.visible_to(request.scope), pk=pk)
    services.mark_read(notice=notice, at=timezone.now())
    return redirect(local_target(request, notice.url, otherwise="accounts:notices"))


@login_required
@require_POST
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.visible_to(request.scope), pk=pk)
    services.mark_read(notice=notice, at=timezone.now())
    return redirect("accounts:notices")


@login_required
@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    services.mark_all_read(by=request.scope, at=timezone.now())
    return redirect("accounts:notices")
