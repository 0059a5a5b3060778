"""A list of many people leaves the house only after the password was given once more.

The browser is led to the page that asks, from there back to the page on which the button was, and that page fetches
the file by itself.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from jiafang.web.accounts.confirm import ask_to_confirm, recently_confirmed
from jiafang.web.gate import ActorRequest

View = Callable[..., HttpResponse]


def bulk_export(*, page: str, form: str) -> Callable[[View], View]:
    """Goes below `@gate(...)`; `page` is the address (with the same parameters) that has the button for `form`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if recently_confirmed(request):
                return view(request, *args, **kwargs)
            query = request.GET.copy()
            query["download"] = form
            return ask_to_confirm(request, back=f"{reverse(page, args=args, kwargs=kwargs)}?{query.urlencode()}")

        guarded.bulk_export = form  # type: ignore[attr-defined]  # read by the tests
        return guarded

    return decorate


def waiting_download(request: ActorRequest, **files: str) -> str:
    """The address of the file for which the browser was sent to confirm; none before it did."""
    wanted = files.get(request.GET.get("download", ""), "")
    if not wanted or not recently_confirmed(request):
        return ""
    query = request.GET.copy()
    del query["download"]
    return f"{wanted}?{query.urlencode()}" if query else wanted
