"""A phone as the server sees it: who it says it is, the bytes it sends, the answers it gets."""

import base64
import json
import uuid
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.test import Client
from django.urls import reverse

from jiafang.access import Actor
from jiafang.campaigns.models import Appointment, Channel, Duty
from jiafang.common.clock import now
from jiafang.organization.models import Person
from tests.factories import organization as make
from tests.factories import visits as write


def visit_body(duties: Sequence[Duty], **fields: Any) -> dict[str, Any]:
    """A routine record of a telephone call with a mother, as a phone writes it."""
    return {
        "format": 1,
        "salt": uuid.uuid4().hex,
        "revision": 1,
        "base_revision": 0,
        "written_at": now().isoformat(),
        "campaign": duties[0].campaign_id,
        "appointment": None,
        "duties": [duty.pk for duty in duties],
        "people": [duty.person_id for duty in duties],
        "channel": Channel.PHONE,
        "started_at": write.an_hour_ago().isoformat(),
        "ended_at": None,
        "participants": [{"person": None, "relation": "母亲", "channel": Channel.PHONE}],
        "chips": ["study_steady"],
        "finding": "孩子最近自己起床",
        "notes": [],
        "guardian_opinion": "",
        "notices_conveyed": True,
        "follow_up": False,
        "concerns": [],
        "answers": [],
        "form_seconds": 31,
    } | fields


def outcome_body(appointment: Appointment, outcome: str, **fields: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "salt": uuid.uuid4().hex,
        "written_at": now().isoformat(),
        "appointment": appointment.pk,
        "outcome": outcome,
        "moved_to": None,
    } | fields


class PhoneOf:
    """Somebody signed in on a phone, in one capacity."""

    def __init__(self, person: Person, kind: str, *, client: Client | None = None) -> None:
        self.client = client or Client()
        self.actor: Actor = make.sign_in(self.client, person, kind)
        self.person, self.capacity = person, self.actor.capacity_key

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Jiafang-Person": str(self.person.pk), "X-Jiafang-Capacity": self.capacity}

    def put(self, path: str, content: bytes | dict[str, Any], content_type: str = "application/json") -> Any:
        sent = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        return self.client.put(path, sent, content_type=content_type, headers=self.headers)

    def put_visit(self, item: uuid.UUID, content: bytes | dict[str, Any]) -> Any:
        return self.put(reverse("api:phone_visit", args=[item]), content)

    def put_outcome(self, item: uuid.UUID, content: bytes | dict[str, Any]) -> Any:
        return self.put(reverse("api:phone_outcome", args=[item]), content)

    def put_file(self, visit: uuid.UUID, item: uuid.UUID, content: bytes, kind: str = "photo") -> Any:
        return self.put(reverse("api:phone_file", args=[visit, item]) + f"?kind={kind}", content, "image/jpeg")

    def hello(self) -> Any:
        return self.client.get(reverse("api:phone_hello")).json()


def is_signed(receipt: dict[str, Any], hello: dict[str, Any]) -> bool:
    """What WebCrypto would say."""
    names = ("kind", "id", "revision", "hash", "sequence", "epoch")
    words = "|".join(["jiafang receipt", *(str(receipt[name]) for name in names), str(int(receipt["held"]))])
    x, y = (int.from_bytes(_decoded(hello["public_key"][name])) for name in ("x", "y"))
    signature = _decoded(receipt["signature"])
    assert len(signature) == 64
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    key.verify(der, words.encode(), ec.ECDSA(hashes.SHA256()))
    return receipt["key_id"] == hello["key_id"]


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
