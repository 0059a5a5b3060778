"""What cannot be a record: refused before anything is written, naming the place."""

from collections.abc import Collection

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from jiafang.campaigns.models import Campaign, Channel, Duty
from jiafang.care.models import AlertTier, Category
from jiafang.common.clock import now
from jiafang.common.errors import InputFault
from jiafang.organization.models import Guardianship
from jiafang.visits import limits
from jiafang.visits.axes import axes_of, codes_of
from jiafang.visits.body import Body


def check_body(body: Body, campaign: Campaign) -> None:
    """Raise InputFault unless this can be a record of this campaign, whoever it is about."""
    if not body.duty_ids:
        raise InputFault(_("请选这次见的是谁"), place="duties")
    if len(body.duty_ids) > limits.MAX_DUTIES:
        raise InputFault(_("一次最多记 %(count)s 个人") % {"count": limits.MAX_DUTIES}, place="duties")
    if body.channel not in Channel.values:
        raise InputFault(_("请选家访方式"), place="channel")
    _check_time(body)
    if not (body.finding or body.chips or body.notes):
        raise InputFault(_("请点一两项,或写一句话"), place="finding")
    for place, text in (("finding", body.finding), ("guardian_opinion", body.guardian_opinion)):
        _check_text(text, place)
    if not set(body.chips) <= codes_of(campaign.tier):
        raise InputFault(_("没有这个选项"), place="chips")
    _check_participants(body)
    _check_notes(body, campaign)
    _check_concerns(body)


def check_people(body: Body, duties: Collection[Duty]) -> None:
    """Named participants are those who are met, or guardians of theirs; notes and concerns are about those met."""
    met = {duty.person_id for duty in duties}
    named = {who.person_id for who in body.participants if who.person_id is not None} - met
    if named:
        of_family = Guardianship.unscoped.filter(student_id__in=met, guardian_id__in=named)
        # Whoever may no longer see the child may have been there while that was still allowed.
        on = localdate(body.started_at)
        known = {row.guardian_id for row in of_family if row.revoked_on is None or row.revoked_on >= on}
        if named - known:
            raise InputFault(_("在场的人不在这家的名单里,请刷新后重选"), place="participants")
    if {note.person_id for note in body.notes} - met:
        raise InputFault(_("这段话写的人不在这次家访里"), place="notes")
    if {concern.person_id for concern in body.concerns} - met:
        raise InputFault(_("这件事说的人不在这次家访里"), place="concerns")


def _check_time(body: Body) -> None:
    moment = now()
    if body.started_at > moment + limits.CLOCK_AHEAD:
        raise InputFault(_("时间还没到,见过面再记"), place="started_at")
    if body.started_at < moment - limits.LATEST_RECORD:
        raise InputFault(_("请看看日期:这是一年多以前的事了"), place="started_at")
    if body.ended_at is not None and not body.started_at <= body.ended_at <= body.started_at + limits.LONGEST_VISIT:
        raise InputFault(_("结束时间应在开始之后"), place="ended_at")


def _check_participants(body: Body) -> None:
    if not 1 <= len(body.participants) <= limits.MAX_PARTICIPANTS:
        raise InputFault(_("请选谁在场"), place="participants")
    for who in body.participants:
        relation = who.relation.strip()
        if not relation or len(relation) > limits.MAX_RELATION or who.channel not in Channel.values:
            raise InputFault(_("请写清在场的人和孩子的关系"), place="participants")
        _check_text(relation, "participants")


def _check_notes(body: Body, campaign: Campaign) -> None:
    if len(body.notes) > limits.MAX_NOTES:
        raise InputFault(_("分开写的话太多了,请并成几段"), place="notes")
    if len({(note.person_id, note.axis) for note in body.notes}) < len(body.notes):
        raise InputFault(_("同一个人的同一方面只写一段"), place="notes")
    for note in body.notes:
        if note.axis and note.axis not in axes_of(campaign.tier):
            raise InputFault(_("没有这个方面"), place="notes")
        if not note.text:
            raise InputFault(_("这一段还没有写"), place="notes")
        _check_text(note.text, "notes")


def _check_concerns(body: Body) -> None:
    if len(body.concerns) > limits.MAX_CONCERNS:
        raise InputFault(_("一次最多记 %(count)s 件事") % {"count": limits.MAX_CONCERNS}, place="concerns")
    if len({concern.id for concern in body.concerns}) < len(body.concerns):
        raise InputFault(_("同一件事记了两遍"), place="concerns")
    wanted = {concern.category for concern in body.concerns}
    known = set(Category.objects.filter(code__in=wanted).values_list("code", flat=True)) if wanted else set()
    for concern in body.concerns:
        if concern.category not in known:
            raise InputFault(_("请选这件事是哪一类"), place="concerns")
        if concern.alert_tier not in AlertTier.values:
            raise InputFault(_("请选这件事有多急"), place="concerns")
        if not concern.text:
            raise InputFault(_("请用一句话写清是什么事"), place="concerns")
        _check_text(concern.text, "concerns")


def _check_text(text: str, place: str) -> None:
    if len(text) > limits.MAX_TEXT:
        raise InputFault(_("请写在 %(count)s 字以内") % {"count": limits.MAX_TEXT}, place=place)
    # Half of a pair of code units is sent by some keyboards when a picture is cut in two.
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise InputFault(_("文字里有无法保存的符号"), place=place)
