"""Whatever is sent to the API, it answers as its description says, and never with a fault of its own."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jiafang.api.urls import api
from jiafang.campaigns.models import Appointment, Duty, PlanRun, Shift, Trip, VisitGroup
from jiafang.config.wsgi import application
from tests.factories import campaigns as running
from tests.factories import organization as make
from tests.factories import visits as write
from tests.factories.phones import visit_body

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KINDS = ["nobody", "administrator", "principal", "cohort_lead", "teacher", "guardian", "cadre"]


def closing(environ: dict, start_response: Callable) -> list[bytes]:
    """The house behind WSGI; each answer is read and closed before the next request, as a server does."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema())
SCHEMA.app = closing
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


@dataclass
class World:
    """A planned campaign, another one, and who asks."""

    people: dict
    real: dict[str, list[Any]]

    def credentials(self, kind: str) -> dict[str, dict[str, str]]:
        if kind == "nobody":
            return {}
        client = Client()
        make.sign_in(client, self.people[kind], kind)
        token = "a" * 32
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        return {
            "headers": {"X-CSRFToken": token},
            "cookies": {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: token},
        }

    def phone_of(self, kind: str) -> dict[str, str]:
        if kind == "nobody":
            return {}
        actor = make.actor_of(self.people[kind], kind)
        return {"X-Jiafang-Person": str(actor.person_id), "X-Jiafang-Capacity": actor.capacity_key}


@pytest.fixture
def world(transactional_db):
    school, other = running.small_school(), running.small_school(classes=1)
    for found in (school, other):
        for children in found.students:
            for child in children:
                make.CareTagFactory(student=child, kind="left_behind")
        running.planned_at_once(running.launched(found.by, found.school))
    people = {
        "administrator": make.bureau_post("administrator"),
        "cadre": make.bureau_post("cadre"),
        "principal": school.principal,
        "cohort_lead": make.cohort_lead(school.classes[0].cohort),
        "teacher": school.homeroom[0],
        "guardian": make.guardian_of(school.students[0][0]),
    }
    keys = {model: list(model.unscoped.values_list("pk", flat=True)) for model in (Trip, Appointment, PlanRun)}
    visit = write.record(make.actor_of(school.homeroom[0], "teacher"), duties_of(school)[:1])
    real = {
        "appointments": keys[Appointment],
        "trips": keys[Trip],
        "plan-runs": keys[PlanRun],
        "visitor": list(VisitGroup.unscoped.values_list("pk", flat=True)),
        "evening": list(Shift.unscoped.values_list("pk", flat=True)),
        "phone": [],
        "visits": [str(visit.pk), str(uuid.uuid4())],
        "outcomes": [str(uuid.uuid4())],
        "bodies": [json.loads(json.dumps(visit_body(duties_of(one)))) for one in (school, other)],
    }
    return World(people, real)


def duties_of(school: running.SmallSchool) -> list[Duty]:
    return list(Duty.unscoped.filter(person__in=school.students[0]).order_by("pk"))


def hold_to_its_word(world: World, kind: str, label: str, examples: int, statuses: set[int]) -> None:
    """Send so many requests of one operation as one kind of person; ids are invented or real, in every mixture."""
    operation = OPERATIONS[label]
    credentials = world.credentials(kind)
    ids = world.real[label.split("/")[2]]

    @given(data=st.data())
    @hypothesis_settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(data):
        mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if data.draw(st.booleans()) and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, data.draw(st.sampled_from(ids)))
        if "X-Jiafang-Capacity" in (case.headers or {}) and data.draw(st.booleans()):
            case.headers.update(world.phone_of(kind))
            if isinstance(case.body, dict):
                case.body = data.draw(st.sampled_from(world.real["bodies"])) | case.body
        for fields in (case.query, case.body):
            if isinstance(fields, dict) and data.draw(st.booleans()):
                fields.update({name: data.draw(st.sampled_from(world.real[name])) for name in ("visitor", "evening")})
        answer = case.call(**credentials)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    send()


@pytest.mark.parametrize("kind", ["nobody", "principal", "teacher", "guardian"])
def test_the_api_keeps_its_word(world, kind):
    statuses: set[int] = set()
    for label in OPERATIONS:
        hold_to_its_word(world, kind, label, 4, statuses)
    assert statuses <= ({400, 401, 403} if kind == "nobody" else {200, 202, 400, 403, 404, 409, 413, 422})
    assert 401 in statuses if kind == "nobody" else 401 not in statuses


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
def test_the_api_keeps_its_word_whatever_is_sent(world, kind):
    statuses: set[int] = set()
    for label in OPERATIONS:
        hold_to_its_word(world, kind, label, 60, statuses)
    if kind == "principal":
        assert statuses >= {200, 404, 409, 422}


def test_an_answer_that_is_not_described_is_noticed(world, monkeypatch):
    described = api.get_openapi_schema()
    for operations in described["paths"].values():
        for operation in operations.values():
            operation["responses"].pop(422, None)
            operation["responses"].pop(404, None)
    weaker = schemathesis.openapi.from_dict(described)
    weaker.app = closing
    monkeypatch.setitem(OPERATIONS, "GET /api/plan-runs/{run_id}", next(weaker.get_all_operations()).ok())
    with pytest.raises(BaseException, match=r"(?s)Undocumented status code"):
        hold_to_its_word(world, "principal", "GET /api/plan-runs/{run_id}", 8, set())
