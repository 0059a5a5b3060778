"""Campaigns, duties, the timetable."""

from jiafang.campaigns.models.campaign import (
    Campaign,
    Channel,
    ChannelRule,
    CohortFocus,
    Duty,
    Tier,
    VisitGroup,
)
from jiafang.campaigns.models.roads import RoadTable
from jiafang.campaigns.models.timetable import (
    Appointment,
    FamilyWindow,
    Occupancy,
    PlanRun,
    Shift,
    Trip,
    Unavailability,
)

__all__ = [
    "Appointment",
    "Campaign",
    "Channel",
    "ChannelRule",
    "CohortFocus",
    "Duty",
    "FamilyWindow",
    "Occupancy",
    "PlanRun",
    "RoadTable",
    "Shift",
    "Tier",
    "Trip",
    "Unavailability",
    "VisitGroup",
]
