"""Pages of patrols."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inspections.forms import PatrolFilter
from inspections.models import Patrol

PATROLS_A_PAGE = 50


@login_required
@require_safe
def patrol_list(request: HttpRequest) -> HttpResponse:
    form = PatrolFilter(request.GET, scope=request.scope)
    rows = form.narrow(Patrol.objects.visible_to(request.scope))
    context = {
        "form": form,
        "totals": rows.totals(),
        "page": Paginator(rows.for_list(), PATROLS_A_PAGE).get_page(request.GET.get("page")),
        "names_are_shown": not request.scope.is_masked,
    }
    return render(request, "inspections/patrol_list.html", context)
