"""One case as one of its readers sees it: what the scope gives, and of its own columns what is meant for their side."""

from dataclasses import dataclass

from django.db.models import Q

from jiafang.access import CHANGE, Actor, scope
from jiafang.care.entitled import raised
from jiafang.care.models import INNER_SIDES, CaseAction, CaseFile, CaseStep, Escalation, Referral, Side
from jiafang.care.scope import CONFIRM, LEAD, cases_read, own_side
from jiafang.care.workflow import LIVE


@dataclass(frozen=True, slots=True)
class OneCase:
    """A case with the side on which it is read; `text` and `tier` are empty for those for whom they are not meant.

    A family or a teacher reads own words; what others have written about them is shared by action, message or result.
    How urgent it is taken to be is for those who work on it, whoever raised it.
    """

    case: CaseFile
    side: str
    inner: bool
    own: bool
    confirms: bool
    text: str
    tier: str


def one_case(actor: Actor, pk: int) -> OneCase | None:
    """The case with those who have to do with it; None if one is not on its list."""
    case = (
        scope(actor, CaseFile)
        .select_related(
            "category", "school", "school_class__cohort", "section", "person", "owner", "confirmer", "raised_by"
        )
        .filter(pk=pk)
        .first()
    )
    if case is None:
        return None
    side = own_side(actor, pk)
    inner = side in INNER_SIDES
    own = raised(actor, case)
    return OneCase(
        case=case,
        side=side,
        inner=inner,
        own=own,
        confirms=case.confirmer_id == actor.person_id,
        text=case.text if inner or own else "",
        tier=case.alert_tier if inner else "",
    )


def actions_of(actor: Actor, case: CaseFile) -> list[CaseAction]:
    rows = scope(actor, CaseAction).filter(case=case).select_related("by", "resource")
    return list(rows.order_by("-on", "-pk"))


def steps_of(actor: Actor, case: CaseFile) -> list[CaseStep]:
    rows = scope(actor, CaseStep).filter(case=case).select_related("by", "from_owner", "to_owner")
    return list(rows.order_by("-at", "-pk"))


def referrals_of(actor: Actor, case: CaseFile) -> list[Referral]:
    rows = scope(actor, Referral).filter(case=case).select_related("asked_by", "to_person")
    return list(rows.order_by("-asked_at", "-pk"))


def announced(actor: Actor, case: CaseFile) -> Escalation | None:
    """That it will climb, as long as nothing is done about it."""
    return scope(actor, Escalation).filter(case=case, done_at=None, called_off_at=None).first()


def same_subject(actor: Actor, case: CaseFile) -> list[CaseFile]:
    """Other open cases about the same that one owns or leads too, into which this one may be joined."""
    within = Q(pk__in=scope(actor, CaseFile, CHANGE).values("pk")) | Q(pk__in=scope(actor, CaseFile, LEAD).values("pk"))
    rows = scope(actor, CaseFile).filter(within, state__in=LIVE).exclude(pk=case.pk)
    rows = rows.filter(subject_kind=case.subject_kind, person=case.person, school=case.school)
    return list(rows.select_related("category").order_by("raised_at", "pk"))


def waiting_for_word(actor: Actor) -> list[CaseFile]:
    """Results to which this actor has to say whether it is solved, the longest waiting first."""
    rows = scope(actor, CaseFile, CONFIRM).filter(state=CaseFile.State.AWAITING).exclude(owner_id=actor.person_id)
    return list(rows.select_related("category", "person").order_by("awaiting_since", "pk"))


def own_cases(actor: Actor) -> list[CaseFile]:
    """Matters in which one takes part as the family or the teacher concerned, the newest first."""
    rows = scope(actor, CaseFile).filter(pk__in=cases_read(actor, Side.TEACHER, Side.FAMILY))
    return list(rows.select_related("category", "person", "owner").order_by("-raised_at", "-pk"))
