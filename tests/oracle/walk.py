"""Asking as somebody, and holding each answer against the oracle."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.signals import request_finished
from django.test import Client, override_settings
from django.urls import reverse

from jiafang.organization.models import Person
from tests.factories import organization as make
from tests.oracle.changes import quickly_undone, writes
from tests.oracle.expectation import ANYBODY, anything
from tests.oracle.expected import EXPECTED
from tests.oracle.facts import Secret, World
from tests.oracle.oracle import Oracle, Subject
from tests.oracle.questions import Question, missing
from tests.oracle.reaching import Reach
from tests.oracle.second_fence import Wider, claimable
from tests.oracle.subjects import SUBJECTS
from tests.oracle.text import comparable, words_of

READING = ("GET", "HEAD")
TURNED_AWAY = {401, 403, 404, 405}
CHANGED = {201, 204, 400, 409, 413, 422}  # besides 200 and 302
# What an answer may write however it turns out: the trace that it leaves, the session, what somebody prefers.
TRACES = {"accounts_auditentry", "django_session"}


@dataclass
class Answer:
    status: int
    words: bytes
    location: str
    written: set[str] = field(default_factory=set)
    claims: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)


class BareClient(Client):
    """Django's client without its copies of every rendered template; an error comes out as it is."""

    def request(self, **request: Any) -> Any:
        try:
            response = self.handler(self._base_environ(**request))
        except BaseException:
            request_finished.send(type(self))  # nobody closes an answer that there is not
            raise
        if response.cookies:
            self.cookies.update(response.cookies)
        return response


@contextmanager
def quiet() -> Iterator[None]:
    """Nobody reads thousands of "Not Found"; an error that breaks a request is raised, not shown."""
    log = logging.getLogger("django.request")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=True):
            yield
    finally:
        log.setLevel(before)


