"""What teachers have written by the evening, each on the own phone, as the bytes that the phone keeps."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from jiafang.access import actor_transaction, reading
from jiafang.accounts.models import User
from jiafang.accounts.services.devices import open_device
from jiafang.campaigns.models import Appointment, Duty
from jiafang.common.clock import now
from jiafang.organization.capacities import actors_of_person
from jiafang.organization.models import Guardianship, Person
from jiafang.web.accounts.signed_in import DEVICE

CSRF = "a" * 32
# So many visits a teacher makes in an evening on which all of a district are out; a smaller try has fewer phones.
EACH = 14
# Most are planned; of some more is written than one line.
PLANNED, WITH_NOTE, WITH_OPINION, WITH_CONCERN = 0.85, 0.3, 0.3, 0.05


@dataclass(frozen=True)
class Kept:
    """One record on a phone."""

    id: uuid.UUID
    content: bytes

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Phone:
    """A teacher who is signed in, with what is to be sent."""

    person_id: int
    capacity: str
    cookie: str
    items: list[Kept] = field(default_factory=list)


def phones_of(visits: int, seed: int, by: Any) -> list[Phone]:
    """So many records, spread evenly over the homeroom teachers."""
    chance = random.Random(seed)
    with reading(by):
        written = _written(visits, chance)
        people = Person.unscoped.in_bulk(written)
    with actor_transaction(by):
        for person in people.values():
            person.user = person.user or User.objects.create(username=f"phone{person.pk}", password="!")
            person.save(update_fields=["user"])
    return [_phone(people[lead], items) for lead, items in written.items()]


def _written(visits: int, chance: random.Random) -> dict[int, list[Kept]]:
    rows = Duty.unscoped.filter(campaign__tier="teacher_family", parent=None, state__in=("due", "met"))
    duties: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for lead, *duty in rows.exclude(group=None).values_list("group__lead_id", "pk", "person_id", "campaign_id"):
        duties[lead].append((duty[0], duty[1], duty[2]))
    leads = chance.sample(sorted(duties), min(len(duties), max(1, visits // EACH)))
    duties = {lead: chance.sample(duties[lead], len(duties[lead])) for lead in leads}
    chosen: list[tuple[int, tuple[int, int, int]]] = []
    for turn in range(max(map(len, duties.values()))):
        chosen += [(lead, several[turn]) for lead, several in duties.items() if turn < len(several)]
    chosen = chosen[:visits]
    assert len(chosen) == visits, f"the district has no more than {len(chosen)} families to visit"
    wanted = {duty[0] for _lead, duty in chosen}
    met = Appointment.duties.through.objects.filter(appointment__published=True)
    appointments = dict(met.order_by("-appointment_id").values_list("duty_id", "appointment_id"))
    guardians: dict[int, tuple[int, str]] = {}
    for row in Guardianship.unscoped.filter(revoked_on=None).order_by("-is_primary", "pk").iterator():
        guardians.setdefault(row.student_id, (row.guardian_id, str(row.get_relation_display())))
    kept: dict[int, list[Kept]] = defaultdict(list)
    for lead, duty in chosen:
        planned = appointments.get(duty[0]) if duty[0] in wanted and chance.random() < PLANNED else None
        kept[lead].append(_record(duty, planned, guardians.get(duty[1]), chance))
    return kept


def _record(
    duty: tuple[int, int, int], appointment: int | None, guardian: tuple[int, str] | None, chance: random.Random
) -> Kept:
    duty_id, person_id, campaign_id = duty
    started = now() - dt.timedelta(minutes=chance.randint(20, 240))
    who, relation = guardian or (None, "奶奶")
    body: dict[str, Any] = {
        "format": 1,
        "salt": chance.randbytes(16).hex(),
        "revision": 1,
        "base_revision": 0,
        "written_at": (started + dt.timedelta(minutes=20)).isoformat(),
        "campaign": campaign_id,
        "appointment": appointment,
        "duties": [duty_id],
        "people": [person_id],
        "channel": "onsite" if appointment else "phone",
        "started_at": started.isoformat(),
        "ended_at": (started + dt.timedelta(minutes=15)).isoformat(),
        "participants": [{"person": who, "relation": relation, "channel": "onsite"}],
        "chips": ["study_improved"],
        "finding": "在家能按时完成作业,比上学期主动多了,晚上手机交给家长保管。",
        "notes": [],
        "guardian_opinion": "希望老师多鼓励孩子开口。" if chance.random() < WITH_OPINION else "",
        "notices_conveyed": True,
        "follow_up": False,
        "concerns": [],
        "answers": [],
        "form_seconds": chance.randint(20, 90),
    }
    if chance.random() < WITH_NOTE:
        body["notes"] = [{"person": person_id, "axis": "", "text": "奶奶照看,父母在外地,每周视频一次。"}]
    if chance.random() < WITH_CONCERN:
        concern = {"id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "person": person_id}
        concern |= {"category": "study", "alert_tier": "green", "text": "数学跟不上,想要一点帮助。", "follow_up": False}
        body["concerns"] = [concern]
    identity = uuid.UUID(int=chance.getrandbits(128), version=4)
    return Kept(identity, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _phone(person: Person, items: list[Kept]) -> Phone:
    assert person.user is not None
    teachers = [actor for actor in actors_of_person(person) if actor.kind == "teacher"]
    return Phone(person.pk, teachers[0].capacity_key, cookie_of(person.user), items)


def cookie_of(user: User) -> str:
    """As after a sign-in, without the seconds that checking 1,300 passwords takes."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[DEVICE] = open_device(user=user, device_token=f"phone{user.pk}", label="", second_factor="totp").pk
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"
