"""What a phone is given to read without a line: the own scope of its owner for the visits of the coming two weeks.

The number of queries does not grow with the class; the entity tag stays as long as nothing of it changes.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from jiafang.access import Actor, scope
from jiafang.access.actor import COHORT_LEAD
from jiafang.campaigns.meeting import meeting_url
from jiafang.campaigns.models import Appointment, Campaign, Channel, CohortFocus, Duty, Tier
from jiafang.campaigns.workflow import OPEN_APPOINTMENTS
from jiafang.care.models import AlertTier
from jiafang.common.clock import at, now, today
from jiafang.common.uploads.photos import LARGEST_PHOTO
from jiafang.organization.models import grade_name
from jiafang.visits.axes import AXES
from jiafang.visits.categories import all_categories, tiers_offering
from jiafang.visits.limits import MAX_PARTICIPANTS, MAX_RELATION, MAX_TEXT
from jiafang.visits.questions.versions import asked_of, for_campaigns
from jiafang.visits.scope import BRIEF, RECORD
from jiafang.visits.selectors.brief import is_about_school
from jiafang.visits.sync.bundle_people import PeopleOfBundle, people_of
from jiafang.visits.sync.bundle_records import held_of, median_seconds, records_of

FORMAT = 1
BACK = AHEAD = dt.timedelta(days=14)


@dataclass(frozen=True)
class Bundle:
    """The bytes, by what their content is known, and everybody of whom they tell something."""

    content: bytes
    etag: str
    people: frozenset[int]


def bundle_of(actor: Actor, actors: list[Actor]) -> Bundle:
    """What this actor may read on a phone; inside a reading."""
    stops = _stops(actor)
    duties = _duties(actor, {pk for stop in stops for pk in stop["duties"]})
    named = {duty["campaign"] for duty in duties.values()} | {stop["campaign"] for stop in stops}
    campaigns = list(scope(actor, Campaign).filter(pk__in=named).order_by("pk"))
    leads = {duty["person"]: duty["leads"] for duty in duties.values() if duty["leads"]}
    found = people_of(actor, {duty["person"]: duty for duty in duties.values()}, leads)
    for duty in duties.values():
        person = found.people[duty["person"]]
        duty["household"] = person["household"] or duty["household"]
        for name in ("name", "pinyin", "sex", "born", "phone", "leads"):
            del duty[name]
    sets = for_campaigns(actor, campaigns)
    told = {
        "format": FORMAT,
        "person": {"id": actor.person_id, "name": actor.name},
        "capacity": _capacity(actor),
        "capacities": [{"key": one.capacity_key, "label": one.capacity.label} for one in actors],
        **_words({campaign.tier for campaign in campaigns}),
        "campaigns": _campaigns(actor, campaigns, sets, duties),
        "questions": {
            row.pk: {"version": row.version, "title": row.title, "definition": asked_of(row)}
            for rows in sets.values()
            for row in rows
        },
        "stops": stops,
        "duties": duties,
        "people": found.people,
        "households": found.households,
        "classes": found.classes,
        "records": records_of(actor),
        "held": held_of(actor),
        "median_seconds": median_seconds(actor),
        "features": {
            "photos": settings.VISIT_PHOTOS,
            "voice": settings.VOICE_NOTES,
        },
        "limits": {
            "text": MAX_TEXT,
            "relation": MAX_RELATION,
            "participants": MAX_PARTICIPANTS,
            "photo_bytes": LARGEST_PHOTO,
        },
    }
    return _packed(told, found)


def _packed(told: dict[str, Any], found: PeopleOfBundle) -> Bundle:
    """The moment of making is no part of what is compared."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    made_at = json.dumps(now().isoformat(timespec="seconds"))
    return Bundle(f'{{"made_at":{made_at},{text[1:]}'.encode(), etag, frozenset(found.shown))


def _capacity(actor: Actor) -> dict[str, Any]:
    held = actor.capacity
    return {"key": held.key, "kind": held.kind, "label": held.label, "school": held.school_name or None}


def _words(tiers: set[str]) -> dict[str, Any]:
    """The choices of the form, in the language of whoever asks."""
    return {
        "axes": {
            tier: [
                {
                    "code": axis.code,
                    "label": str(axis.label),
                    "chips": [
                        {"code": chip.code, "label": str(chip.label), "attention": chip.attention}
                        for chip in axis.chips
                    ],
                }
                for axis in AXES[tier]
            ]
            for tier in sorted(tiers)
        },
        "channels": _choices(Channel.choices),
        "categories": [{"code": row.code, "label": row.name, "tiers": tiers_offering(row)} for row in all_categories()],
        "alert_tiers": _choices(AlertTier.choices),
    }


def _choices(choices: list[tuple[Any, Any]]) -> list[dict[str, str]]:
    return [{"code": code, "label": str(label)} for code, label in choices]


