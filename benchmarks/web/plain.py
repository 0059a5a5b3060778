"""The yardstick: the same rows without permissions, scope, audit or components, as plain Django would show them."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path

from jiafang.access import actor_transaction, system
from jiafang.campaigns.models import Appointment, Campaign, Duty
from jiafang.common.clock import at, today
from jiafang.keys.fields import opened
from jiafang.organization.models import CareTag, Enrollment, Guardianship, HouseholdMembership, Person
from jiafang.visits.models import Participant, Visit

BY = system("benchmark")


def acting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Read and write as the machine, from whom the database hides nothing."""

    @wraps(view)
    def seen(*args: Any, **kwargs: Any) -> HttpResponse:
        with actor_transaction(BY):
            return view(*args, **kwargs)

    return seen


def agenda(request: HttpRequest) -> HttpResponse:
    person = Person.unscoped.get(user=request.user)
    rows = list(
        Appointment.unscoped.filter(visitors=person, starts_at__gte=at(today(), dt.time()), published=True)
        .order_by("starts_at", "order")
        .values(
            "pk",
            "starts_at",
            "channel",
            "place",
            "state",
            name=F("duties__person__name"),
            person=F("duties__person_id"),
            class_name=F("duties__school_class__name"),
        )
    )
    people = [row["person"] for row in rows]
    guardians = {
        row["student_id"]: row
        for row in Guardianship.unscoped.filter(student_id__in=people, is_primary=True, revoked_on=None).values(
            "student_id", "guardian_id", "guardian__name", "guardian__phone", "relation"
        )
    }
    for row in guardians.values():
        row["guardian__phone"] = opened(row["guardian__phone"], row["guardian_id"])
    tags: dict[int, list[str]] = {}
    for student_id, name in CareTag.unscoped.filter(student_id__in=people).values_list("student_id", "kind__name"):
        tags.setdefault(student_id, []).append(name)
    for row in rows:
        row["guardian"] = guardians.get(row["person"])
        row["tags"] = tags.get(row["person"], [])
    return render(request, "plain/agenda.html", {"rows": rows})


def student(request: HttpRequest, pk: int) -> HttpResponse:
    context: dict[str, Any] = {
        "person": Person.unscoped.filter(pk=pk).values("name", "sex", "birth_date").get(),
        "place": Enrollment.unscoped.filter(student_id=pk, end=None).values("school_class__name", "boarding").first(),
        "guardians": list(
            Guardianship.unscoped.filter(student_id=pk, revoked_on=None).values(
                "guardian_id", "guardian__name", "guardian__phone", "relation", "is_primary"
            )
        ),
        "tags": list(CareTag.unscoped.filter(student_id=pk).values_list("kind__name", flat=True)),
        "home": HouseholdMembership.unscoped.filter(person_id=pk, end=None)
        .values("household_id", "household__address", "household__village__name")
        .first(),
        "mates": list(
            HouseholdMembership.unscoped.filter(household__memberships__person_id=pk, end=None)
            .exclude(person_id=pk)
            .values_list("person__name", flat=True)
        ),
        "duties": list(Duty.unscoped.filter(person_id=pk).values("campaign__title", "due", "state")),
        "visits": list(
            Visit.unscoped.filter(duties__person_id=pk)
            .order_by("-started_at")
            .values("pk", "started_at", "channel", "finding", "recorded_by__name")[:3]
        ),
    }
    for row in context["guardians"]:
        row["guardian__phone"] = opened(row["guardian__phone"], row["guardian_id"])
    for row in context["visits"]:
        row["finding"] = opened(row["finding"], row["pk"])
    if context["home"]:
        context["home"]["household__address"] = opened(
            context["home"]["household__address"], context["home"]["household_id"]
        )
    return render(request, "plain/student.html", context)


class PlainForm(forms.Form):
    visit_id = forms.UUIDField()
    duty = forms.IntegerField()
    channel = forms.CharField()
    day = forms.DateField()
    time = forms.TimeField()
    finding = forms.CharField()
    follow_up = forms.CharField()


def save(request: HttpRequest) -> HttpResponse:
    form = PlainForm(request.POST)
    if not form.is_valid():
        return render(request, "plain/agenda.html", {"rows": []}, status=422)
    cleaned = form.cleaned_data
    person = Person.unscoped.get(user=request.user)
    duty = Duty.unscoped.get(pk=cleaned["duty"])
    visit = Visit.unscoped.create(
        pk=cleaned["visit_id"],
        campaign_id=duty.campaign_id,
        recorded_by=person,
        channel=cleaned["channel"],
        started_at=at(cleaned["day"], cleaned["time"]),
        finding=cleaned["finding"],
        follow_up=cleaned["follow_up"] == "yes",
    )
    visit.duties.add(duty)
    visit.visitors.add(person)
    Participant.unscoped.create(visit=visit, relation="母亲", channel=cleaned["channel"])
    Duty.unscoped.filter(pk=duty.pk).update(state="met", met_on=cleaned["day"])
    return redirect("plain_agenda")


def empty(request: HttpRequest) -> HttpResponse:
    return render(request, "plain/counts.html", {"campaign": {"title": request.user.username}, "rows": []})


def _counts(rows, *keys: str) -> list[dict[str, object]]:
    return list(
        rows.values(*keys)
        .annotate(
            total=Count("pk"),
            met=Count("pk", filter=Q(state="met")),
            declined=Count("pk", filter=Q(state="declined")),
            waiting=Count("pk", filter=Q(state="due")),
            overdue=Count("pk", filter=Q(state="due", due__lt=today())),
        )
        .order_by(*keys)
    )


def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    row = Campaign.unscoped.values("title", "start", "end", "state").get(pk=pk)
    rows = _counts(Duty.unscoped.filter(campaign_id=pk), "school_class__name")
    return render(request, "plain/counts.html", {"campaign": row, "rows": [(r["school_class__name"], r) for r in rows]})


def district(request: HttpRequest) -> HttpResponse:
    rows = _counts(Duty.unscoped.filter(campaign__state="published"), "campaign__tier", "school__name")
    return render(request, "plain/counts.html", {"campaign": {}, "rows": [(r["school__name"], r) for r in rows]})


urlpatterns = [
    path("plain/agenda/", acting(agenda), name="plain_agenda"),
    path("plain/students/<int:pk>/", acting(student)),
    path("plain/save/", acting(save)),
    path("plain/campaigns/<int:pk>/", acting(campaign)),
    path("plain/district/", acting(district)),
    path("plain/empty/", acting(empty)),
    path("", include("jiafang.config.urls")),
]
