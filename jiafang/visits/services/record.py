"""Recording a visit: once for each id, revised instead of overwritten, with everything that follows from it."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Required, TypedDict, Unpack

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.campaigns.models import Appointment, Campaign, Channel, ChannelRule, Duty, Tier
from jiafang.campaigns.services.meet import mark_met
from jiafang.campaigns.tiers import TIERS
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.organization.scope import children_ever
from jiafang.visits.body import Answers, Body, ConcernDraft, NoteDraft, ParticipantDraft, body_of, in_order, store
from jiafang.visits.limits import MAX_REVISION
from jiafang.visits.models import Note, Participant, RaisedConcern, Visit, VisitRevision
from jiafang.visits.questions.check import check_answers
from jiafang.visits.scope import RECORD
from jiafang.visits.services.contact import remember_contacts
from jiafang.visits.services.follow_up import keep_follow_ups
from jiafang.visits.services.raise_concerns import follow_corrections, raise_concerns
from jiafang.visits.services.record_faults import check_body, check_people


class Written(TypedDict, total=False):
    """What `record_visit` and `record_in` are told."""

    campaign: Required[Campaign]
    duties: Required[Collection[Duty]]
    channel: Required[str]
    started_at: Required[dt.datetime]
    participants: Required[Sequence[ParticipantDraft]]
    finding: Required[str]
    follow_up: Required[bool]
    appointment: Appointment | None
    ended_at: dt.datetime | None
    chips: Sequence[str]
    guardian_opinion: str
    notices_conveyed: bool
    notes: Sequence[NoteDraft]
    concerns: Sequence[ConcernDraft]
    answers: Sequence[Answers]
    form_seconds: int | None
    visit_id: uuid.UUID | None
    base_revision: int | None


def record_visit(*, by: Actor, **written: Unpack[Written]) -> Visit:
    """Save the record. The same id and body again changes nothing; another body becomes the next revision."""
    with actor_transaction(by):
        return record_in(by=by, **written)


def record_in(
    *,
    by: Actor,
    campaign: Campaign,
    duties: Collection[Duty],
    channel: str,
    started_at: dt.datetime,
    participants: Sequence[ParticipantDraft],
    finding: str,
    follow_up: bool,
    appointment: Appointment | None = None,
    ended_at: dt.datetime | None = None,
    chips: Sequence[str] = (),
    guardian_opinion: str = "",
    notices_conveyed: bool = False,
    notes: Sequence[NoteDraft] = (),
    concerns: Sequence[ConcernDraft] = (),
    answers: Sequence[Answers] = (),
    form_seconds: int | None = None,
    visit_id: uuid.UUID | None = None,
    base_revision: int | None = None,
) -> Visit:
    """`record_visit` inside a transaction of the actor that is already open.

    Without a `base_revision` the record follows whatever is there; with one, it must be the revision that is there.
    A record that is not there at all follows the revision it names, as after the restore of an older backup.
    """
    require(by, "visit.record")
    body = Body(
        channel=channel,
        started_at=started_at,
        ended_at=ended_at,
        participants=tuple(participants),
        finding=finding.strip(),
        chips=tuple(dict.fromkeys(chips)),
        guardian_opinion=guardian_opinion.strip(),
        notices_conveyed=notices_conveyed,
        follow_up=follow_up,
        duty_ids=tuple(sorted({duty.pk for duty in duties})),
        appointment_id=appointment.pk if appointment else None,
        notes=tuple(sorted(replace(note, text=note.text.strip()) for note in notes)),
        concerns=in_order(replace(concern, text=concern.text.strip()) for concern in concerns),
        answers=tuple(answers),
    )
    check_body(body, campaign)
    body = replace(body, answers=_checked_answers(body, campaign))
    if base_revision is not None and not 0 <= base_revision < MAX_REVISION:
        raise InputFault(_("这条记录的版本号不对"), place="base_revision")
    visit_id = visit_id or uuid.uuid4()
    lock_name(f"visit:{visit_id}")
    visit = scope(by, Visit, CHANGE).filter(pk=visit_id).first()
    if visit is None:
        visit = Visit(
            pk=visit_id,
            revision=(base_revision or 0) + 1,
            campaign=campaign,
            recorded_by_id=by.person_id,
            form_seconds=form_seconds if form_seconds is not None and 0 <= form_seconds <= 86400 else None,
        )
        return _first(by, visit, body)
    claim(by, visit, CHANGE)
    return _again(by, visit, body, base_revision)


def _checked_answers(body: Body, campaign: Campaign) -> tuple[Answers, ...]:
    """What was answered of what was shown; today() in a question means the day of the visit."""
    day = localdate(body.started_at)
    return tuple(
        replace(
            one,
            values=check_answers(set_id=one.set_id, version=one.version, values=one.values, on=day, campaign=campaign),
        )
        for one in body.answers
    )


def _first(by: Actor, visit: Visit, body: Body) -> Visit:
    # Asked before the claim below: what follows it may be read without asking.
    visit.appointment = _own_appointment(by, visit.campaign, body)
    duties = _locked_duties(by, visit.campaign, body)
    if Visit.unscoped.filter(pk=visit.pk).exists():
        raise NotAllowed("visit.record")
    check_people(body, duties)
    visitors = {by.person_id}
    if visit.appointment is not None:
        visitors |= set(visit.appointment.visitors.values_list("pk", flat=True))
    store(visit, body)
    visit.save(force_insert=True)
    visit.duties.add(*duties)
    visit.visitors.add(*visitors)
    _write_rows(by, visit, body, before=None)
    _follow(by, visit, duties, before=None)
    audit.record(by=by, action="visit.record", of=visit, duties=list(body.duty_ids))
    return visit


def _again(by: Actor, visit: Visit, body: Body, base_revision: int | None) -> Visit:
    if visit.body_hash == body.hash:
        return visit
    if base_revision is not None and base_revision != visit.revision:
        raise Conflict(_("这条记录刚刚被改过。您填的都还在,请先看看现在的内容,再决定怎么改。"))
    before = body_of(visit)
    if before.duty_ids != body.duty_ids:
        raise Conflict(_("这条记录写的是别的学生。换了人,请另记一笔。"))
    duties = list(Duty.unscoped.select_for_update().filter(pk__in=body.duty_ids).order_by("pk"))
    check_people(body, duties)
    body = _with_what_is_hidden(by, visit, before, body)
    VisitRevision.unscoped.create(visit=visit, revision=visit.revision, body=before.to_text(), saved_by_id=by.person_id)
    visit.revision += 1
    store(visit, body)
    visit.save()
    _write_rows(by, visit, body, before=before)
    _follow(by, visit, duties, before=before)
    audit.record(by=by, action="visit.revise", of=visit, revision=visit.revision)
    return visit


def _with_what_is_hidden(by: Actor, visit: Visit, before: Body, body: Body) -> Body:
    """What a colleague wrote about an own child is not read, so it is neither changed nor lost by a correction."""
    if visit.recorded_by_id == by.person_id:
        return body
    hidden = set(children_ever(by).values_list("student_id", flat=True))
    notes = [note for note in before.notes if note.person_id in hidden]
    concerns = [concern for concern in before.concerns if concern.person_id in hidden]
    shown = replace(
        body,
        notes=tuple(note for note in body.notes if note not in notes),
        concerns=tuple(concern for concern in body.concerns if concern not in concerns),
    )
    if hidden & ({note.person_id for note in shown.notes} | {concern.person_id for concern in shown.concerns}):
        raise InputFault(_("自己孩子的事,请由记录的老师来写"), place="notes")
    return replace(shown, notes=tuple(sorted([*shown.notes, *notes])), concerns=in_order([*shown.concerns, *concerns]))


def _own_appointment(by: Actor, campaign: Campaign, body: Body) -> Appointment | None:
    """The appointment that was kept; one that a new timetable has given to others or replaced counts as none."""
    if body.appointment_id is None:
        return None
    kept = scope(by, Appointment, RECORD).filter(pk=body.appointment_id, campaign=campaign)
    appointment = kept.filter(duties__in=body.duty_ids).first()
    if appointment is not None:
        claim(by, appointment, RECORD)
    return appointment


def _locked_duties(by: Actor, campaign: Campaign, body: Body) -> list[Duty]:
    # Rows are locked by those who may write them: the database agrees first, and then it is asked for ours.
    claim(by, [Duty(pk=pk) for pk in body.duty_ids], RECORD)
    within = scope(by, Duty, RECORD).filter(campaign=campaign, pk__in=body.duty_ids)
    duties = list(within.select_for_update(of=("self",)).order_by("pk"))
    if len(duties) != len(body.duty_ids):
        raise NotAllowed("visit.record")
    return duties


def _follow(by: Actor, visit: Visit, duties: list[Duty], *, before: Body | None) -> None:
    """What a record changes elsewhere: coverage, the appointment, follow-ups, the day of the last contact."""
    on = localdate(visit.started_at)
    counted = [duty for duty in duties if counts_for(visit.channel, duty.channel, visit.campaign.tier)]
    mark_met(by=by, duties=counted, on=on, appointment=visit.appointment)
    if before is not None:
        _settle_again(duties, visit.campaign.tier)
    asked_before = before is not None and before.follow_up
    keep_follow_ups(by=by, visit=visit, duties=duties, on=on, asked_before=asked_before)
    remember_contacts({duty.person_id for duty in duties})


def counts_for(channel: str, required: str, tier: str) -> bool:
    """Whether a meeting by this channel is what the duty asks for."""
    if required != ChannelRule.ONSITE:
        return True
    return channel == Channel.ONSITE or (channel == Channel.AT_SCHOOL and not TIERS[Tier(tier)].at_home)


def _settle_again(duties: list[Duty], tier: str) -> None:
    """After a correction a duty is met on the first day that still answers it, or due again."""
    met = {duty.pk: duty for duty in Duty.unscoped.filter(pk__in=[duty.pk for duty in duties], state=Duty.State.MET)}
    days: dict[int, set[dt.date]] = {pk: set() for pk in met}
    visits = Visit.duties.through.objects.filter(duty__in=met)
    for pk, channel, started_at in visits.values_list("duty_id", "visit__channel", "visit__started_at"):
        if counts_for(channel, met[pk].channel, tier):
            days[pk].add(localdate(started_at))
    for pk, duty in met.items():
        duty.state = Duty.State.MET if days[pk] else Duty.State.DUE
        duty.met_on = min(days[pk], default=None)
    Duty.unscoped.bulk_update(met.values(), ["state", "met_on"])


def _write_rows(by: Actor, visit: Visit, body: Body, *, before: Body | None) -> None:
    """Who took part, what was heard about whom, and what is to be worried about, as this revision has it."""
    if before is not None:
        visit.participants.all().delete()
        visit.notes.all().delete()
    Participant.unscoped.bulk_create(
        Participant(visit=visit, person_id=who.person_id, relation=who.relation, channel=who.channel)
        for who in body.participants
    )
    Note.unscoped.bulk_create(
        Note(visit=visit, person_id=note.person_id, axis=note.axis, text=note.text) for note in body.notes
    )
    if body.concerns or (before is not None and before.concerns):
        _write_concerns(by, visit, body)


def _write_concerns(by: Actor, visit: Visit, body: Body) -> None:
    """A concern keeps its row as long as a revision names it; one withdrawn stays in the earlier revision."""
    wanted = {concern.id: concern for concern in body.concerns}
    if RaisedConcern.unscoped.filter(pk__in=wanted).exclude(visit=visit).exists():
        raise InputFault(_("这件事已经记在另一条记录里了"), place="concerns")
    there = {row.pk: row for row in visit.concerns.all()}
    withdrawn = [there.pop(pk) for pk in set(there) - set(wanted)]
    new = []
    for concern in body.concerns:
        row = there.get(concern.id) or RaisedConcern(pk=concern.id, visit=visit)
        row.person_id, row.category, row.alert_tier = concern.person_id, concern.category, concern.alert_tier
        row.text, row.follow_up = concern.text, concern.follow_up
        if concern.id in there:
            row.save()
        else:
            new.append(row)
    RaisedConcern.unscoped.bulk_create(new)
    follow_corrections(by=by, concerns=there.values(), withdrawn=withdrawn)
    visit.concerns.exclude(pk__in=wanted).delete()
    raise_concerns(by=by, visit=visit, concerns=[*there.values(), *new])
