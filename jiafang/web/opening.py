"""A page that shows something about families says so: one entry for all whom it shows."""

from collections.abc import Iterable

from django.db.models import Model

from jiafang.access import reading
from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.web.gate import ActorRequest


def note_opened(
    request: ActorRequest, what: Reading, people: Iterable[int], *, of: Model | None = None, why: str = ""
) -> None:
    """Call it where the page is rendered; a GET is in its reading already, a form shown again after a POST is not."""
    if request.method in ("GET", "HEAD"):
        audit.opened(by=request.actor, reading=what, students=people, of=of, why=why)
        return
    with reading(request.actor):
        audit.opened(by=request.actor, reading=what, students=people, of=of, why=why)
