"""The .ics feed of one person, and the page that gives out its address."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.access.capacities import actors_of, standing
from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.accounts.standing import still_stands
from jiafang.visits.selectors.feed import feed
from jiafang.visits.services.calendar import has_calendar, issue_calendar_token, revoke_calendar_token, user_of_token
from jiafang.web.accounts.confirm import ask_to_confirm, recently_confirmed
from jiafang.web.calendar.ics import to_ics
from jiafang.web.gate import ActorRequest, gate, public


@public
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the address reads the feed; roles are looked at anew each time."""
    user = user_of_token(token)
    actors = actors_of(user.pk) if user else []
    if user is None or not actors or not still_stands(user.calendar_standing, standing(actors)):
        raise Http404
    with reading(actors[0]):
        events = feed(actors)
        about = {pk for event in events for pk in event.people}
        audit.opened(by=actors[0], reading=Reading.CALENDAR, students=about, of=user)
        body = to_ics(events)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@gate(methods=("GET", "POST"))
def calendar_subscribe(request: ActorRequest) -> HttpResponse:
    """Give out an address, shown this once, or end it."""
    address = ""
    if request.method == "POST":
        if "revoke" in request.POST:
            revoke_calendar_token(by=request.actor)
            messages.success(request, _("已停用,原来的日历地址马上失效。"))
            return redirect("calendar_subscribe")
        if not recently_confirmed(request):
            # The address goes on when the device on which it was made is signed out.
            return ask_to_confirm(request, back=reverse("calendar_subscribe"))
        token = issue_calendar_token(by=request.actor)
        address = request.build_absolute_uri(reverse("calendar_feed", args=[token]))
    context = {
        "address": address,
        "webcal": address.replace("https:", "webcal:", 1).replace("http:", "webcal:", 1),
        "subscribed": bool(address) or has_calendar(request.actor),
    }
    return render(request, "calendar/subscribe.html", context)
