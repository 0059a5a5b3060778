"""When a visitor cannot come, and when a family can be met."""

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, may, require, scope
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Campaign, Duty, FamilyWindow, Shift, Unavailability, VisitGroup
from jiafang.campaigns.services.locking import lock_campaign
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.organization.models import Person

Window = tuple[Shift, dt.time, dt.time]
"""Shift, earliest start, latest start."""


def set_unavailable(
    *, by: Actor, campaign: Campaign, visitor: Person, shifts: Collection[Shift], rather_not: Collection[Shift] = ()
) -> None:
    """The visitor cannot come in exactly these shifts, and would rather not in those; oneself, or by those who plan."""
    require(by, "availability.own")
    with actor_transaction(by):
        own = visitor.pk == by.person_id and scope(by, Campaign).filter(pk=campaign.pk).exists()
        planning = may(by, "campaign.plan") and scope(by, Campaign, CHANGE).filter(pk=campaign.pk).exists()
        if not (own or planning):
            raise NotAllowed("availability of others")
        claim(by, campaign, CHANGE if planning else "visit")
        campaign = lock_campaign(campaign.pk)
        visiting = VisitGroup.unscoped.filter(campaign=campaign).filter(Q(lead=visitor) | Q(co_visitors=visitor))
        if not visiting.exists():
            raise InputFault(_("%(name)s 不在这次活动的家访名单里") % {"name": visitor.name}, place="visitor")
        degrees = dict.fromkeys(rather_not, Unavailability.Degree.RATHER_NOT)
        degrees |= dict.fromkeys(shifts, Unavailability.Degree.CANNOT)
        _check_shifts(campaign, degrees)
        # What was said of a shift that is called off holds again when it is wanted again.
        Unavailability.unscoped.filter(shift__campaign=campaign, shift__called_off=False, visitor=visitor).delete()
        Unavailability.unscoped.bulk_create(
            [Unavailability(shift=shift, visitor=visitor, degree=degree) for shift, degree in degrees.items()]
        )
        record(by=by, action="availability.visitor", of=campaign, visitor=visitor.pk, shifts=len(shifts))


def set_windows(*, by: Actor, duty: Duty, windows: Sequence[Window]) -> None:
    """The family can be met in these windows only; without any it can be met at all times."""
    require(by, "availability.family")
    with actor_transaction(by):
        if not scope(by, Duty).filter(pk=duty.pk).exists():
            raise NotAllowed(f"duty {duty.pk}")
        claim(by, duty, "arrange")
        campaign = lock_campaign(duty.campaign_id)
        _check_shifts(campaign, [shift for shift, _earliest, _latest in windows])
        for shift, earliest, latest in windows:
            if not shift.start <= earliest <= latest <= shift.end:
                words = _("%(shift)s 的时间应在 %(start)s 到 %(end)s 之间") % {
                    "shift": shift,
                    "start": f"{shift.start:%H:%M}",
                    "end": f"{shift.end:%H:%M}",
                }
                raise InputFault(words, place="windows")
        FamilyWindow.unscoped.filter(duty=duty).delete()
        FamilyWindow.unscoped.bulk_create(
            [FamilyWindow(duty=duty, shift=s, earliest=earliest, latest=latest) for s, earliest, latest in windows]
        )
        record(by=by, action="availability.family", of=duty, windows=len(windows))


def _check_shifts(campaign: Campaign, shifts: Collection[Shift]) -> None:
    if any(shift.campaign_id != campaign.pk for shift in shifts):
        raise InputFault(_("时段不属于这次活动"), place="shifts")
