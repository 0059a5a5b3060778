"""When somebody can come, what the planner made of it, and who is where when."""

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiafang.campaigns.models.campaign import Campaign, Channel, Duty, VisitGroup
from jiafang.common.clock import now
from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import Person

STALLED_AFTER = dt.timedelta(seconds=60)


class Shift(Scoped):
    """An evening or half-day of a campaign in which visits may take place."""

    class Kind(models.TextChoices):
        MORNING = "morning", _("上午")
        AFTERNOON = "afternoon", _("下午")
        EVENING = "evening", _("晚上")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="shifts")
    date = models.DateField(_("日期"))
    kind = models.CharField(_("时段"), max_length=10, choices=Kind.choices)
    start = models.TimeField(_("开始"))
    end = models.TimeField(_("结束"))
    called_off = models.BooleanField(_("已取消"), default=False)
    """No longer offered; kept for what families said of it or were told."""

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["date", "start"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "date", "kind"], name="shift_unique"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="shift_end_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()}"


class Unavailability(Scoped):
    """A visitor who cannot come in a shift, or would rather not; without a row the visitor is free."""

    class Degree(models.TextChoices):
        RATHER_NOT = "rather_not", _("最好不排")
        CANNOT = "cannot", _("来不了")

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="unavailabilities")
    visitor = models.ForeignKey(Person, models.CASCADE, related_name="+")
    degree = models.CharField(_("程度"), max_length=10, choices=Degree.choices, default=Degree.CANNOT)

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["shift", "visitor"], name="unavailability_once")]

    def __str__(self) -> str:
        return f"{self.visitor_id} not in {self.shift_id}"


class FamilyWindow(Scoped):
    """When a person to be met can be met in a shift; a duty without any window is free in every shift."""

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="windows")
    shift = models.ForeignKey(Shift, models.CASCADE, related_name="+")
    earliest = models.TimeField(_("最早"))
    latest = models.TimeField(_("最晚开始"))

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["duty", "shift"], name="window_once"),
            models.CheckConstraint(condition=Q(latest__gte=F("earliest")), name="window_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.earliest}–{self.latest}"


class PlanRun(Scoped):
    """One run of the optimizer for a campaign, with what it proved."""

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("排表中")
        DONE = "done", _("已排好")
        STALE = "stale", _("名单已变,请重排")
        CANCELLED = "cancelled", _("已取消")
        FAILED = "failed", _("未能排好")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="plan_runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    seconds_allowed = models.PositiveIntegerField(default=60)
    seed = models.PositiveIntegerField(default=1)
    input_hash = models.CharField(max_length=64, blank=True)
    progress = models.JSONField(default=dict)
    objective = models.JSONField(default=dict)
    bounds = models.JSONField(default=dict)
    proven = models.JSONField(default=list)
    unplaced = models.JSONField(default=list)
    moved = models.JSONField(default=list)
    log = models.TextField(blank=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state__in=["queued", "running"]), name="plan_run_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"plan run {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def is_stalled(self) -> bool:
        """Whether its worker has died: a running one writes a sign of life every second."""
        last = self.heartbeat_at or self.started_at
        return self.state == self.State.RUNNING and last is not None and now() - last > STALLED_AFTER


class Trip(Scoped):
    """One way out and back in a shift by a crew."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="trips")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="trips")
    groups = models.ManyToManyField(VisitGroup, related_name="trips")
    crew = models.ManyToManyField(Person, related_name="+")
    departs_at = models.DateTimeField()
    returns_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(returns_at__gte=F("departs_at")), name="trip_returns_after_departure")
        ]

    def __str__(self) -> str:
        return f"trip {self.pk}"


class Appointment(SealedRow):
    """A meeting in the timetable: a stop of a trip, or a call or talk without a way; siblings share one."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("已排")
        CONFIRMED = "confirmed", _("已和家长约好")
        DONE = "done", _("已访")
        MISSED = "missed", _("没见到")
        CANCELLED = "cancelled", _("已取消")

    class CancelledBy(models.TextChoices):
        FAMILY = "family", _("家长")
        SCHOOL = "school", _("学校")

    class Answer(models.TextChoices):
        AGREED = "agreed", _("可以")
        OTHER_TIME = "other_time", _("想换个时间")
        OTHER_CHANNEL = "other_channel", _("想换个方式")
        DECLINED = "declined", _("这次先不家访")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="appointments")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="appointments")
    group = models.ForeignKey(VisitGroup, models.PROTECT, related_name="appointments")
    trip = models.ForeignKey(Trip, models.CASCADE, null=True, blank=True, related_name="stops")
    duties = models.ManyToManyField(Duty, related_name="appointments")
    visitors = models.ManyToManyField(Person, related_name="+")
    channel = models.CharField(_("方式"), max_length=10, choices=Channel.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    order = models.PositiveSmallIntegerField(default=0)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    approximate = models.BooleanField(_("位置为大概"), default=False)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.PROPOSED)
    cancelled_by = models.CharField(max_length=10, choices=CancelledBy.choices, blank=True)
    published = models.BooleanField(default=False)
    moved_by_hand = models.BooleanField(default=False)
    # Published, but a newer draft puts its people elsewhere: it holds until that draft is published.
    superseded = models.BooleanField(default=False)
    answer = models.CharField(_("家长的答复"), max_length=15, choices=Answer.choices, blank=True)
    answer_note = EncryptedTextField(_("家长的话"), purpose="appointment")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["starts_at", "order"]
        indexes = [models.Index(fields=["campaign", "shift"], name="appointment_campaign_shift")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_end_after_start"),
            models.CheckConstraint(
                condition=Q(state="cancelled") & ~Q(cancelled_by="") | ~Q(state="cancelled") & Q(cancelled_by=""),
                name="appointment_cancelled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"


class Occupancy(Scoped):
    """A visitor's time taken by the published timetable; the database refuses two places at once."""

    visitor = models.ForeignKey(Person, models.CASCADE, related_name="+")
    visitor_range = BigIntegerRangeField()
    during = DateTimeRangeField()
    trip = models.ForeignKey(Trip, models.CASCADE, null=True, blank=True, related_name="occupancies")
    appointment = models.ForeignKey(Appointment, models.CASCADE, null=True, blank=True, related_name="occupancies")

    class Meta(Scoped.Meta):
        constraints = [
            # int8range(n, n, '[]') stands for equality, so that no contrib extension is needed.
            ExclusionConstraint(
                name="occupancy_one_place_at_a_time",
                expressions=[
                    ("visitor_range", RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(trip__isnull=False, appointment=None) | Q(trip=None, appointment__isnull=False),
                name="occupancy_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visitor_id} during {self.during}"
