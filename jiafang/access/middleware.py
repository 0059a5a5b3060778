"""Gives every request its actor, or none."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jiafang.access.actor import Actor
from jiafang.access.capacities import actors_of, choose

CAPACITY = "capacity"  # in the session: the one taken on this device


class ActorMiddleware:
    """Sets `request.actor` and `request.capacities` (all actors of the user) at each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actors: list[Actor] = []
        if request.user.is_authenticated:
            actors = actors_of(request.user.pk)
        request.capacities = actors  # type: ignore[attr-defined]  # an attribute of ours
        wanted = request.session.get(CAPACITY, getattr(request.user, "capacity", "")) if actors else ""
        request.actor = choose(actors, wanted)  # type: ignore[attr-defined]  # an attribute of ours
        return self.get_response(request)
