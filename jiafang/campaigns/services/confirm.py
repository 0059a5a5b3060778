"""What was agreed with the family about a meeting: agreed, called off, or rather not this time."""

from django.db.models import Q
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.access.actor import GUARDIAN
from jiafang.accounts.audit import record, record_each
from jiafang.campaigns.models import Appointment, Duty, VisitGroup
from jiafang.campaigns.services.locking import lock_campaign
from jiafang.campaigns.services.release import cancel_appointments, release_duties
from jiafang.campaigns.workflow import APPOINTMENT, OPEN_APPOINTMENTS, step
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed, NotReady

Answer = Appointment.Answer
MAX_NOTE = 300


def confirm_appointment(*, by: Actor, appointment: Appointment) -> Appointment:
    """已和家长约好: from now on a new plan leaves it where it is."""
    require(by, "appointment.confirm")
    with actor_transaction(by):
        appointment = _taken_in_hand(by, appointment)
        note_agreed(by, appointment)
    return appointment


def cancel_appointment(*, by: Actor, appointment: Appointment, cancelled_by: str) -> Appointment:
    """The meeting does not take place; its people are still to be met, the visitors are free."""
    require(by, "appointment.confirm")
    if cancelled_by not in Appointment.CancelledBy.values:
        raise InputFault(_("请说明是家长还是学校取消的"), place="cancelled_by")
    with actor_transaction(by):
        appointment = _taken_in_hand(by, appointment)
        note_called_off(by, appointment, cancelled_by)
    return appointment


def decline(*, by: Actor, duty: Duty) -> Duty:
    """这次先不家访: asked for by the family, told to the teacher or given as an answer; it has no consequence."""
    with actor_transaction(by):
        duty = _own_duty(by, duty)
        if duty.state == Duty.State.DECLINED:
            return duty
        if duty.state != Duty.State.DUE:
            raise Conflict(_("已经访过,或不再需要了"))
        note_declined(by, [duty])
    return duty


def reopen(*, by: Actor, duty: Duty) -> Duty:
    """The family would like to be visited after all."""
    with actor_transaction(by):
        duty = _own_duty(by, duty)
        if duty.state != Duty.State.DECLINED:
            raise Conflict(_("只有“这次先不家访”的可以恢复"))
        duty.state = Duty.State.DUE
        duty.save(update_fields=["state"])
        record(by=by, action="duty.reopen", of=duty)
    return duty


def answer_appointment(*, by: Actor, appointment: Appointment, answer: str, note: str = "") -> Appointment:
    """What a family says to the window it was offered; silence is neither consent nor refusal."""
    if by.kind != GUARDIAN:
        raise NotAllowed("answer of a family")
    if answer not in Answer.values:
        raise InputFault(_("请选一项"), place="answer")
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise InputFault(_("请写在 %(count)s 字以内") % {"count": MAX_NOTE}, place="note")
    if answer == Answer.OTHER_TIME and not note:
        raise InputFault(_("请写下方便的时间,比如“周日下午”"), place="note")
    with actor_transaction(by):
        seen = scope(by, Appointment).filter(pk=appointment.pk, published=True).first()
        if seen is None:
            raise NotAllowed(f"appointment {appointment.pk}")
        own = list(scope(by, Duty).filter(appointments=seen, state=Duty.State.DUE))
        claim(by, seen, "answer")
        lock_campaign(seen.campaign_id)
        appointment = Appointment.unscoped.select_for_update().get(pk=seen.pk)
        if appointment.state not in OPEN_APPOINTMENTS or appointment.ends_at < now():
            raise Conflict(_("这次家访已经办完或取消了"))
        appointment.answer, appointment.answer_note, appointment.answered_at = answer, note, now()
        if answer == Answer.AGREED:
            _confirm(appointment)
        elif answer != Answer.DECLINED:
            # Asking for another time takes back an earlier yes.
            appointment.state = Appointment.State.PROPOSED
        appointment.save()
        if answer == Answer.DECLINED:
            _decline(own)
            appointment.refresh_from_db()
        record(by=by, action="appointment.answer", of=appointment, answer=answer)
    return appointment


def note_agreed(by: Actor, appointment: Appointment) -> None:
    """The same for an appointment that the caller has claimed and locked."""
    _confirm(appointment)
    record(by=by, action="appointment.confirm", of=appointment)


def note_called_off(by: Actor, appointment: Appointment, cancelled_by: str) -> None:
    """The same for an appointment that the caller has claimed and locked."""
    step(APPOINTMENT, appointment, Appointment.State.CANCELLED)
    record(by=by, action="appointment.cancel", of=appointment, cancelled_by=cancelled_by)
    cancel_appointments([appointment], cancelled_by=cancelled_by)
    appointment.cancelled_by = cancelled_by


def note_declined(by: Actor, duties: list[Duty]) -> None:
    """The same for duties that are due and that the caller has claimed and locked."""
    _decline(duties)
    record_each(by=by, action="duty.decline", of=duties)


def _confirm(appointment: Appointment) -> None:
    if not appointment.published:
        raise NotReady(_("安排表还没有发布,发布以后再和家长约"))
    if appointment.state != Appointment.State.CONFIRMED:
        step(APPOINTMENT, appointment, Appointment.State.CONFIRMED)
    # A promise outweighs a draft: the draft of these people goes.
    appointment.superseded = False
    appointment.save(update_fields=["state", "superseded"])
    release_duties(list(appointment.duties.values_list("pk", flat=True)), besides=appointment.pk)


def _decline(duties: list[Duty]) -> None:
    for duty in duties:
        duty.state = Duty.State.DECLINED
    Duty.unscoped.bulk_update(duties, ["state"])
    release_duties([duty.pk for duty in duties], cancelled_by=Appointment.CancelledBy.FAMILY)


def _taken_in_hand(by: Actor, appointment: Appointment) -> Appointment:
    """The appointment, locked, for its visitors, the lead of its group and those who plan."""
    own = scope(by, Appointment).filter(Q(visitors=by.person_id) | Q(group__lead=by.person_id), pk=appointment.pk)
    if not (own.exists() or scope(by, Appointment, CHANGE).filter(pk=appointment.pk).exists()):
        raise NotAllowed(f"appointment {appointment.pk}")
    claim(by, appointment, "handle")
    lock_campaign(appointment.campaign_id)
    return Appointment.unscoped.select_for_update().get(pk=appointment.pk)


def _own_duty(by: Actor, duty: Duty) -> Duty:
    """The duty, locked, for the guardian, those who visit as lead, co-visitor or by appointment, and those who plan."""
    if by.kind == GUARDIAN:
        own = scope(by, Duty).filter(pk=duty.pk)
    else:
        crews = VisitGroup.unscoped.filter(Q(lead=by.person_id) | Q(co_visitors=by.person_id))
        visiting = Appointment.unscoped.filter(published=True, visitors=by.person_id)
        met = Q(group__in=crews.values("pk")) | Q(pk__in=visiting.values("duties"))
        own = Duty.unscoped.filter(met, pk=duty.pk)
    if not (own.exists() or scope(by, Duty, CHANGE).filter(pk=duty.pk).exists()):
        raise NotAllowed(f"duty {duty.pk}")
    claim(by, duty, "arrange")
    lock_campaign(duty.campaign_id)
    return Duty.unscoped.select_for_update().get(pk=duty.pk)
