"""挂钩安排: which cadre looks after which school, and a proposal by load and nearness for schools without one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiafang.access import reading, scope
from jiafang.access.actor import ADMINISTRATOR
from jiafang.access.registry import CHANGE
from jiafang.campaigns.pairings import pairing_overview
from jiafang.common.clock import today
from jiafang.common.errors import JiafangError
from jiafang.organization.models import Person, School
from jiafang.organization.services.appoint import pair
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate


@gate({ADMINISTRATOR}, permission="units.correct", methods=("GET", "POST"))
def pairing_list(request: ActorRequest) -> HttpResponse:
    """What is paired, and a form with the proposal; each line of it can be left out."""
    if request.method == "POST":
        _pair_chosen(request)
        return redirect("pairing_list")
    context = {
        "overview": pairing_overview(request.actor),
        "trail": [Crumb(_("学校"), reverse("school_list")), Crumb(_("挂钩安排"))],
    }
    return render(request, "organization/pairings.html", context)


def _pair_chosen(request: ActorRequest) -> None:
    """Values are "school:cadre"; whoever is out of reach by now is told, the others are paired."""
    wanted = [tuple(value.split(":")) for value in request.POST.getlist("pair")]
    numbers = [
        (int(a), int(b)) for a, b in (pair for pair in wanted if len(pair) == 2) if a.isdecimal() and b.isdecimal()
    ]
    with reading(request.actor):
        schools = scope(request.actor, School, CHANGE).in_bulk([school for school, _cadre in numbers])
        cadres = scope(request.actor, Person).in_bulk([cadre for _school, cadre in numbers])
    made = 0
    for school_id, cadre_id in numbers:
        if school_id not in schools or cadre_id not in cadres:
            continue
        try:
            pair(by=request.actor, cadre=cadres[cadre_id], school=schools[school_id], on=today())
            made += 1
        except JiafangError as error:
            messages.error(request, error.message)
    if made:
        words = ngettext("%(count)d 所学校有了挂钩干部。", "%(count)d 所学校有了挂钩干部。", made)
        messages.success(request, words % {"count": made})
    elif not wanted:
        messages.error(request, _("请先勾选要挂钩的学校。"))
