"""The first page: where the capacity works from."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from jiafang.web.gate import public
from jiafang.web.shell import places


@public
def home(request: HttpRequest) -> HttpResponse:
    """Send each to the first place of the role; a person without any role is told so."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    actor = getattr(request, "actor", None)
    if actor is None or not places(actor):
        return render(request, "home/no_role.html")
    return redirect(places(actor)[0][1])


@public
def alive(request: HttpRequest) -> HttpResponse:
    """Answers when the server does; asked by set-up and monitoring."""
    return HttpResponse("ok", content_type="text/plain")
