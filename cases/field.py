"""The phone: tasks, a report in few taps, what became of one's reports, and one case with what may be done to it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from cases.forms.acting import Attempt, kept_of
from cases.forms.phone import PhoneForm, read_categories
from cases.forms.places import read_places
from cases.models import Case
from cases.presentation.phone import receipt_of, reports_of, tasks_of, words_without_form
from cases.presentation.sheet import page_of
from cases.services import reading
from cases.services.dossier import read_dossier
from cases.services.filing import file_case
from cases.services.machine import act
from cases.services.photos import MOST_PHOTOS, Intake, as_taken_at, recall, take_in_each, uuids_of
from cases.transitions import LIFECYCLE
from grids.models import Grid
from kernel.lifecycle import InvalidForm
from kernel.models import Photo
from kernel.refusal import Refused


@login_required
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    scope = request.scope
    if not scope.has(Permission.CASE_VIEW):
        return _closed(request)
    found = tasks_of(Case.objects.visible_to(scope), scope, timezone.now(), request.GET.get("page"))
    return render(request, "field/tasks.html", {"tasks": found, "may_report": scope.has(Permission.CASE_REPORT)})


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    scope = request.scope
    if not scope.has(Permission.CASE_VIEW):
        return _closed(request)
    page, rows = reports_of(Case.objects.visible_to(scope), scope, request.GET.get("page"))
    return render(request, "field/mine.html", {"page": page, "rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Report a matter. The number made with the form lets a form that is sent twice find the case of the first."""
    scope = request.scope
    places = read_places(scope, request.POST.get("town") or request.GET.get("town", ""))
    if not scope.has(Permission.CASE_REPORT) or not (places.grids or places.towns):
        return _closed(request)
    categories = read_categories(scope, timezone.now())
    if request.method != "POST":
        return _form_page(request, PhoneForm(places, categories))
    return _file(request, PhoneForm(places, categories, request.POST))


def _file(request: HttpRequest, form: PhoneForm) -> HttpResponse:
    """Photos are taken in first, whatever else is wrong: a browser does not keep them for a second try."""
    is_valid = form.is_valid()
    _collect_photos(request, form)
    if not is_valid or form.errors:
        return _form_page(request, form, status=422)
    client_id = form.cleaned_data["client_id"]
    try:
        file_case(form.matter(), by=request.scope, at=timezone.now(), client_id=client_id)
    except Refused as refused:
        form.take_back(refused)
        return _form_page(request, form, status=_status_of(refused))
    return redirect("field:receipt", client_id=client_id)


def _collect_photos(request: HttpRequest, form: PhoneForm) -> None:
    kept = recall(form.kept_uuids, by=request.scope, client_id=form.cleaned_data.get("client_id"))
    uploads = request.FILES.getlist("photos")
    if not kept and not uploads:
        return
    grid = form.standing_at()
    intake = _taken_in(request, uploads, kept, grid)
    form.kept = as_taken_at(grid, kept, by=request.scope) + intake.photos
    for sentence in intake.sentences:
        form.say("photos", sentence)


@login_required
@require_safe
def receipt(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    """What was filed under the number of a form: the same page however often the form was sent."""
    scope = request.scope
    own = reading.whole(Case.objects.visible_to(scope)).reported_by(scope.user_id).for_rows()
    case = get_object_or_404(own, client_id=client_id)
    return render(request, "field/receipt.html", {"receipt": receipt_of(case, scope, timezone.now())})


@login_required
@require_safe
def kept_photo(request: HttpRequest, photo: uuid.UUID) -> HttpResponse:
    """The thumbnail of a photo that this person sent with a form that was not complete."""
    found = recall([str(photo)], by=request.scope)
    if not found:
        raise Http404
    return FileResponse(found[0].thumbnail.open("rb"), content_type="image/jpeg")


@login_required
@require_safe
def case_detail(request: HttpRequest, number: str) -> HttpResponse:
    return _case_page(request, _case_for(request, number))


@login_required
@require_POST
def case_act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do one act; what cannot be done is told on the page of the case, with everything typed and every photo."""
    case, attempt = _case_for(request, number), Attempt(action, request.POST)
    photos = recall(kept_of(request.POST), by=request.scope)
    try:
        row = LIFECYCLE.find(action, case.state)
        intake = _taken_in(request, request.FILES.getlist("photos"), photos, case.grid)
        photos += intake.photos
        if intake.sentences:
            raise InvalidForm({"photos": " ".join(intake.sentences)})
        data = {**attempt.values(row.fields), "photos": photos}
        act(case, action, by=request.scope, at=timezone.now(), data=data, seen=attempt.seen)
    except Refused as refused:
        return _told(request, number, replace(attempt, kept=uuids_of(photos)), refused)
    messages.success(request, f"已办理“{row.label}”。")
    return redirect("field:case", number=number)


def _told(request: HttpRequest, number: str, attempt: Attempt, refused: Refused) -> HttpResponse:
    """The case as it is now with the reason why the act was not done: above the page, as its form lies far below, and
    at the fields.
    """
    messages.error(request, refused.sentence)
    if isinstance(refused, InvalidForm):
        attempt = replace(attempt, sentences=refused.errors)
    return _case_page(request, _case_for(request, number), attempt, status=_status_of(refused))


def _case_for(request: HttpRequest, number: str) -> Case:
    """The case of `number` if this person may see it; 404 otherwise, as for one that does not exist."""
    return get_object_or_404(reading.whole(Case.objects.visible_to(request.scope)), number=number)


def _case_page(request: HttpRequest, case: Case, attempt: Attempt | None = None, status: int = 200) -> HttpResponse:
    at = timezone.now()
    page = page_of(read_dossier(case, by=request.scope, at=at), request.scope, at, attempt)
    # The same acts as at the desk, posted to the door that answers with pages of the phone.
    actions = [replace(row, url=f"/field{row.url}") for row in page.actions]
    context = {"page": page, "case": case, "actions": actions, "typed": words_without_form(page.actions, attempt)}
    return render(request, "field/case.html", context, status=status)


def _taken_in(request: HttpRequest, uploads: Sequence[UploadedFile], kept: Sequence[Photo], grid: Grid) -> Intake:
    room = MOST_PHOTOS - len(kept)
    return take_in_each(uploads, room=room, grid=grid, by=request.scope, at=timezone.now())


def _form_page(request: HttpRequest, form: PhoneForm, status: int = 200) -> HttpResponse:
    return render(request, "field/report.html", {"form": form, "places": form.places}, status=status)


def _closed(request: HttpRequest) -> HttpResponse:
    """For whom the phone has nothing today, as after the last day of a post: a sentence, and the words just typed."""
    typed = [text for name in ("description", "place", "no_photo_reason") if (text := request.POST.get(name))]
    return render(request, "field/closed.html", {"typed": typed, "scope": request.scope}, status=403)


def _status_of(refused: Refused) -> int:
    return 422 if isinstance(refused, InvalidForm) else 409
