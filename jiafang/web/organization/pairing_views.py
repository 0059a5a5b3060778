"""挂钩安排: which cadre looks after which school, and a proposal by load and nearness for schools without one."""

import re

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
from jiafang.organization.models import Pairing, Person, School, holding
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
    """Values are "school:cadre". What cannot be done by now is told, the rest is paired."""
    found = [re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", value) for value in request.POST.getlist("pair")]
    wanted = {int(pair[1]): int(pair[2]) for pair in found if pair is not None}
    with reading(request.actor):
        schools = scope(request.actor, School, CHANGE).in_bulk(wanted)
        cadres = scope(request.actor, Person).in_bulk(wanted.values())
        held = scope(request.actor, Pairing).filter(holding(today()), school_id__in=wanted)
        paired = set(held.values_list("school_id", flat=True))
    made = 0
    for school_id, cadre_id in wanted.items():
        if school_id not in schools or cadre_id not in cadres:
            messages.error(request, _("有一行已经过时,没有挂钩,请重新看一遍。"))
            continue
        if school_id in paired:
            messages.error(request, _("%(school)s 已经有挂钩干部,没有再挂。") % {"school": schools[school_id].name})
            continue
        try:
            pair(by=request.actor, cadre=cadres[cadre_id], school=schools[school_id], on=today())
            made += 1
        except JiafangError as error:
            messages.error(request, error.message)
    if made:
        words = ngettext("%(count)d 所学校有了挂钩干部。", "%(count)d 所学校有了挂钩干部。", made)
        messages.success(request, words % {"count": made})
    elif not found:
        messages.error(request, _("请先勾选要挂钩的学校。"))
