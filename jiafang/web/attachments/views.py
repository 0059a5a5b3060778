"""Photos and voice notes of a record: fetched one at a time, added and removed by who wrote it."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from jiafang.access import CHANGE
from jiafang.access.actor import ADMINISTRATOR, STAFF_KINDS
from jiafang.common.errors import InputFault
from jiafang.visits.models import Attachment, Visit
from jiafang.visits.services.attach import LIMITS, attach, remove_attachment
from jiafang.visits.services.read_record import note_fetching
from jiafang.web.attachments.presenters import file_name
from jiafang.web.downloads import download
from jiafang.web.gate import ActorRequest, gate, scoped_or_404

VISITORS = STAFF_KINDS - {ADMINISTRATOR}
PHOTO = Attachment.Kind.PHOTO


@gate(VISITORS)
def attachment(request: ActorRequest, pk: uuid.UUID) -> HttpResponse:
    """One file, as a download; the opening is audited."""
    row = scoped_or_404(request.actor, Attachment, "visit", pk=pk)
    content = bytes(row.content)
    if not content:
        raise Http404
    note_fetching(by=request.actor, attachment=row)
    return download(content, name=file_name(row), content_type=row.content_type)


@gate(VISITORS, permission="visit.record", methods=("POST",))
def attachment_add(request: ActorRequest, pk: uuid.UUID) -> HttpResponse:
    """A photo from a browser that keeps nothing; the page has chosen the id, so that twice sent is once added."""
    visit = scoped_or_404(request.actor, Visit, purpose=CHANGE, pk=pk)
    photo = request.FILES.get("photo")
    try:
        if photo is None:
            raise InputFault(_("请先选一张照片"))
        content = photo.read(LIMITS[PHOTO].largest + 1)
        attach(by=request.actor, visit_id=visit.pk, attachment_id=_chosen_id(request), kind=PHOTO, content=content)
    except InputFault as fault:
        messages.error(request, fault.message)
    else:
        messages.success(request, _("照片已上传"))
    return redirect("visit", pk=pk)


@gate(VISITORS, permission="visit.record", methods=("POST",))
def attachment_remove(request: ActorRequest, pk: uuid.UUID) -> HttpResponse:
    """Gone for good; that there was one stays in the audit."""
    row = scoped_or_404(request.actor, Attachment, purpose=CHANGE, pk=pk)
    remove_attachment(by=request.actor, attachment=row)
    messages.success(request, _("已移除"))
    return redirect("visit", pk=row.visit_id)


def _chosen_id(request: ActorRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("id", ""))
    except ValueError:
        return uuid.uuid4()
