"""Who took a file out of the house, and when; it stands on every page of it."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.access import Actor


@dataclass(frozen=True, slots=True)
class Watermark:
    """The one who exports, in which capacity, at which moment."""

    name: str
    capacity: str
    at: dt.datetime

    @property
    def line(self) -> str:
        """One line for a header or footer."""
        return _("%(name)s(%(capacity)s)于 %(moment)s 导出,仅限工作使用,请勿转发") % {
            "name": self.name,
            "capacity": self.capacity,
            "moment": f"{self.at:%Y-%m-%d %H:%M}",
        }

    @property
    def faint(self) -> str:
        """A few words to stand behind the text."""
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"

    @property
    def excel_footer(self) -> str:
        """The line for Excel, where & begins a code and 255 signs are the most."""
        return self.line.replace("&", "&&")[:150]


def watermark_of(actor: Actor) -> Watermark:
    return Watermark(actor.name, actor.capacity.label, timezone.localtime())