def _stops(actor: Actor) -> list[dict[str, Any]]:
    """Own published meetings: those ahead, and those of two weeks back of which nobody has said what became of them."""
    day, midnight = today(), dt.time()
    ahead = Q(starts_at__gte=at(day, midnight), starts_at__lt=at(day + AHEAD + dt.timedelta(days=1), midnight))
    back = Q(starts_at__gte=at(day - BACK, midnight), starts_at__lt=at(day, midnight), state__in=OPEN_APPOINTMENTS)
    rows = scope(actor, Appointment, BRIEF).filter(ahead | back).exclude(state=Appointment.State.CANCELLED)
    stops: dict[int, dict[str, Any]] = {
        row.pk: {
            "appointment": row.pk,
            "campaign": row.campaign_id,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            "channel": row.channel,
            "state": row.state,
            "answer": row.answer,
            "place": row.place,
            "approximate": row.approximate,
            "lat": row.lat,
            "lon": row.lon,
            "trip": row.trip_id,
            # Of the appointment, with its secret code: what a pattern and a number would give, anybody could guess.
            "meeting_url": meeting_url(row.pk) if row.channel == Channel.VIDEO else None,
            "duties": [],
            "visitors": [],
        }
        for row in rows.order_by("starts_at", "order", "pk")
    }
    links = Appointment.duties.through.objects.filter(appointment_id__in=stops).order_by("duty_id")
    for pk, duty_id in links.values_list("appointment_id", "duty_id"):
        stops[pk]["duties"].append(duty_id)
    crew = Appointment.visitors.through.objects.filter(appointment_id__in=stops).order_by("pk")
    for pk, person_id, name in crew.values_list("appointment_id", "person_id", "person__name"):
        if person_id != actor.person_id:
            stops[pk]["visitors"].append(name)
    return list(stops.values())


def _duties(actor: Actor, of_stops: set[int]) -> dict[int, dict[str, Any]]:
    """What can be recorded: of the own meetings, and what the actor answers for without one."""
    day = today()
    rows = scope(actor, Duty, RECORD).filter(Q(pk__in=of_stops) | _answered_for(actor))
    rows = rows.annotate(at_hand=Q(pk__in=scope(actor, Duty, BRIEF).values("pk")))
    found: dict[int, dict[str, Any]] = {}
    for row in rows.order_by("pk").values(
        "pk", "person_id", "campaign_id", "cohort_id", "household_id", "state", "due", "met_on", "parent_id",
        "cohort__stage", "cohort__entry_year", "school_class__name", "school_id", "school__name", "campaign__tier",
        "person__name", "person__pinyin", "person__sex", "person__birth_date", "person__phone", "at_hand",
    ):  # fmt: skip
        stage, class_name = row["cohort__stage"], row["school_class__name"]
        in_class = bool(stage and class_name)
        found[row["pk"]] = {
            "person": row["person_id"],
            "campaign": row["campaign_id"],
            "cohort": row["cohort_id"],
            "household": row["household_id"],
            "state": row["state"],
            "due": row["due"].isoformat(),
            "met_on": row["met_on"].isoformat() if row["met_on"] else None,
            "follow_up_of": row["parent_id"],
            "where": f"{grade_name(stage, row['cohort__entry_year'], day)}{class_name}"
            if in_class
            else row["school__name"] or "",
            "name": row["person__name"],
            "pinyin": row["person__pinyin"],
            "sex": row["person__sex"],
            "born": row["person__birth_date"],
            "phone": row["person__phone"] if row["at_hand"] else "",
            "leads": row["school_id"] if is_about_school(row["campaign__tier"]) else None,
        }
    return found


def _answered_for(actor: Actor) -> Q:
    """Of running campaigns; whoever leads a cohort carries the classes that have nobody, not those of colleagues."""
    running = Q(campaign__state__in=[Campaign.State.LAUNCHED, Campaign.State.PUBLISHED])
    running &= ~Q(state=Duty.State.VOID)
    if actor.kind == COHORT_LEAD:
        running &= Q(group=None) | Q(group__lead_id=actor.person_id)
    return running


def _campaigns(
    actor: Actor, campaigns: list[Campaign], sets: dict[int, Any], duties: dict[int, dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    day = today()
    cohorts = {duty["cohort"] for duty in duties.values()}
    told: dict[int, dict[str, Any]] = {
        row.pk: {
            "tier": row.tier,
            "title": row.title,
            "family": row.tier == Tier.TEACHER_FAMILY,
            "focuses": [],
            "questions": [one.pk for one in sets[row.pk]],
        }
        for row in campaigns
    }
    focuses: QuerySet[CohortFocus] = scope(actor, CohortFocus, BRIEF).filter(
        campaign_id__in=told, cohort_id__in=cohorts
    )
    for focus in focuses.select_related("cohort").order_by("pk"):
        told[focus.campaign_id]["focuses"].append(
            {
                "cohort": focus.cohort_id,
                "where": focus.cohort.grade_name(day),
                "topics": focus.topics,
                "talking_points": focus.talking_points,
                "notices": focus.notices,
            }
        )
    return told
