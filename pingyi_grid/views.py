"""Pages of the roof itself."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pingyi_grid.gallery import samples


@login_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    return _gallery(request, "gallery.html")


@login_required
@require_safe
def field_gallery(request: HttpRequest) -> HttpResponse:
    return _gallery(request, "gallery_field.html")


def _gallery(request: HttpRequest, template: str) -> HttpResponse:
    """For anybody with a post: people who build or judge pages; it holds nothing of the county's business."""
    if not request.scope.has_post:
        raise PermissionDenied
    return render(request, template, samples(timezone.now()))
