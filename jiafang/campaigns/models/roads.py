"""How long the ways of a campaign are by road, as a service of road times said it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jiafang.campaigns.models.campaign import Campaign
from jiafang.common.models import Scoped


class RoadTable(Scoped):
    """Seconds between the places of a campaign; a place is a keyed hash of its point, so that no home lies here.

    `seconds` is a square table of 32-bit whole numbers in the order of `places`, row by row, compressed; -1: not asked
    yet, -2: there is no way by road.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="+")
    source = models.CharField(max_length=64, help_text="keyed hash of the service's address: another one is asked anew")
    places = ArrayField(models.CharField(max_length=32))
    seconds = models.BinaryField()

    def __str__(self) -> str:
        return f"{len(self.places)} places of {self.campaign_id}"
