"""Typed changes that the organization announces, in the same transaction, to subscribers wired in config/wiring.py.

This is the only way up: campaigns move open duties, visits and care hand over.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jiafang.access import Actor


@dataclass(frozen=True)
class Transferred:
    """A student moved to another class (or entered one: `from_class_id` is None)."""

    student_id: int
    from_class_id: int | None
    to_class_id: int
    on: dt.date


@dataclass(frozen=True)
class Left:
    """A student left; `reason` is an Enrollment.Reason value."""

    student_id: int
    from_class_id: int
    reason: str
    on: dt.date


@dataclass(frozen=True)
class PostBegan:
    person_id: int
    kind: str
    school_id: int | None
    class_id: int | None
    on: dt.date


@dataclass(frozen=True)
class PostEnded:
    person_id: int
    kind: str
    school_id: int | None
    class_id: int | None
    on: dt.date


@dataclass(frozen=True)
class PairingEnded:
    """A cadre answers for a school no more."""

    cadre_id: int
    school_id: int
    on: dt.date


@dataclass(frozen=True)
class GuardianshipEnded:
    """A guardian may neither see nor be told of a student any more."""

    guardian_id: int
    student_id: int
    on: dt.date


@dataclass(frozen=True)
class CodeHandedOut:
    """A school holds a new code of somebody who had a sign-in: until it is used, the school could act as them."""

    person_id: int


Change = Transferred | Left | PostBegan | PostEnded | PairingEnded | GuardianshipEnded | CodeHandedOut
Subscriber = Callable[[Actor, Sequence[Change]], None]
_subscribers: list[Subscriber] = []


def subscribe(subscriber: Subscriber) -> None:
    """Add a subscriber; called once from config/wiring.py."""
    if subscriber not in _subscribers:
        _subscribers.append(subscriber)


def announce(by: Actor, changes: Sequence[Change]) -> None:
    """Tell every subscriber, inside the transaction of the change."""
    if changes:
        for subscriber in _subscribers:
            subscriber(by, changes)
