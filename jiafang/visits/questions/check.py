"""Answers that came with a record, checked against the version that was asked."""

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiafang.access import scope
from jiafang.access.transaction import acting
from jiafang.campaigns.models import Campaign
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.visits.models import QuestionSet
from jiafang.visits.questions.answers import Answer, check_values
from jiafang.visits.questions.define import questions_in
from jiafang.visits.questions.languages import said


def check_answers(
    *,
    set_id: int,
    version: int,
    values: Mapping[str, object],
    on: dt.date | None = None,
    campaign: Campaign | None = None,
) -> dict[str, Answer]:
    """The answers to what was shown; InputFault with place `answers.<name>` for the first that cannot be taken.

    Call it inside the transaction of the actor. A version that is no longer asked is still answered. `on` is the day of
    the visit, which is what today() means; with a campaign, the set must be one of its tier and its school.
    """
    asked = scope(acting(), QuestionSet).filter(pk=set_id, version=version).first()
    if asked is None or asked.state == QuestionSet.State.DRAFT or (campaign and not _belongs(asked, campaign)):
        raise InputFault(_("没有这份附加题目,请重新打开表单再填"), place="answers")
    language = get_language() or "zh"
    day = (on or today()).isoformat()
    cleaned, faults = check_values(asked.definition, values, today=day, language=language)
    if faults:
        first = faults[0]
        told = {"question": _label(asked, first.name, language), "message": first.message}
        raise InputFault(_("“%(question)s”:%(message)s") % told, place=f"answers.{first.name}")
    return cleaned


def _label(asked: QuestionSet, name: str, language: str) -> str:
    found = (item for item in questions_in(asked.definition["items"]) if item["name"] == name)
    return said(next(found, {}).get("label", {}), language) or name


def _belongs(asked: QuestionSet, campaign: Campaign) -> bool:
    return asked.tier == campaign.tier and asked.school_id in (None, campaign.school_id)
