"""The typed rules of a campaign: stored as JSON, read and checked here."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault


@dataclass(frozen=True)
class Rules:
    """How visits of a campaign are made. Durations in minutes, speed in km/h."""

    default_channel: str = "any"
    onsite_for_tags: bool = True
    two_visitors_onsite: bool = True
    siblings_together: bool = True
    max_stops_per_trip: int = 3
    max_groups_per_trip: int = 1
    max_units_per_shift: int = 6
    onsite_units: int = 2
    remote_units: int = 1
    onsite_minutes: int = 30
    remote_minutes: int = 15
    speed_kmh: float = 25.0
    detour: float = 1.3
    fixed_minutes: float = 2.0
    # Of each school so many teachers are met by the bureau; 0 means all of them.
    people_per_school: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Rules":
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in stored.items() if k in known})

    def check(self) -> None:
        """Raise InputFault, naming the rule, where a value makes no sense."""
        limits = {
            "max_stops_per_trip": (1, 8),
            "max_groups_per_trip": (1, 4),
            "max_units_per_shift": (1, 60),
            "onsite_units": (1, 60),
            "remote_units": (1, 60),
            "onsite_minutes": (5, 240),
            "remote_minutes": (5, 120),
            "speed_kmh": (1, 120),
            "detour": (1, 5),
            "fixed_minutes": (0, 60),
            "people_per_school": (0, 500),
        }
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise InputFault(_("应在 %(low)s 到 %(high)s 之间") % {"low": low, "high": high}, place=name)
        if self.default_channel not in ("any", "onsite", "remote"):
            raise InputFault(_("没有这种家访方式"), place="default_channel")
