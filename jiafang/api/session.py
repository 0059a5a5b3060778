"""Who asks: the actor of the session, as on every page; changes need the page's CSRF token."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie

from jiafang.access import Actor


class SessionActor(APIKeyCookie):
    """The actor that the middleware has chosen; without one the answer is 401."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: Any) -> Actor | None:
        actor: Actor | None = getattr(request, "actor", None)
        return actor
