"""Pages of cases: the list, one case with what may be done to it, its deadlines and photos, and registration."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from cases.forms.acting import Attempt, kept_of
from cases.forms.filters import FilterForm
from cases.forms.matter import MatterForm
from cases.forms.places import read_places
from cases.models import Case
from cases.presentation.deadlines import deadline_lines
from cases.presentation.lists import listing_of
from cases.presentation.sheet import page_of
from cases.services import reading
from cases.services.dossier import read_dossier
from cases.services.explaining import explain_clocks
from cases.services.filing import open_case
from cases.services.machine import act
from cases.services.photos import MOST_PHOTOS, recall, take_in_each, uuids_of
from cases.transitions import LIFECYCLE
from grids.models import Grid
from grids.scope import Scope
from kernel.lifecycle import InvalidForm
from kernel.models import Photo
from kernel.refusal import Refused

# A photo never changes under its address; who lost the right to see it has at most an hour of what was seen before.
_PHOTO_CACHE = "private, max-age=3600"
_PHOTO_FIELDS = {"thumb": "thumbnail", "shown": "shown"}


@login_required
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    scope = request.scope
    if not scope.has(Permission.CASE_VIEW):
        raise PermissionDenied
    form = FilterForm(request.GET, scope)
    listing = listing_of(Case.objects.visible_to(scope), form.wanted, request.GET, scope, timezone.now())
    return render(request, "cases/case_list.html", {"form": form, "list": listing, "may_report": _may_report(scope)})


@login_required
@require_safe
def case_detail(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, _case_for(request, number))


@login_required
@require_POST
def case_act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do one act; what cannot be done is told on the page of the case, with everything that was typed."""
    case, attempt = _case_for(request, number), Attempt(action, request.POST)
    photos = recall(kept_of(request.POST), by=request.scope)
    try:
        row = LIFECYCLE.find(action, case.state)
        _take_in(request, photos, case.grid)
        data = {**attempt.values(row.fields), "photos": photos}
        act(case, action, by=request.scope, at=timezone.now(), data=data, seen=attempt.seen)
    except Refused as refused:
        return _told(request, number, replace(attempt, kept=uuids_of(photos)), refused)
    messages.success(request, f"已办理“{row.label}”。")
    return redirect("cases:detail", number=number)


@login_required
@require_safe
def case_clock(request: HttpRequest, number: str) -> HttpResponse:
    case = _case_for(request, number)
    lines = deadline_lines(explain_clocks(case), timezone.now())
    return render(request, "cases/case_clock.html", {"case": case, "lines": lines})


@login_required
@require_safe
def case_photo(request: HttpRequest, number: str, pk: int, size: str) -> HttpResponse:
    """The shown copy or the thumbnail of a photo; never the original."""
    if size not in _PHOTO_FIELDS:
        raise Http404
    case = _case_for(request, number)
    photo = get_object_or_404(case.photos.select_related("photo"), pk=pk, photo__isnull=False).photo
    tag = f'"{photo.uuid.hex}-{size}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _picture(photo, size, f"{number}-{pk}.jpg")
    response["ETag"], response["Cache-Control"] = tag, _PHOTO_CACHE
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_new(request: HttpRequest) -> HttpResponse:
    """Report or register a matter. The number made with the form lets a second click find the case of the first."""
    scope = request.scope
    if not _may_report(scope):
        raise PermissionDenied
    if request.method != "POST":
        return _matter_page(request, MatterForm(read_places(scope, request.GET.get("town", "")), scope))
    places = read_places(scope, request.POST.get("town", ""))
    return _file(request, MatterForm(places, scope, request.POST, request.FILES))


def _file(request: HttpRequest, form: MatterForm) -> HttpResponse:
    """File what a complete form says; of one that is not complete, keep the photos."""
    is_complete, grid, photos = form.is_valid(), form.chosen_grid, []
    client_id = form.cleaned_data.get("client_id")
    try:
        if grid is not None:
            photos = recall(kept_of(request.POST), by=request.scope, client_id=client_id, grid=grid)
            _take_in(request, photos, grid)
        if not is_complete:
            return _matter_page(request, form.keeping(uuids_of(photos)), status=422)
        filed = open_case(form.matter(photos), by=request.scope, at=timezone.now(), client_id=client_id)
    except Refused as refused:
        return _matter_page(request, form.refused(refused, uuids_of(photos)), status=_status_of(refused))
    messages.success(request, f"已上报，编号 {filed.case.number}。")
    return redirect("cases:detail", number=filed.case.number)


def _matter_page(request: HttpRequest, form: MatterForm, status: int = 200) -> HttpResponse:
    return render(request, "cases/case_new.html", {"form": form, "places": form.places}, status=status)


def _may_report(scope: Scope) -> bool:
    return scope.has(Permission.CASE_REPORT)


def _case_for(request: HttpRequest, number: str) -> Case:
    """The case of `number` if this person may see it; 404 otherwise, as for one that does not exist."""
    return get_object_or_404(reading.whole(Case.objects.visible_to(request.scope)), number=number)


def _page(request: HttpRequest, case: Case, attempt: Attempt | None = None, status: int = 200) -> HttpResponse:
    at = timezone.now()
    page = page_of(read_dossier(case, by=request.scope, at=at), request.scope, at, attempt)
    return render(request, "cases/case_detail.html", {"page": page, "case": case}, status=status)


def _told(request: HttpRequest, number: str, attempt: Attempt, refused: Refused) -> HttpResponse:
    """The case as it is now with the reason why the act was not done: at the fields, or above the page."""
    if isinstance(refused, InvalidForm):
        attempt = replace(attempt, sentences=refused.errors)
    else:
        messages.error(request, refused.sentence)
    return _page(request, _case_for(request, number), attempt, status=_status_of(refused))


def _status_of(refused: Refused) -> int:
    return 422 if isinstance(refused, InvalidForm) else 409


def _take_in(request: HttpRequest, photos: list[Photo], grid: Grid) -> None:
    """Add to `photos` those that came with the form; what is wrong with one of them is told at their field."""
    files, room = request.FILES.getlist("photos"), MOST_PHOTOS - len(photos)
    intake = take_in_each(files, room=room, grid=grid, by=request.scope, at=timezone.now())
    photos += intake.photos
    if intake.sentences:
        raise InvalidForm({"photos": " ".join(intake.sentences)})


def _picture(photo: Photo, size: str, name: str) -> HttpResponse:
    file = getattr(photo, _PHOTO_FIELDS[size])
    return FileResponse(file.open("rb"), content_type="image/jpeg", filename=name)
