"""What the phone app asks: who it is, what it may read, and whether the server has what it keeps (ADR 0018)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.errors import AuthenticationError
from ninja.security import APIKeyCookie

from jiafang.access import Actor, may, reading
from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.api.problems import Problem, problem
from jiafang.common.clock import now
from jiafang.visits.models import HeldItem
from jiafang.visits.services.attach import LIMITS
from jiafang.visits.services.sender import PERMISSION, Sender, may_send, person_of, sender_of
from jiafang.visits.services.take_item import Item, Took, take_item
from jiafang.visits.services.write_item import file_item, outcome_item, visit_item
from jiafang.visits.sync.bundle import bundle_of
from jiafang.visits.sync.receipts import public_key, signed, standing

LARGEST_BODY = 256 * 1024
BLOCK, LONGEST_DISCARDED = 1 << 16, 1 << 26
LARGEST_FILE = max(limits.largest for limits in LIMITS.values())


class PhoneSession(APIKeyCookie):
    """Whoever is signed in, with or without a post: what a phone kept must not be turned away for want of one."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: Any) -> Any:
        return request.user if request.user.is_authenticated else None


router = Router(auth=PhoneSession())


class ReceiptOfItem(Schema):
    """Signed over "jiafang receipt|kind|id|revision|hash|sequence|epoch|held"."""

    id: str
    kind: str
    revision: int
    hash: str
    sequence: int
    epoch: str
    held: bool
    key_id: str
    signature: str


class Taken(Schema):
    """The server has it."""

    status: str
    receipt: ReceiptOfItem
    safe_through: int
    epoch: str


class Waiting(Schema):
    """The server keeps it as it came, until a person has settled it; or who asks is not whose phone this is."""

    status: str
    message: str
    reason: str | None = None
    place: str | None = None
    current: dict[str, Any] | None = None
    receipt: ReceiptOfItem | None = None
    safe_through: int | None = None
    epoch: str | None = None


class CapacityOfPhone(Schema):
    key: str
    label: str


class Hello(Schema):
    """Who is signed in, and how far what was sent is safe."""

    csrf: str
    person: int
    name: str
    capacities: list[CapacityOfPhone]
    capacity: str | None
    epoch: str
    safe_through: int
    key_id: str
    public_key: dict[str, str]
    now: str


WHO = [
    {"in": "header", "name": "X-Jiafang-Person", "required": True, "schema": {"type": "string"}},
    {"in": "header", "name": "X-Jiafang-Capacity", "required": True, "schema": {"type": "string"}},
]
ANSWERS = {200: Taken, 202: Waiting, 400: Problem, 401: Problem, 403: Problem, 409: Waiting, 413: Problem, 422: Waiting}


def _takes(*content_types: str) -> dict[str, Any]:
    """The bytes are read as they come; they are described for those who test."""
    schema = {"type": "object"} if content_types == ("application/json",) else {"type": "string", "format": "binary"}
    body = {"required": True, "content": {one: {"schema": schema} for one in content_types}}
    return {"requestBody": body, "parameters": WHO}


@router.get("/phone/hello", response={200: Hello, 401: Problem, 403: Problem}, url_name="phone_hello")
def hello(request: HttpRequest) -> HttpResponse:
    """The first thing that a phone with a line asks."""
    actors = [actor for actor in request.capacities if may_send(actor)]  # type: ignore[attr-defined]  # set by us
    who = (actors[0].person_id, actors[0].name) if actors else person_of(request.user.pk)  # type: ignore[arg-type]
    if who is None:
        return problem(403, _("这个账号没有对应的人员"))
    chosen: Actor | None = request.actor  # type: ignore[attr-defined]  # set by the middleware
    if chosen is not None and chosen not in actors:
        chosen = None
    key_id, key = public_key()
    stands = standing()
    return JsonResponse(
        {
            "csrf": get_token(request),
            "person": who[0],
            "name": who[1],
            "capacities": [{"key": one.capacity_key, "label": one.capacity.label} for one in actors],
            "capacity": chosen.capacity_key if chosen else actors[0].capacity_key if actors else None,
            "epoch": str(stands.epoch),
            "safe_through": stands.safe_through,
            "key_id": key_id,
            "public_key": key,
            # Tells one session from the next, and nothing of either.
            "session": salted_hmac("jiafang.phone.session", request.session.session_key or "").hexdigest()[:16],
            "now": now().isoformat(timespec="milliseconds"),
        }
    )


