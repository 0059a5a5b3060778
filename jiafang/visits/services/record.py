"""Recording a visit: once for each id, revised instead of overwritten, with everything that follows from it."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.campaigns.models import Appointment, Campaign, Channel, ChannelRule, Duty, Tier
from jiafang.campaigns.services.meet import mark_met
from jiafang.campaigns.tiers import TIERS
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.organization.models import Guardianship
from jiafang.visits.axes import codes_of
from jiafang.visits.body import Body, ParticipantDraft, body_of, store
from jiafang.visits.models import Participant, Visit, VisitRevision
from jiafang.visits.scope import RECORD
from jiafang.visits.services.contact import remember_contacts
from jiafang.visits.services.follow_up import keep_follow_ups

MAX_TEXT = 2000
MAX_RELATION = 30
MAX_PARTICIPANTS = 12
LONGEST_VISIT = dt.timedelta(hours=12)
# A telephone may run ahead; a record may be written up to a year late.
CLOCK_AHEAD = dt.timedelta(minutes=10)
LATEST_RECORD = dt.timedelta(days=366)


def record_visit(
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
    form_seconds: int | None = None,
    visit_id: uuid.UUID | None = None,
    base_revision: int | None = None,
) -> Visit:
    """Save the record. The same id and body again changes nothing; another body becomes the next revision."""
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
    )
    _check(body, campaign)
    visit_id = visit_id or uuid.uuid4()
    with actor_transaction(by):
        lock_name(f"visit:{visit_id}")
        visit = scope(by, Visit, CHANGE).filter(pk=visit_id).first()
        if visit is None:
            return _first(by, campaign, appointment, body, visit_id, form_seconds)
        claim(by, visit, CHANGE)
        return _again(by, visit, body, base_revision)


def _first(
    by: Actor, campaign: Campaign, appointment: Appointment | None, body: Body, visit_id: uuid.UUID, seconds: int | None
) -> Visit:
    duties = _locked_duties(by, campaign, body)
    if Visit.unscoped.filter(pk=visit_id).exists():
        raise NotAllowed("visit.record")
    _check_people(body, duties)
    visitors = {by.person_id}
    if appointment is not None:
        if not scope(by, Appointment, RECORD).filter(pk=appointment.pk, campaign=campaign).exists():
            raise NotAllowed("visit.record")
        claim(by, appointment, RECORD)
        visitors |= set(appointment.visitors.values_list("pk", flat=True))
    visit = Visit(
        pk=visit_id,
        campaign=campaign,
        appointment=appointment,
        recorded_by_id=by.person_id,
        form_seconds=seconds if seconds is not None and 0 <= seconds <= 86400 else None,
    )
    store(visit, body)
    visit.save(force_insert=True)
    visit.duties.add(*duties)
    visit.visitors.add(*visitors)
    _write_participants(visit, body)
    _follow(by, visit, duties)
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
    _check_people(body, duties)
    VisitRevision.unscoped.create(visit=visit, revision=visit.revision, body=before.to_text(), saved_by_id=by.person_id)
    visit.revision += 1
    store(visit, body)
    visit.save()
    _write_participants(visit, body)
    _follow(by, visit, duties)
    audit.record(by=by, action="visit.revise", of=visit, revision=visit.revision)
    return visit


def _locked_duties(by: Actor, campaign: Campaign, body: Body) -> list[Duty]:
    within = scope(by, Duty, RECORD).filter(campaign=campaign, pk__in=body.duty_ids)
    if within.count() != len(body.duty_ids):
        raise NotAllowed("visit.record")
    claim(by, [Duty(pk=pk) for pk in body.duty_ids], RECORD)
    return list(Duty.unscoped.select_for_update().filter(pk__in=body.duty_ids).order_by("pk"))


def _follow(by: Actor, visit: Visit, duties: list[Duty]) -> None:
    """What a record changes elsewhere: coverage, the appointment, follow-ups, the day of the last contact."""
    on = localdate(visit.started_at)
    counted = [duty for duty in duties if answers(visit.channel, duty.channel, visit.campaign.tier)]
    mark_met(by=by, duties=counted, on=on, appointment=visit.appointment)
    if visit.revision > 1:
        _settle_again(duties, visit.campaign.tier)
    keep_follow_ups(by=by, visit=visit, duties=duties, on=on)
    remember_contacts({duty.person_id for duty in duties})


def answers(channel: str, required: str, tier: str) -> bool:
    """Whether a meeting by this channel is what the duty asks for."""
    if required != ChannelRule.ONSITE:
        return True
    return channel == Channel.ONSITE or (channel == Channel.AT_SCHOOL and not TIERS[Tier(tier)].at_home)


def _settle_again(duties: list[Duty], tier: str) -> None:
    """After a correction a duty is met on the first day that still answers it, or due again."""
    for duty in Duty.unscoped.filter(pk__in=[duty.pk for duty in duties], state=Duty.State.MET):
        visits = Visit.unscoped.filter(duties=duty).values_list("channel", "started_at")
        days = [localdate(started_at) for channel, started_at in visits if answers(channel, duty.channel, tier)]
        duty.state = Duty.State.MET if days else Duty.State.DUE
        duty.met_on = min(days, default=None)
        duty.save(update_fields=["state", "met_on"])


def _write_participants(visit: Visit, body: Body) -> None:
    if visit.revision > 1:
        visit.participants.all().delete()
    Participant.unscoped.bulk_create(
        Participant(visit=visit, person_id=who.person_id, relation=who.relation, channel=who.channel)
        for who in body.participants
    )


def _check(body: Body, campaign: Campaign) -> None:
    """Refuse what cannot be a record, naming the field."""
    if not body.duty_ids:
        raise InputFault(_("请选这次见的是谁"), place="duties")
    if body.channel not in Channel.values:
        raise InputFault(_("请选家访方式"), place="channel")
    _check_time(body)
    if not body.finding and not body.chips:
        raise InputFault(_("请点一两项,或写一句话"), place="finding")
    for place, text in (("finding", body.finding), ("guardian_opinion", body.guardian_opinion)):
        if len(text) > MAX_TEXT:
            raise InputFault(_("请写在 %(count)s 字以内") % {"count": MAX_TEXT}, place=place)
        if "\x00" in text:
            raise InputFault(_("文字里有无法保存的符号"), place=place)
    if not set(body.chips) <= codes_of(campaign.tier):
        raise InputFault(_("没有这个选项"), place="chips")
    if not 1 <= len(body.participants) <= MAX_PARTICIPANTS:
        raise InputFault(_("请选谁在场"), place="participants")
    for who in body.participants:
        relation = who.relation.strip()
        if not relation or len(relation) > MAX_RELATION or "\x00" in relation or who.channel not in Channel.values:
            raise InputFault(_("请写清在场的人和孩子的关系"), place="participants")


def _check_time(body: Body) -> None:
    moment = now()
    if body.started_at > moment + CLOCK_AHEAD:
        raise InputFault(_("时间还没到,见过面再记"), place="started_at")
    if body.started_at < moment - LATEST_RECORD:
        raise InputFault(_("请看看日期:这是一年多以前的事了"), place="started_at")
    if body.ended_at is not None and not body.started_at <= body.ended_at <= body.started_at + LONGEST_VISIT:
        raise InputFault(_("结束时间应在开始之后"), place="ended_at")


def _check_people(body: Body, duties: list[Duty]) -> None:
    """Named participants are those who are met, or guardians of theirs."""
    named = {who.person_id for who in body.participants if who.person_id is not None}
    met = {duty.person_id for duty in duties}
    guardians = Guardianship.unscoped.filter(student_id__in=met, revoked_on=None, guardian_id__in=named - met)
    if named - met - set(guardians.values_list("guardian_id", flat=True)):
        raise InputFault(_("在场的人不在这家的名单里,请刷新后重选"), place="participants")