class Walker:
    """One subject, signed in, with what the oracle says of it."""

    def __init__(self, world: World, subject: Subject | None) -> None:
        self.world, self.subject = world, subject
        self.oracle = Oracle(world, subject) if subject else None
        self.client = BareClient()
        self._as_missing: dict[str, bytes] = {}
        self.user_id: int | None = None
        if subject:
            person = Person.unscoped.get(pk=world.people[subject.name])
            self.user_id = make.user_of(person).pk
            if subject.kind:
                make.sign_in(self.client, person, subject.kind)
            else:
                make.open_session(self.client, make.user_of(person))
        self.arrive()

    def arrive(self) -> None:
        """The password has just been given again; the capacity is the one of this session."""
        if self.oracle and self.oracle.kind:
            make.confirm(self.client)  # else no file would be reached at all

    def ask(self, question: Question) -> Answer:
        """The answer; whatever it changed is undone."""
        with quickly_undone():
            return self.ask_for_good(question)

    def ask_for_good(self, question: Question) -> Answer:
        path = reverse(question.name, kwargs=dict(question.objects))
        encoded = urlencode(question.data)
        kept = self.client.cookies.output(header="", sep=";")
        with writes() as written:
            response = self.client.generic(
                question.method,
                path,
                "" if question.method == "GET" else encoded,
                content_type="application/x-www-form-urlencoded",
                QUERY_STRING=encoded,
            )
            content = b"".join(response.streaming_content) if response.streaming else response.content
        words = words_of(content, response.headers.get("Content-Type", ""))
        location = response.headers.get("Location", "")
        answer = Answer(response.status_code, words, location, written.tables, written.claims)
        if self.client.cookies.output(header="", sep=";") != kept:  # signing out is undone as well
            self.client.cookies = SimpleCookie(kept)
        return answer

    def faults(self, question: Question) -> Iterator[str]:
        """Everything in which the answer differs from what the oracle expects."""
        try:
            answer = self.ask(question)
        except (Exception, pytest.fail.Exception) as error:
            yield f"{self.who}: {question} broke: {error!r}"
            return
        told = f"{self.who}: {question} → {answer.status}"
        wanted = self.statuses(question)
        if answer.status not in wanted:
            yield f"{told}, expected {sorted(wanted)}"
        alike = wanted == {404} == {answer.status} and question.method != "HEAD"
        if alike and comparable(answer.words) != self._words_of_missing(question):
            yield f"{told} looks different from a missing one"
        if answer.written - TRACES and answer.status in TURNED_AWAY:
            yield f"{told} and wrote {sorted(answer.written)}"
        yield from self._wrong_writes(question, answer, told)
        yield from (leak for leak, _secret in self._leaks(question, answer, told))

    def leaks(self, question: Question) -> Iterator[str]:
        """What the subject learns or changes beyond what the oracle allows, however the answer looks otherwise."""
        try:
            answer = self.ask(question)
        except (Exception, pytest.fail.Exception):  # nothing was said, and nothing is left of it
            return
        told = f"{self.who}: {question} → {answer.status}"
        # The database knows rows and purposes, not addresses: what may be handled at one may be at another.
        if not self._may_claim(answer.claims):
            yield from self._wrong_writes(question, answer, told)
        for leak, secret in self._leaks(question, answer, told):
            # The database tells rows apart, not columns: whoever is named in a visible row can be read whole.
            if secret is None or secret.kind != "person" or secret.owner not in self.readable_people:
                yield leak

    def _may_claim(self, claims: list[tuple[str, str, tuple[str, ...]]]) -> bool:
        """Whether the oracle agrees to everything that was claimed, something being claimed at all."""
        if not self.subject or not claims:
            return False
        reach = Reach(self.world, self.subject)
        return all(
            set(pks) <= {str(pk) for pk in claimable(reach, purpose, table) or ()} for purpose, table, pks in claims
        )

    def _wrong_writes(self, question: Question, answer: Answer, told: str) -> Iterator[str]:
        changed = answer.written - TRACES
        if changed and (question.method in READING or self.statuses(question) <= TURNED_AWAY | {302}):
            yield f"{told} and wrote {sorted(changed)}"

    def _leaks(self, question: Question, answer: Answer, told: str) -> Iterator[tuple[str, Secret | None]]:
        expected = EXPECTED[question.name]
        changed = answer.written - TRACES
        if changed and not self._may_choose(question):
            yield f"{told} with objects that are not to be chosen, and wrote {sorted(changed)}", None
        words = _without(answer.words, expected.choices) if expected.choices else answer.words
        for secret in self.world.found_in(words + answer.location.encode()):
            if {secret.kind, secret.field} & expected.hides and not self._is_own_name(secret):
                yield f"{told} SHOWS {secret}, which belongs on no such page", secret
            elif secret.kind not in expected.offers and not self._may_know(question, secret):
                yield f"{told} LEAKS {secret} ({self._owner(secret)})", secret

    @cached_property
    def readable_people(self) -> set[Any]:
        return Wider(Reach(self.world, self.subject)).readable("organization.person") if self.subject else set()

    @property
    def who(self) -> str:
        return str(self.subject or "a stranger")

    def _may_choose(self, question: Question) -> bool:
        if question.names_nothing:
            return False
        allowed = question.body.allowed if question.body else None
        return not allowed or not self.oracle or allowed(self.oracle, question.pks, question.chosen)

    def _may_know(self, question: Question, secret: Secret) -> bool:
        """What the one who asks may know; with an address that is a secret itself, what its owner may."""
        if EXPECTED[question.name].bearer and not question.names_nothing:
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
        expected, changing = EXPECTED[question.name], question.method not in READING
        if question.method == "HEAD":  # as GET, where anybody thought of it
            return self.statuses(replace(question, method="GET")) | {401, 405}
        fine = {200, 302, *expected.early}
        if question.method not in ("GET", "HEAD", "POST"):
            return TURNED_AWAY | (fine if expected.kinds == ANYBODY else {302})
        if changing:
            fine |= CHANGED | set(expected.also)
        if question.data:
            fine |= {404, 422}
        if question.names_nothing:
            fine |= {404}
        if expected.kinds == ANYBODY:
            return fine | {401}
        if self.subject is None:
            return {401} if question.name.startswith("api:") else {302}
        if not self.oracle or not self.oracle.kind:
            return {401, *expected.early} if question.name.startswith("api:") else {404}
        if self.oracle.kind not in expected.kinds:
            return {404, *expected.early}
        if (question.names_nothing and expected.reach is not anything) or (
            expected.reach and not expected.reach(self.oracle, *question.pks)
        ):
            return {404, *expected.early}
        return fine

    def _words_of_missing(self, question: Question) -> bytes:
        """The same for each method: nothing is looked at before the object is found to be missing."""
        if question.name not in self._as_missing:
            self._as_missing[question.name] = comparable(self.ask(missing(question)).words)
        return self._as_missing[question.name]


def _without(words: bytes, part: str) -> bytes:
    """A JSON answer but for one part of it."""
    try:
        told = json.loads(words)
    except ValueError:
        return words
    if isinstance(told, dict):
        told.pop(part, None)
    return json.dumps(told, ensure_ascii=False).encode()
