"""The states of a campaign, of an appointment and of a plan run, and which may follow which."""

from typing import Any, TypeVar

from django.db.models import Q, TextChoices
from django.utils.translation import gettext as _

from jiafang.campaigns.models import Appointment, Campaign, PlanRun
from jiafang.common.errors import Conflict

S = TypeVar("S", bound=TextChoices)

CAMPAIGN: dict[Campaign.State, frozenset[Campaign.State]] = {
    # A draft that a school never took up is closed with the campaign above it.
    Campaign.State.DRAFT: frozenset({Campaign.State.LAUNCHED, Campaign.State.CLOSED}),
    Campaign.State.LAUNCHED: frozenset({Campaign.State.PUBLISHED, Campaign.State.CLOSED}),
    Campaign.State.PUBLISHED: frozenset({Campaign.State.PUBLISHED, Campaign.State.CLOSED}),
    Campaign.State.CLOSED: frozenset(),
}

APPOINTMENT: dict[Appointment.State, frozenset[Appointment.State]] = {
    Appointment.State.PROPOSED: frozenset(
        {
            Appointment.State.CONFIRMED,
            Appointment.State.DONE,
            Appointment.State.MISSED,
            Appointment.State.CANCELLED,
        }
    ),
    Appointment.State.CONFIRMED: frozenset(
        {Appointment.State.DONE, Appointment.State.MISSED, Appointment.State.CANCELLED}
    ),
    # A record may come late, from a phone that was offline.
    Appointment.State.MISSED: frozenset({Appointment.State.DONE}),
    Appointment.State.CANCELLED: frozenset({Appointment.State.DONE}),
    Appointment.State.DONE: frozenset({Appointment.State.DONE}),
}

PLAN_RUN: dict[PlanRun.State, frozenset[PlanRun.State]] = {
    PlanRun.State.QUEUED: frozenset({PlanRun.State.RUNNING, PlanRun.State.CANCELLED, PlanRun.State.FAILED}),
    PlanRun.State.RUNNING: frozenset(
        {PlanRun.State.DONE, PlanRun.State.STALE, PlanRun.State.CANCELLED, PlanRun.State.FAILED}
    ),
    PlanRun.State.DONE: frozenset(),
    PlanRun.State.STALE: frozenset(),
    PlanRun.State.CANCELLED: frozenset(),
    PlanRun.State.FAILED: frozenset(),
}

RUNNING_STATES = (Campaign.State.LAUNCHED, Campaign.State.PUBLISHED)
OPEN_APPOINTMENTS = (Appointment.State.PROPOSED, Appointment.State.CONFIRMED)
ENDED_WITH_SHIFT = Q(
    state=Appointment.State.CANCELLED, cancelled_by=Appointment.CancelledBy.SCHOOL, shift__called_off=True
)
"""Appointments whose shift was called off."""


def step(table: dict[S, frozenset[S]], row: Any, to: S) -> None:
    """Set the next state of a row that the caller has locked, or say why it cannot be."""
    if to not in table[type(to)(row.state)]:
        raise Conflict(
            _("现在是“%(now)s”,不能改为“%(then)s”。请刷新页面再看。")
            % {"now": row.get_state_display(), "then": to.label}
        )
    row.state = to
