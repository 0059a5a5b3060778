"""The gate of every page: who may come in at all. Rows are then reached through `access.scope`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from jiafang.access import Actor, may, reading, scope
from jiafang.access.actor import ALL_KINDS
from jiafang.access.registry import VIEW

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponse]


class ActorRequest(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    capacities: list[Actor]


@dataclass(frozen=True)
class Gate:
    """Which capacities pass; what the tests read off every URL."""

    kinds: frozenset[str]
    permission: str
    methods: tuple[str, ...]


def gate(
    kinds: Iterable[str] = ALL_KINDS, *, permission: str = "", methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """Let only actors of these kinds (and holders of the permission) in; others get 404, visitors the sign-in page.

    A GET runs inside a reading transaction. A POST does not: its service opens the durable one.
    """
    rule = Gate(frozenset(kinds), permission, methods)

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            actor = request.actor
            if actor is None or actor.kind not in rule.kinds or (permission and not may(actor, permission)):
                raise Http404
            if request.method not in rule.methods and not (request.method == "HEAD" and "GET" in rule.methods):
                return HttpResponseNotAllowed(rule.methods)
            if request.method in ("GET", "HEAD"):
                with reading(actor):
                    return view(request, *args, **kwargs)
            return view(request, *args, **kwargs)

        gated.gate = rule  # type: ignore[attr-defined]  # read by the scope tests
        return gated

    return decorate


def public(view: View) -> View:
    """Mark a page that needs no actor (sign-in, language)."""
    view.gate = Gate(frozenset({"*"}), "", ("GET", "POST"))  # type: ignore[attr-defined]  # read by the scope tests
    return view


def row_or_404(rows: QuerySet[M], **lookup: Any) -> M:
    """The one row, or 404: outside scope and missing look alike."""
    found = rows.filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def scoped_or_404(actor: Actor, model: type[M], *related: str, purpose: str = VIEW, **lookup: Any) -> M:
    """One row within the actor's scope, with what is related to it, or 404."""
    with reading(actor):
        rows = scope(actor, model, purpose)
        return row_or_404(rows.select_related(*related) if related else rows, **lookup)


def listed_or_404(actor: Actor, rows: QuerySet[M], pk: int) -> M:
    """One row of a list that everybody who has come in may read, or 404."""
    with reading(actor):
        return row_or_404(rows, pk=pk)
