"""What is kept about the own child: as a file, and a way to have it corrected."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading, scope
from jiafang.access.actor import GUARDIAN
from jiafang.accounts import audit
from jiafang.care.selectors.own_matters import own_matters
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault
from jiafang.organization.models import CorrectionRequest
from jiafang.organization.services.corrections import ask_correction
from jiafang.visits.selectors.own_data import own_children, own_data
from jiafang.web.components.shapes import Crumb
from jiafang.web.downloads import PDF, download
from jiafang.web.exports.facts import facts_pdf
from jiafang.web.exports.watermark import watermark_of
from jiafang.web.family.forms import CorrectionForm
from jiafang.web.family.own_data import sections
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.organization.correction_views import TONES

SHOWN = 50


@gate({GUARDIAN}, methods=("GET", "POST"))
def family_data(request: ActorRequest) -> HttpResponse:
    """The own children's files, the form for a correction, and what became of earlier ones."""
    actor = request.actor
    with reading(actor):
        children = own_children(actor)
    form = CorrectionForm(request.POST if request.method == "POST" else None, children=children)
    if form.is_valid():
        told = form.cleaned_data
        try:
            ask_correction(
                by=actor,
                student_id=int(told["student"]),
                about=told["about"],
                wrong=told["wrong"],
                right=told["right"],
            )
        except (Conflict, InputFault) as fault:
            form.add_error(None, fault.message)
        else:
            messages.success(request, _("已告诉学校,答复会出现在这里。"))
            return redirect("family_data")
    with reading(actor):
        asked = list(scope(actor, CorrectionRequest).select_related("student")[:SHOWN])
    return render(
        request,
        "family/data.html",
        {
            "children": children,
            "form": form,
            "asked": [(row, TONES[row.state]) for row in asked],
            "trail": [Crumb(_("我家的家访"), reverse("family")), Crumb(_("孩子的资料"))],
        },
        status=422 if form.errors else 200,
    )


@gate({GUARDIAN})
def family_file(request: ActorRequest, pk: int) -> HttpResponse:
    """All that a guardian may see of the own child, as one PDF file."""
    actor = request.actor
    found = own_data(actor, pk, today())
    if found is None:
        raise Http404
    audit.record(by=actor, action="family.exported", of=found.child)
    title = _("%(name)s的资料") % {"name": found.child.name}
    content = facts_pdf(title, sections(found, own_matters(actor, pk)), watermark_of(actor))
    return download(content, name=f"{title}.pdf", content_type=PDF)
