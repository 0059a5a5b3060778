"""谁看过: who opened the file of a child, or one's own."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access.actor import ADMINISTRATOR, GUARDIAN
from jiafang.accounts.audit import Reading
from jiafang.organization.opened import openings_of, schools_named, whose_file
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.opened.words import by_day
from jiafang.web.opening import note_opened

PAGE = 60


@gate()
def opened(request: ActorRequest, pk: int) -> HttpResponse:
    """By day: who, in which role, what for, at what time."""
    actor = request.actor
    name = whose_file(actor, pk)
    if name is None:
        raise Http404
    page = Paginator(openings_of(actor, pk), PAGE).get_page(request.GET.get("page"))
    entries = list(page)
    own = pk == actor.person_id
    trail = [] if own else [Crumb(_("谁看过"))]
    if not own and actor.kind == GUARDIAN:
        trail.insert(0, Crumb(_("我家的家访"), reverse("family")))
    elif not own and actor.kind == ADMINISTRATOR:
        trail.insert(0, Crumb(name, reverse("person", args=[pk])))
    if actor.kind == ADMINISTRATOR:
        note_opened(request, Reading.OPENINGS, [pk])
    whom = _("请告诉班主任或学校") if actor.kind == GUARDIAN else _("请告诉学校或教育局")
    title = _("谁看过我的档案") if own else _("谁看过%(name)s的档案") % {"name": name}
    context = {
        "title": title,
        "own": own,
        "whom": whom if own or actor.kind == GUARDIAN else "",
        "page": page,
        "days": by_day(entries, schools_named(actor, entries)),
        "trail": trail,
    }
    return render(request, "opened/opened.html", context)
