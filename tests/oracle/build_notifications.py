"""Notifications of everybody who asks: in any capacity, in each of their own, of their school and of the other one.

Where one leads is its secret: the token is the object to which it points.
"""

from jiafang.access import actor_transaction, system
from jiafang.notifications import kinds
from jiafang.notifications.models import Notification
from jiafang.notifications.services.notify import notify
from tests.oracle.facts import Told, World
from tests.oracle.subjects import SUBJECTS

CODE = "oracle.told"


def build_notifications(world: World) -> None:
    if CODE not in {kind.code for kind in kinds.declared()}:
        kinds.declare(CODE, "有一件事等您确认", lambda object_id: f"/there/{object_id}/")
    for name in dict.fromkeys(subject.name for subject in SUBJECTS):
        _told(world, name, "", None)
        _told(world, name, "", "two")
    for subject in SUBJECTS:
        for school in (None, "one", "two") if subject.kind else ():
            _told(world, subject.name, subject.kind, school)


def _told(world: World, name: str, kind: str, school: str | None) -> None:
    place, person = world.word(), world.people[name]
    school_id = world.schools[school] if school else None
    machine = system("oracle")
    with actor_transaction(machine):
        notify(
            by=machine,
            people=[person],
            code=CODE,
            object_kind="thing",
            object_id=place,
            school_id=school_id,
            capacity_kind=kind,
        )
    pk = Notification.unscoped.latest("pk").pk
    world.told[pk] = Told(pk, person, kind, school_id)
    world.hide(place, "notification", "place", pk)