@router.get(
    "/phone/bundle",
    response={200: dict[str, Any], 304: None, 401: Problem, 403: Problem, 404: Problem, 409: Waiting},
    url_name="phone_bundle",
    openapi_extra={"parameters": WHO},
)
def bundle(request: HttpRequest) -> HttpResponse:
    """What the phone may keep to be read without a line; whoever has it already is told so.

    Who names no capacity is answered in that of the session.
    """
    actor: Actor | None = request.actor  # type: ignore[attr-defined]  # set by the middleware
    if "X-Jiafang-Capacity" in request.headers:
        sender = _sender(request)
        if isinstance(sender, HttpResponse):
            return sender
        actor = sender.actor
    elif not may(actor, PERMISSION):
        raise AuthenticationError(401) if actor is None else Http404
    if actor is None:
        words = _("您已不再担任这个职务,请换一个身份")
        return JsonResponse({"status": "capacity_gone", "message": words}, status=409)
    actors = [one for one in request.capacities if may_send(one)]  # type: ignore[attr-defined]  # set by us
    with reading(actor):
        made = bundle_of(actor, actors)
        if made.etag in request.headers.get("If-None-Match", ""):
            return HttpResponse(status=304, headers={"ETag": made.etag})
        audit.opened(by=actor, reading=Reading.PHONE, students=made.people)
    return HttpResponse(made.content, content_type="application/json", headers={"ETag": made.etag})


@router.put("/visits/{item}", response=ANSWERS, url_name="phone_visit", openapi_extra=_takes("application/json"))
def put_visit(request: HttpRequest, item: UUID) -> HttpResponse:
    """A record, as the exact bytes that the phone keeps."""
    return _put(request, LARGEST_BODY, lambda content: visit_item(item, content))


@router.put("/outcomes/{item}", response=ANSWERS, url_name="phone_outcome", openapi_extra=_takes("application/json"))
def put_outcome(request: HttpRequest, item: UUID) -> HttpResponse:
    """What became of an appointment that was no visit."""
    return _put(request, LARGEST_BODY, lambda content: outcome_item(item, content))


@router.put(
    "/visits/{visit}/files/{item}",
    response=ANSWERS,
    url_name="phone_file",
    openapi_extra=_takes("image/jpeg", "image/png", "image/webp", "audio/webm", "audio/mp4"),
)
def put_file(request: HttpRequest, visit: UUID, item: UUID, kind: str = "") -> HttpResponse:
    """A photo or voice note of a record."""
    return _put(request, LARGEST_FILE, lambda content: file_item(item, content, visit=visit, kind=kind))


def _put(request: HttpRequest, largest: int, item_of: Any) -> HttpResponse:
    sender = _sender(request)
    if isinstance(sender, HttpResponse):
        return sender
    content = _content(request, largest)
    if isinstance(content, HttpResponse):
        return content
    item: Item = item_of(content)
    return _answer(take_item(sender=sender, item=item))


def _sender(request: HttpRequest) -> Sender | HttpResponse:
    """Whose phone it says it is, against who is signed in."""
    named, capacity = request.headers.get("X-Jiafang-Person", ""), request.headers.get("X-Jiafang-Capacity", "")
    actors: list[Actor] = request.capacities  # type: ignore[attr-defined]  # set by the middleware
    sender = sender_of(request.user.pk, actors, capacity[:40])  # type: ignore[arg-type]  # signed in
    mine = sender.person_id if sender else actors[0].person_id if actors else None
    if named and mine is not None and named != str(mine):
        words = _("这部手机上的记录是别的老师写的,请那位老师登录后再上传")
        return JsonResponse({"status": "other_person", "message": words}, status=409)
    return sender if sender and named else problem(403, _("这个身份不能记录家访"))


def _content(request: HttpRequest, largest: int) -> bytes | HttpResponse:
    """The bytes, whole and not too many; what is too long is read to its end, so that the answer is heard."""
    try:
        told = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        told = 0
    content = request.read(largest + 1)
    if len(content) > largest:
        for _block in range(LONGEST_DISCARDED // BLOCK):
            if not request.read(BLOCK):
                break
        return problem(413, _("这一项太大了,请拆小后再保存"))
    if len(content) != told:
        return problem(400, _("没有收全,请再试一次"))
    return content


def _answer(took: Took) -> HttpResponse:
    told: dict[str, Any] = {
        "status": "taken",
        "receipt": signed(took.given, took.digest),
        "safe_through": took.given.standing.safe_through,
        "epoch": str(took.given.standing.epoch),
    }
    held = took.held
    if held is None:
        return JsonResponse(told)
    conflict = held.reason == HeldItem.Reason.CONFLICT
    told |= {"status": "conflict" if conflict else "held", "reason": held.reason, "message": held.message}
    told |= {"place": held.place} if held.place else {}
    told |= {"current": held.current} if conflict else {}
    status = {HeldItem.Reason.OUT_OF_REACH: 202, HeldItem.Reason.CONFLICT: 409}.get(HeldItem.Reason(held.reason), 422)
    return JsonResponse(told, status=status, json_dumps_params={"ensure_ascii": False})
