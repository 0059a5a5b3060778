"""Asking every address as everybody, and holding each answer against the oracle."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from jiafang.common.clock import today
from jiafang.config.addresses import Address, addresses
from jiafang.organization.models import Person
from tests.factories import organization as make
from tests.oracle.expectation import ANYBODY, Body
from tests.oracle.expected import EXPECTED
from tests.oracle.facts import Secret, World
from tests.oracle.oracle import Oracle, Subject
from tests.oracle.subjects import SUBJECTS
from tests.oracle.text import text_of

MISSING = {int: 987654321, UUID: UUID("00000000-0000-4000-8000-000000000000"), str: "zzzzzzzz"}
TURNED_AWAY = {401, 403, 404, 405}
CHANGED = {201, 204, 400, 409, 413, 422}  # besides 200 and 302
WRITING = re.compile(r"\s*(INSERT|UPDATE|DELETE)\s+(?:INTO|FROM)?\s*\"?(\w+)", re.I)
# What an answer may write however it turns out: the trace that it leaves, the session, what somebody prefers.
TRACES = {"accounts_auditentry", "django_session"}


@dataclass(frozen=True)
class Question:
    """One request: an address with its objects, a method, a query or a body."""

    name: str
    method: str = "GET"
    objects: tuple[tuple[str, Any], ...] = ()
    data: tuple[tuple[str, Any], ...] = ()
    body: Body | None = field(default=None, compare=False)

    @property
    def pks(self) -> tuple[Any, ...]:
        return tuple(pk for _name, pk in self.objects)

    @property
    def chosen(self) -> tuple[Any, ...]:
        """The objects that the body names."""
        kinds = self.body.fields if self.body else {}
        return tuple(value for name, value in self.data if not kinds[name].startswith("="))

    def __str__(self) -> str:
        return f"{self.method} {reverse(self.name, kwargs=dict(self.objects))} {dict(self.data) or ''}"


@dataclass
class Answer:
    status: int
    text: str
    location: str
    written: set[str] = field(default_factory=set)


def named_addresses() -> dict[str, Address]:
    return {one.name: one for one in addresses()}


def questions(world: World) -> list[Question]:
    """Every address with every object of the kinds that its parameters name, with its methods, queries and bodies."""
    found = []
    for one in named_addresses().values():
        expected = EXPECTED.get(one.name)
        if expected is None:  # a test of its own says so
            continue
        parameters = [name for name, _converter in one.parameters]
        for objects in itertools.product(*(world.ids(expected.parameters[name]) for name in parameters)):
            named = tuple(zip(parameters, objects, strict=True))
            found += [Question(one.name, method, named) for method in expected.methods]
            found += [Question(one.name, "GET", named, data) for body in expected.query for data in filled(world, body)]
            found += [
                Question(one.name, "POST", named, data, body) for body in expected.body for data in filled(world, body)
            ]
    return found


def filled(world: World, body: Body) -> Iterator[tuple[tuple[str, Any], ...]]:
    """The fields with every combination of objects of the kinds that they name."""
    choices = [_choices(world, kind) for kind in body.fields.values()]
    for values in itertools.product(*choices):
        yield tuple(zip(body.fields, values, strict=True))


def _choices(world: World, kind: str) -> list[Any]:
    words = kind.removeprefix("=")
    if words == kind:
        return world.ids(kind)
    return [today().isoformat() if words == "today" else words]


def missing(question: Question) -> Question:
    """The same request for an object that nobody has."""
    objects = tuple((name, MISSING[type(pk)]) for name, pk in question.objects)
    return Question(question.name, question.method, objects, question.data)


class Walker:
    """One subject, signed in, with what the oracle says of it."""

    def __init__(self, world: World, subject: Subject | None) -> None:
        self.world, self.subject = world, subject
        self.oracle = Oracle(world, subject) if subject else None
        self.client = Client()
        self._as_missing: dict[str, str] = {}
        if subject:
            user = make.user_of(Person.unscoped.get(pk=world.people[subject.name]))
            user.capacity = f"{subject.kind}:{self.oracle.school or ''}" if self.oracle and subject.kind else ""
            user.save(update_fields=["capacity"])
            self.client.force_login(user)

    def ask(self, question: Question) -> Answer:
        """The answer; whatever it changed is undone."""
        with undone():
            return self.ask_for_good(question)

    def ask_for_good(self, question: Question) -> Answer:
        path = reverse(question.name, kwargs=dict(question.objects))
        encoded = urlencode(question.data)
        kept = SimpleCookie(self.client.cookies.output(header="", sep=";"))
        with writes() as written:
            response = self.client.generic(
                question.method,
                path,
                "" if question.method == "GET" else encoded,
                content_type="application/x-www-form-urlencoded",
                QUERY_STRING=encoded,
            )
            answer = Answer(response.status_code, text_of(response), response.headers.get("Location", ""), written)
        self.client.cookies = kept  # signing out is undone as well
        return answer

    def faults(self, question: Question) -> Iterator[str]:
        """Everything in which the answer differs from what the oracle expects."""
        expected = EXPECTED[question.name]
        try:
            answer = self.ask(question)
        except (Exception, pytest.fail.Exception) as error:
            yield f"{self.who}: {question} broke: {error!r}"
            return
        told = f"{self.who}: {question} → {answer.status}"
        wanted = self.statuses(question)
        changed = answer.written - TRACES
        if answer.status not in wanted:
            yield f"{told}, expected {sorted(wanted)}"
        if wanted == {404} == {answer.status} and answer.text != self._text_of_missing(question):
            yield f"{told} looks different from a missing one"
        if changed and (question.method == "GET" or answer.status in TURNED_AWAY):
            yield f"{told} and wrote {sorted(changed)}"
        if changed and not self._may_choose(question):
            yield f"{told} with objects that are not to be chosen, and wrote {sorted(changed)}"
        for secret in self.world.found_in(answer.text + answer.location):
            if {secret.kind, secret.field} & expected.hides and not self._is_own_name(secret):
                yield f"{told} SHOWS {secret}, which belongs on no such page"
            elif not self._may_know(question, secret):
                yield f"{told} LEAKS {secret} ({self._owner(secret)})"

    @property
    def who(self) -> str:
        return str(self.subject or "a stranger")

    def _may_choose(self, question: Question) -> bool:
        allowed = question.body.allowed if question.body else None
        return not allowed or not self.oracle or allowed(self.oracle, question.pks, question.chosen)

    def _may_know(self, question: Question, secret: Secret) -> bool:
        """What the one who asks may know; with an address that is a secret itself, what its owner may."""
        if EXPECTED[question.name].bearer:
            owner = self.world.owner_of_token[question.pks[0]]
            return any(Oracle(self.world, one).may_know(secret) for one in SUBJECTS if one.name == owner)
        return self.oracle is not None and self.oracle.may_know(secret)

    def _is_own_name(self, secret: Secret) -> bool:
        """The head of each page says who is signed in."""
        return self.oracle is not None and (secret.kind, secret.owner) == ("person", self.oracle.me)

    def _owner(self, secret: Secret) -> str:
        return self.world.name_of(secret.owner) if secret.kind == "person" else ""

    def may_enter(self, question: Question) -> bool:
        """Whether the address lets in subjects of this kind at all."""
        kinds = EXPECTED[question.name].kinds
        return kinds == ANYBODY or (self.oracle is not None and self.oracle.kind in kinds)

    def statuses(self, question: Question) -> set[int]:
        """The statuses that are right for this question from this subject."""
        expected, changing = EXPECTED[question.name], question.method != "GET"
        fine = {200, 302, *expected.early}
        if changing:
            fine |= CHANGED | set(expected.also)
        if question.data:
            fine |= {404, 422}
        if expected.kinds == ANYBODY:
            return fine | {401}
        if self.subject is None:
            return {401} if question.name.startswith("api:") else {302}
        if not self.oracle or not self.oracle.kind:
            return {401} if question.name.startswith("api:") else {404}
        if self.oracle.kind not in expected.kinds:
            return {404, *expected.early}
        if expected.reach and not expected.reach(self.oracle, *question.pks):
            return {404, *expected.early}
        return fine

    def _text_of_missing(self, question: Question) -> str:
        """The same for each method: nothing is looked at before the object is found to be missing."""
        if question.name not in self._as_missing:
            self._as_missing[question.name] = self.ask(missing(question)).text
        return self._as_missing[question.name]


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens inside; a durable transaction may still open in it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own test case does
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def writes() -> Iterator[set[str]]:
    """The tables that are written to meanwhile."""
    tables: set[str] = set()

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        found = WRITING.match(str(sql))
        if found:
            tables.add(found[2])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables
