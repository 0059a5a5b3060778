"""To whom the rules of early signs point, and why: numbers that are there anyway, put side by side."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Count, Q

from jiafang.campaigns.models import Tier
from jiafang.care.models import Progress
from jiafang.common.clock import today
from jiafang.insight.models import SignRule
from jiafang.insight.unseen import not_met_since
from jiafang.organization.models import CareTag, Enrollment, holding, is_final_year
from jiafang.visits.axes import AXES
from jiafang.visits.models import Visit

Numbers = dict[str, int]
Found = Mapping[int, Numbers]
Kind = SignRule.Kind

MIND_CHIPS = frozenset(
    chip.code for axis in AXES[Tier.TEACHER_FAMILY] if axis.code == "mind" for chip in axis.chips if chip.attention
)
# Senior cohorts sit the national examination on the seventh of June, the others later that month.
EXAM_MONTH, EXAM_DAY = 6, 7
FIRST_RULES = [
    # kind, days, times
    (Kind.MOOD_NOTES, 120, 2),
    (Kind.FALLING_MARKS, 365, 3),
    (Kind.ABSENCES, 60, 85),
    (Kind.EXAM_SEASON, 90, 1),
    (Kind.NO_CONTACT, 120, 1),
    (Kind.TAGS_TOGETHER, 1, 3),
]


def ensure_sign_rules() -> None:
    """The rules a new district begins with; numbers and use are data from then on."""
    SignRule.objects.bulk_create(
        [SignRule(kind=kind, days=days, times=times) for kind, days, times in FIRST_RULES], ignore_conflicts=True
    )


def found_by(rule: SignRule) -> Found:
    """Students of today to whom the rule points, with the numbers of the reason."""
    return _FINDERS[Kind(rule.kind)](rule.days, rule.times)


def _enrolled() -> Any:
    return Enrollment.unscoped.filter(holding(today()), student__deceased=False)


def _mood_notes(days: int, times: int) -> Found:
    since = today() - dt.timedelta(days=days)
    about = Q()
    for code in sorted(MIND_CHIPS):
        about |= Q(visit__chips__contains=[code])
    through = Visit.duties.through.objects.filter(
        about, visit__started_at__date__gte=since, duty__campaign__tier=Tier.TEACHER_FAMILY
    )
    counted = through.values_list("duty__person_id").annotate(Count("visit_id", distinct=True))
    return {pk: {"times": count, "days": days} for pk, count in counted if count >= times}


def _progress(kind: str, days: int) -> Iterator[tuple[int, str, float]]:
    """(student, name, value) in the order of time."""
    since = today() - dt.timedelta(days=days)
    for row in Progress.unscoped.filter(kind=kind, on__gte=since).order_by("person_id", "on", "pk").iterator(2000):
        value = _number(row.value)
        if value is not None:
            yield row.person_id, row.label, value


def _number(text: str) -> float | None:
    try:
        return float(text.strip().rstrip("%"))
    except ValueError:
        return None


def _falling_marks(days: int, times: int) -> Found:
    """The last so many marks of one name each below the one before: 130 in one subject and 80 in another fall not."""
    marks: dict[tuple[int, str], list[float]] = defaultdict(list)
    for person_id, label, mark in _progress(Progress.Kind.MARK, days):
        marks[person_id, label].append(mark)
    found = {}
    for (person_id, _label), values in marks.items():
        last = values[-times:]
        if len(last) == times >= 2 and all(later < earlier for earlier, later in itertools.pairwise(last)):
            found[person_id] = {"times": times}
    return found


def _absences(days: int, percent: int) -> Found:
    """The latest rate, whatever span it is named after."""
    latest = {person_id: rate for person_id, _label, rate in _progress(Progress.Kind.ATTENDANCE, days)}
    return {pk: {"percent": int(rate), "below": percent} for pk, rate in latest.items() if rate < percent}


def _exam_season(days: int, _times: int) -> Found:
    day = today()
    exam = dt.date(day.year, EXAM_MONTH, EXAM_DAY)
    left = (exam - day).days
    if not 0 <= left <= days:
        return {}
    tagged = _tags().filter(kind__code="psychological").values("student_id")
    rows = _enrolled().filter(student_id__in=tagged)
    cohorts = rows.values_list("student_id", "school_class__cohort__stage", "school_class__cohort__entry_year")
    return {pk: {"days": left} for pk, stage, year in cohorts if is_final_year(stage, year, day)}


def _no_contact(days: int, _times: int) -> Found:
    rows = _enrolled().filter(not_met_since(days)).values_list("student_id", "student__last_contact__on")
    return {pk: {"days": (today() - on).days if on else 0, "limit": days} for pk, on in rows}


def _tags() -> Any:
    return CareTag.unscoped.filter(Q(expires=None) | Q(expires__gt=today()), since__lte=today())


def _tags_together(_days: int, times: int) -> Found:
    counted = _tags().values("student_id").annotate(n=Count("kind_id", distinct=True)).filter(n__gte=times)
    return {row["student_id"]: {"times": row["n"]} for row in counted}


_FINDERS: dict[Kind, Callable[[int, int], Found]] = {
    Kind.MOOD_NOTES: _mood_notes,
    Kind.FALLING_MARKS: _falling_marks,
    Kind.ABSENCES: _absences,
    Kind.EXAM_SEASON: _exam_season,
    Kind.NO_CONTACT: _no_contact,
    Kind.TAGS_TOGETHER: _tags_together,
}


def of_today(student_ids: Iterable[int]) -> set[int]:
    """Those of these people who are students today."""
    return set(_enrolled().filter(student_id__in=list(student_ids)).values_list("student_id", flat=True))
