"""Where help is found: read by everybody who has come in, kept by administrator and principal."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import may, reading
from jiafang.access.actor import ADMINISTRATOR, PRINCIPAL
from jiafang.care.models import Resource
from jiafang.care.selectors.resources import editable, resources
from jiafang.care.services.resources import Help, save_resource
from jiafang.common.errors import InputFault
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate

EDITORS = {ADMINISTRATOR, PRINCIPAL}


class ResourceForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=Resource.Kind.choices)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    phone = forms.CharField(
        label=gettext_lazy("电话"), max_length=30, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    hours = forms.CharField(
        label=gettext_lazy("时间"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("如:工作日 8:00–17:00,24 小时"),
    )
    address = forms.CharField(label=gettext_lazy("地址"), max_length=120, required=False)
    about = forms.CharField(label=gettext_lazy("能帮什么"), max_length=200, required=False)
    emergency = forms.BooleanField(
        label=gettext_lazy("紧急时先打"),
        required=False,
        help_text=gettext_lazy("排在最前面,紧急的事上会直接给出这个电话"),
    )
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)


@gate(permission="resource.read")
def resource_list(request: ActorRequest) -> HttpResponse:
    """Emergency numbers first, then kind by kind."""
    rows = list(resources(request.actor))
    urgent = [row for row in rows if row.emergency]
    others = sorted((row for row in rows if not row.emergency), key=lambda row: Resource.Kind.values.index(row.kind))
    edits = may(request.actor, "resource.edit")
    return render(
        request,
        "care/resources.html",
        {
            "urgent": urgent,
            "kinds": [
                (Resource.Kind(kind).label, list(of_kind)) for kind, of_kind in groupby(others, lambda row: row.kind)
            ],
            "edits": edits,
            "own": set(editable(request.actor).values_list("pk", flat=True)) if edits else set(),
            "put_off": list(editable(request.actor).filter(active=False)) if edits else [],
        },
    )


@gate(EDITORS, permission="resource.edit", methods=("GET", "POST"))
def resource_new(request: ActorRequest) -> HttpResponse:
    return _edit(request, None)


@gate(EDITORS, permission="resource.edit", methods=("GET", "POST"))
def resource_edit(request: ActorRequest, pk: int) -> HttpResponse:
    with reading(request.actor):
        row = editable(request.actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    return _edit(request, row)


def _edit(request: ActorRequest, row: Resource | None) -> HttpResponse:
    initial = {name: getattr(row, name) for name in ResourceForm.base_fields} if row else {}
    form = ResourceForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_resource(by=request.actor, told=Help(**form.cleaned_data), resource_id=row.pk if row else None)
        except InputFault as fault:
            form.add_error(fault.place if fault.place in form.fields else None, fault.message)
        else:
            messages.success(request, _("已保存。"))
            return redirect("resources")
    title = row.name if row else _("加一条")
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "lead": _("全区都能看到") if request.actor.kind == ADMINISTRATOR else _("本校师生和家长能看到"),
        "trail": [Crumb(_("求助资源"), reverse("resources")), Crumb(title)],
    }
    with reading(request.actor):
        return render(request, "organization/unit_form.html", context, status=422 if form.errors else 200)
