"""Where a workbook is to be asked, and how answers of a record come back from the page."""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import Actor
from jiafang.common.errors import InputFault
from jiafang.visits.body import Answers
from jiafang.visits.questions.read import LARGEST
from jiafang.visits.services.questions import tiers_of

FIELD = "answers"
LARGEST_ID = 2**31


class AddForm(forms.Form):
    """Which tier is asked; the file is looked at by the service."""

    tier = forms.ChoiceField(label=gettext_lazy("加到哪一级的记录里"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = [(tier.value, tier.label) for tier in tiers_of(actor)]  # type: ignore[attr-defined]


def uploaded(request: Any) -> tuple[str, bytes]:
    """The name and the content of the workbook; one byte too many is enough to be refused as too large."""
    file = request.FILES.get("file")
    return (file.name or "", file.read(LARGEST + 1)) if file else ("", b"")


def answers_in(posted: QueryDict, saved: Iterable[Answers] = ()) -> list[Answers]:
    """What the record page sends for each set that it asked (`questions/asked.html`).

    What was saved before stays where the page could not ask: in a browser without scripts, or of a set out of reach.
    """
    found = {one.set_id: one for one in saved}
    for text in posted.getlist(FIELD):
        if not text:
            continue
        try:
            sent = json.loads(text)
            one = Answers(set_id=int(sent["set"]), version=int(sent["version"]), values=dict(sent["values"]))
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
            raise InputFault(_("附加题目的答案没有传完整,请再试一次"), place=FIELD) from error
        if not 0 < one.set_id < LARGEST_ID or not 0 < one.version < LARGEST_ID:
            raise InputFault(_("附加题目的答案没有传完整,请再试一次"), place=FIELD)
        found[one.set_id] = one
    return [one for one in found.values() if one.values]
