"""What the owner of a phone has written lately, and what of it waits to be settled."""

import datetime as dt
import statistics
from collections import defaultdict
from typing import Any

from django.db.models import Q

from jiafang.access import CHANGE, Actor, scope
from jiafang.common.clock import now
from jiafang.visits.body import Answers, Body, ConcernDraft, NoteDraft, ParticipantDraft, in_order
from jiafang.visits.models import HeldItem, Note, Participant, RaisedConcern, Visit
from jiafang.visits.services.hold import WAITING, words_of
from jiafang.visits.sync.payload import as_payload

LATELY = dt.timedelta(days=30)
# A homeroom teacher writes fifty in a busy month; whoever writes more reads the older ones on the server.
MOST_RECORDS = 100
OF_LATE = 50


def records_of(actor: Actor) -> list[dict[str, Any]]:
    """Own records of the last thirty days as phones keep them, the newest first."""
    since = now() - LATELY
    rows = scope(actor, Visit, CHANGE).filter(Q(started_at__gte=since) | Q(recorded_at__gte=since))
    visits = {row.pk: row for row in rows.order_by("-started_at", "pk")[:MOST_RECORDS]}
    duties: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    links = Visit.duties.through.objects.filter(visit_id__in=visits).order_by("duty_id")
    for visit_id, duty_id, person_id in links.values_list("visit_id", "duty_id", "duty__person_id"):
        duties[visit_id].append((duty_id, person_id))
    present = _by_visit(scope(actor, Participant).filter(visit_id__in=visits).order_by("pk"))
    notes = _by_visit(scope(actor, Note).filter(visit_id__in=visits))
    concerns = _by_visit(scope(actor, RaisedConcern).filter(visit_id__in=visits))
    told = []
    for pk, visit in visits.items():
        body = Body(
            channel=visit.channel,
            started_at=visit.started_at,
            ended_at=visit.ended_at,
            participants=tuple(ParticipantDraft(one.relation, one.channel, one.person_id) for one in present[pk]),
            finding=visit.finding,
            chips=tuple(visit.chips),
            guardian_opinion=visit.guardian_opinion,
            notices_conveyed=visit.notices_conveyed,
            follow_up=visit.follow_up,
            duty_ids=tuple(duty_id for duty_id, _person in duties[pk]),
            appointment_id=visit.appointment_id,
            notes=tuple(sorted(NoteDraft(one.person_id, one.axis, one.text) for one in notes[pk])),
            concerns=in_order(
                ConcernDraft(one.pk, one.person_id, one.category, one.alert_tier, one.text, one.follow_up)
                for one in concerns[pk]
            ),
            answers=tuple(Answers(**one) for one in visit.answers),
        )
        payload = as_payload(visit, body, [person_id for _duty, person_id in duties[pk]])
        told.append({"visit": str(pk), "revision": visit.revision, "body": payload})
    return told


def _by_visit(rows: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.visit_id].append(row)
    return found


def held_of(actor: Actor) -> list[dict[str, Any]]:
    """Own items that wait, and those settled in the last thirty days."""
    rows = scope(actor, HeldItem, CHANGE).filter(
        Q(state__in=WAITING) | Q(settled_at__gte=now() - LATELY), person_id=actor.person_id
    )
    return [
        {
            "item": str(row.item),
            "kind": row.kind,
            "revision": row.revision,
            "reason": row.reason,
            "state": row.state,
            "message": words_of(row),
            "place": row.place,
            "held_at": row.held_at.isoformat(timespec="seconds"),
        }
        for row in rows.defer("content").order_by("-held_at", "pk")[:MOST_RECORDS]
    ]


def median_seconds(actor: Actor) -> int | None:
    """How long the own form takes, of the latest records."""
    rows = scope(actor, Visit, CHANGE).filter(recorded_by_id=actor.person_id).exclude(form_seconds=None)
    latest = rows.order_by("-recorded_at").values_list("form_seconds", flat=True)[:OF_LATE]
    seconds = [one for one in latest if one is not None]
    return round(statistics.median(seconds)) if seconds else None
