"""提醒: what waits for somebody, where it leads, and what has been read of it."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiafang.access import reading
from jiafang.notifications.kinds import kind_of
from jiafang.notifications.selectors import feed
from jiafang.notifications.services.read import mark_all_read, mark_read
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.notifications.presenters import by_day

PAGE = 50


@gate()
def notifications(request: ActorRequest) -> HttpResponse:
    """By day, the newest first."""
    return render(request, "notifications/notifications.html", _feed(request, request.GET.get("page")))


@gate(methods=("POST",))
def notification_open(request: ActorRequest, pk: int) -> HttpResponse:
    """Mark it read and go to its place; where there is none, back to the list."""
    row = mark_read(by=request.actor, notification_id=pk)
    return redirect(kind_of(row.code).place(row.object_id) or _list(request))


@gate(methods=("POST",))
def notification_read(request: ActorRequest, pk: int) -> HttpResponse:
    """Mark one read without going anywhere."""
    mark_read(by=request.actor, notification_id=pk)
    return _again(request)


@gate(methods=("POST",))
def notifications_read(request: ActorRequest) -> HttpResponse:
    """Mark all read that were there when the page was shown."""
    mark_all_read(by=request.actor, up_to=_number(request, "newest"))
    return _again(request)


def _again(request: ActorRequest) -> HttpResponse:
    """The list as it is now: as a part where a script asks for it, else the whole page."""
    if request.headers.get("HX-Request") != "true":
        return redirect(_list(request))
    with reading(request.actor):
        return render(request, "notifications/feed_part.html", _feed(request, request.POST.get("page")))


def _feed(request: ActorRequest, number: str | None) -> dict[str, object]:
    rows = feed(request.actor)
    page = Paginator(rows, PAGE).get_page(number)
    newest = rows.values_list("pk", flat=True).first()
    return {"page": page, "days": by_day(page), "newest": newest or 0}


def _number(request: ActorRequest, name: str = "page") -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def _list(request: ActorRequest) -> str:
    """The page of the list from which somebody came."""
    number = _number(request)
    return reverse("notifications") + (f"?page={number}" if number > 1 else "")
