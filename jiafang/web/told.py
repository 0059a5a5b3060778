"""What came of a button, as a message on the next page."""

from collections.abc import Callable

from django.contrib import messages

from jiafang.common.errors import Conflict, InputFault, NotReady
from jiafang.web.gate import ActorRequest


def told(request: ActorRequest, call: Callable[[], object], done: str) -> bool:
    """Run a use case of one button; its outcome, or its fault, is a message on the next page."""
    try:
        call()
    except (InputFault, Conflict, NotReady) as error:
        messages.error(request, error.message)
        return False
    messages.success(request, done)
    return True
