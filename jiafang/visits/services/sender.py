"""Whose phone this is, and in which capacity it acts: what it names, if that is held, and nothing else."""

from dataclasses import dataclass

from jiafang.access import Actor, Capacity, may, reading, system
from jiafang.access.actor import SYSTEM
from jiafang.access.permissions import permissions
from jiafang.common.clock import today
from jiafang.organization.capacities import kind_of_post
from jiafang.organization.models import Person, Post

PERMISSION = "visit.record"


@dataclass(frozen=True)
class Sender:
    """Somebody whose phone sends; `actor` is None where the capacity is not held any more."""

    user_id: int
    person_id: int
    name: str
    capacity: str
    actor: Actor | None

    @property
    def school_id(self) -> int | None:
        school = self.capacity.partition(":")[2]
        return int(school) if school else None

    @property
    def keeper(self) -> Actor:
        """Who keeps what cannot be taken: whoever acts, or the house for somebody who may not act any more."""
        if self.actor is not None:
            return self.actor
        return Actor(self.user_id, self.person_id, Capacity(kind=SYSTEM, label="phones"), self.name)


def may_send(actor: Actor) -> bool:
    return may(actor, PERMISSION)


def sender_of(user_id: int, actors: list[Actor], capacity: str) -> Sender | None:
    """Who sends in this capacity; None for one that this person never had, or that records nothing."""
    for actor in actors:
        if actor.capacity_key == capacity and may_send(actor):
            return Sender(user_id, actor.person_id, actor.name, capacity, actor)
    return _former(user_id, capacity)


@reading(system("phones"))
def _former(user_id: int, capacity: str) -> Sender | None:
    """Somebody whose post has ended since the phone wrote this."""
    kind, _colon, school = capacity.partition(":")
    if kind not in permissions()[PERMISSION] or not (school == "" or (school.isascii() and school.isdecimal())):
        return None
    if len(school) > 18:
        return None
    person = Person.unscoped.filter(user_id=user_id, deceased=False).only("id", "name").first()
    if person is None:
        return None
    posts = Post.unscoped.filter(person=person, start__lte=today())
    posts = posts.filter(school_id=int(school)) if school else posts.filter(school=None)
    if not any(kind_of_post(post) == kind for post in posts.values_list("kind", flat=True)):
        return None
    return Sender(user_id, person.pk, person.name, capacity, None)


@reading(system("phones"))
def person_of(user_id: int) -> tuple[int, str] | None:
    """(id, name) of whose account this is, with or without a post."""
    return Person.unscoped.filter(user_id=user_id, deceased=False).values_list("pk", "name").first()
