"""What differs between the tiers, and nothing else: who visits, who is met, where from, what a talk is called."""

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from jiafang.campaigns.models import Campaign, Channel, Duty, Tier
from jiafang.common.errors import NotReady
from jiafang.organization.models import CareTag, Enrollment, HouseholdMembership, Pairing, Post, holding

LEADING_KINDS = (Post.Kind.PRINCIPAL, Post.Kind.DEPUTY_PRINCIPAL, Post.Kind.MORAL_DEPUTY)
Held = Mapping[int, int]
"""Who is answered for by whom already: person id → lead id. It stays so where it can."""


def school_of(campaign: Campaign) -> int:
    """The school of a campaign on a tier of the schools."""
    if campaign.school_id is None:
        raise NotReady(_("各校的家访请在学校的活动里安排"))
    return campaign.school_id


@dataclass(frozen=True)
class GroupDraft:
    """Who visits together; `key` is the class for families, the lead elsewhere."""

    key: int
    lead_id: int
    school_id: int | None = None
    class_id: int | None = None
    co_visitor_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class DutyDraft:
    """Somebody to be met; without a `group_key` nobody is answerable yet, which is shown."""

    person_id: int
    group_key: int | None
    school_id: int | None
    cohort_id: int | None = None
    class_id: int | None = None
    household_id: int | None = None
    onsite_tags: int = 0


@dataclass(frozen=True)
class Members:
    groups: list[GroupDraft] = field(default_factory=list)
    duties: list[DutyDraft] = field(default_factory=list)


@dataclass(frozen=True)
class TierFacts:
    """One row of the table below. Each `members` costs a constant number of queries."""

    members: Callable[[Campaign, dt.date, Held], Members]
    talk: Channel
    """How a meeting without a way is shown."""
    at_home: bool
    """Whether on site means the home; else it means the person's school."""
    from_bureau: bool
    """Whether visitors set out from the bureau; else from the school."""
    gone: Duty.VoidReason
    """Why a duty falls away when nothing more precise is known."""
    counts_schools: bool = False
    """Whether coverage counts schools reached instead of people."""


def family_members(campaign: Campaign, day: dt.date, held: Held) -> Members:
    """Every student of the school, answered for by the homeroom teacher with the subject teachers of the class."""
    leads: dict[int, int] = {}
    teachers: dict[int, set[int]] = defaultdict(set)
    posts = Post.unscoped.filter(
        holding(day), school_id=school_of(campaign), kind__in=Post.CLASS_KINDS, person__deceased=False
    ).order_by("id")
    for class_id, kind, person_id in posts.values_list("school_class_id", "kind", "person_id"):
        assert class_id is not None  # the constraint on posts says so
        if kind == Post.Kind.HOMEROOM_TEACHER:
            leads[class_id] = person_id
        else:
            teachers[class_id].add(person_id)
    groups = [
        GroupDraft(class_id, lead, campaign.school_id, class_id, frozenset(teachers[class_id] - {lead}))
        for class_id, lead in leads.items()
    ]
    enrolled = Enrollment.unscoped.filter(
        holding(day), school_class__cohort__school_id=school_of(campaign), student__deceased=False
    )
    students = enrolled.values("student_id")
    households = dict(
        HouseholdMembership.unscoped.filter(holding(day), person_id__in=students).values_list(
            "person_id", "household_id"
        )
    )
    tags = dict(
        CareTag.unscoped.filter(Q(expires=None) | Q(expires__gt=day), since__lte=day, student_id__in=students)
        .filter(kind__onsite=True)
        .values_list("student_id")
        .annotate(Count("pk"))
    )
    duties = {
        student: DutyDraft(
            person_id=student,
            group_key=class_id if class_id in leads else None,
            school_id=campaign.school_id,
            cohort_id=cohort_id,
            class_id=class_id,
            household_id=households.get(student),
            onsite_tags=tags.get(student, 0),
        )
        for student, class_id, cohort_id in enrolled.order_by("id").values_list(
            "student_id", "school_class_id", "school_class__cohort_id"
        )
    }
    return Members(groups, list(duties.values()))


def teacher_members(campaign: Campaign, day: dt.date, held: Held) -> Members:
    """The teachers of the school, shared evenly among principal and deputies, cohort by cohort."""
    leads = list(
        dict.fromkeys(
            person_id
            for _rank, person_id in sorted(
                (LEADING_KINDS.index(Post.Kind(kind)), person_id)
                for kind, person_id in Post.unscoped.filter(
                    holding(day), school_id=school_of(campaign), kind__in=LEADING_KINDS, person__deceased=False
                ).values_list("kind", "person_id")
            )
        )
    )
    teachers = _employees(day, {school_of(campaign)}, besides=leads)
    order = _teaching_order(day, school_of(campaign))
    ordered = sorted((person for person, _school in teachers), key=lambda person: (*order.get(person, (0, "")), person))
    shared = _shared_evenly(ordered, leads, held)
    households = _households(ordered, day)
    return Members(
        [GroupDraft(lead, lead, campaign.school_id) for lead in leads],
        [
            DutyDraft(person, shared.get(person), campaign.school_id, household_id=households.get(person))
            for person in ordered
        ],
    )


def principal_members(campaign: Campaign, day: dt.date, held: Held) -> Members:
    """The principal of every school, met by the cadre paired with it."""
    principals: dict[int, int] = {}
    for person_id, school_id in (
        Post.unscoped.filter(holding(day), kind=Post.Kind.PRINCIPAL, person__deceased=False)
        .order_by("id")
        .values_list("person_id", "school_id")
    ):
        assert school_id is not None  # the constraint on posts says so
        principals.setdefault(person_id, school_id)
    return _met_by_cadres(principals, day, held)


