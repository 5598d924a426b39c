"""The audit log as the auditor reads and verifies it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.forms import AuditFilter
from accounts.permissions import Permission
from kernel.audit import end_of_chain, verify
from kernel.models import AuditEntry

ENTRIES_A_PAGE = 50
_MOST_FAULTS = 20


@login_required
@require_safe
def entry_list(request: HttpRequest) -> HttpResponse:
    if not request.scope.has(Permission.AUDIT_VIEW):
        raise PermissionDenied
    form = AuditFilter(request.GET)
    entries = AuditEntry.objects.visible_to(request.scope).matching(form.text).between(*form.days)
    page = Paginator(entries, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "end": end_of_chain(), "verified": _verified(request)}
    return render(request, "accounts/audit_list.html", context)


def _verified(request: HttpRequest) -> dict[str, object] | None:
    """The outcome of verifying the whole chain, when asked for; about a second for 65,000 entries."""
    if "verify" not in request.GET:
        return None
    faults = verify()
    return {"is_whole": not faults, "count": len(faults), "faults": faults[:_MOST_FAULTS]}
