"""People who are told things, and a kind of notification that leads to a page."""

from typing import Any

from jiafang.access import actor_transaction, system
from jiafang.notifications import kinds
from jiafang.notifications.models import Notification
from jiafang.notifications.services.notify import notify
from jiafang.organization.models import Person

CODE, WORDS = "test.waits", "有一件事等您确认"


def place_of(object_id: str) -> str:
    return f"/there/{object_id}/"


def declare_once() -> None:
    if CODE not in {kind.code for kind in kinds.declared()}:
        kinds.declare(CODE, WORDS, place_of)


def tell(person: Person, object_id: str | int = 7, **said: Any) -> Notification:
    """Tell somebody as the machine does; the row."""
    machine = system("test")
    words = {"code": CODE, "object_kind": "thing", "object_id": object_id} | said
    with actor_transaction(machine):
        assert notify(by=machine, people=[person.pk], **words) == 1
    return Notification.unscoped.latest("pk")