def district_teacher_members(campaign: Campaign, day: dt.date, held: Held) -> Members:
    """Teachers of every school, as many of each as the rules say, met by the cadre paired with it."""
    leading = Post.unscoped.filter(holding(day), kind__in=LEADING_KINDS).values_list("person_id", flat=True)
    by_school: dict[int, list[int]] = defaultdict(list)
    for person, school_id in _employees(day, None, besides=leading):
        by_school[school_id].append(person)
    wanted = campaign.typed_rules.people_per_school
    chosen: dict[int, int] = {}
    for school_id, people in sorted(by_school.items()):
        # Those already chosen stay; the others are drawn, the same for the same campaign.
        drawn = sorted(people, key=lambda person: (person not in held, _lot(campaign.pk, person)))
        chosen.update(dict.fromkeys(drawn[: wanted or None], school_id))
    return _met_by_cadres(chosen, day, held)


TIERS: dict[Tier, TierFacts] = {
    Tier.TEACHER_FAMILY: TierFacts(
        family_members, Channel.PHONE, at_home=True, from_bureau=False, gone=Duty.VoidReason.LEFT
    ),
    Tier.PRINCIPAL_TEACHER: TierFacts(
        teacher_members, Channel.AT_SCHOOL, at_home=True, from_bureau=False, gone=Duty.VoidReason.POST_ENDED
    ),
    Tier.BUREAU_PRINCIPAL: TierFacts(
        principal_members, Channel.PHONE, at_home=False, from_bureau=True, gone=Duty.VoidReason.POST_ENDED
    ),
    Tier.BUREAU_TEACHER: TierFacts(
        district_teacher_members,
        Channel.PHONE,
        at_home=False,
        from_bureau=True,
        gone=Duty.VoidReason.POST_ENDED,
        counts_schools=True,
    ),
}


def facts_of(campaign: Campaign) -> TierFacts:
    return TIERS[Tier(campaign.tier)]


def _employees(day: dt.date, schools: Iterable[int] | None, *, besides: Iterable[int]) -> list[tuple[int, int]]:
    """(person, school that holds the personnel file), each person once."""
    posts = Post.unscoped.filter(holding(day), kind=Post.Kind.EMPLOYEE, school__isnull=False, person__deceased=False)
    if schools is not None:
        posts = posts.filter(school_id__in=schools)
    left_out = set(besides)
    rows = dict(posts.order_by("-id").values_list("person_id", "school_id"))
    return [(person, school) for person, school in sorted(rows.items()) if person not in left_out and school]


def _teaching_order(day: dt.date, school_id: int) -> dict[int, tuple[int, str]]:
    """Where a teacher mostly works: (cohort, subject); the homeroom class decides, else the first class taught."""
    order: dict[int, tuple[int, str]] = {}
    posts = Post.unscoped.filter(holding(day), school_id=school_id, kind__in=Post.CLASS_KINDS)
    # "homeroom_teacher" sorts before "subject_teacher".
    for person_id, cohort_id, subject in posts.order_by("kind", "cohort_id", "id").values_list(
        "person_id", "cohort_id", "subject"
    ):
        order.setdefault(person_id, (cohort_id or 0, subject))
    return order


def _shared_evenly(people: list[int], leads: list[int], held: Held) -> dict[int, int]:
    """Person → lead: those held stay, the others fill up the shares in the order given."""
    if not leads:
        return {}
    shared = {person: held[person] for person in people if held.get(person) in leads}
    size = -(-len(people) // len(leads))
    load = Counter(shared.values())
    rest = [person for person in people if person not in shared]
    for lead in leads:
        while rest and load[lead] < size:
            shared[rest.pop(0)] = lead
            load[lead] += 1
    return shared


def _met_by_cadres(people: Mapping[int, int], day: dt.date, held: Held) -> Members:
    """`people` are persons with their schools; a school without a pairing leaves its people unassigned."""
    paired: dict[int, list[int]] = defaultdict(list)
    for cadre_id, school_id in (
        Pairing.unscoped.filter(holding(day), cadre__deceased=False).order_by("id").values_list("cadre_id", "school_id")
    ):
        paired[school_id].append(cadre_id)
    answerable: dict[int, int] = {}
    load: Counter[int] = Counter()
    kept = {school: held[person] for person, school in people.items() if held.get(person) in paired.get(school, ())}
    for school_id in sorted(set(people.values()), key=lambda school: (school not in kept, school)):
        cadres = paired.get(school_id)
        if cadres:
            answerable[school_id] = kept.get(school_id) or min(cadres, key=lambda cadre: load[cadre])
            load[answerable[school_id]] += 1
    companions: dict[int, set[int]] = defaultdict(set)
    for school_id, lead in answerable.items():
        companions[lead] |= set(paired[school_id]) - {lead}
    return Members(
        [GroupDraft(lead, lead, co_visitor_ids=frozenset(companions[lead])) for lead in dict.fromkeys(load)],
        [
            DutyDraft(person, answerable.get(school_id), school_id)
            for person, school_id in sorted(people.items(), key=lambda item: (item[1], item[0]))
            if answerable.get(school_id) != person
        ],
    )


def _households(people: list[int], day: dt.date) -> dict[int, int]:
    return dict(
        HouseholdMembership.unscoped.filter(holding(day), person_id__in=people).values_list("person_id", "household_id")
    )


def _lot(campaign_id: int, person_id: int) -> bytes:
    return hashlib.blake2b(f"{campaign_id}:{person_id}".encode(), digest_size=8).digest()
