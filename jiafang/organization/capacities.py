"""In which capacities a user may act: from today's posts and guardianships."""

from collections import defaultdict

from django.utils.translation import gettext as _

from jiafang.access.actor import (
    ADMINISTRATOR,
    CADRE,
    COHORT_LEAD,
    COMMUNITY_PARTNER,
    COUNSELOR,
    DIRECTOR,
    GUARDIAN,
    PRINCIPAL,
    TEACHER,
    Actor,
    Capacity,
    system,
)
from jiafang.access.transaction import reading
from jiafang.common.clock import today
from jiafang.organization.models import Guardianship, Person, Post, grade_name, holding

_KIND_OF_POST = {
    Post.Kind.ADMINISTRATOR: ADMINISTRATOR,
    Post.Kind.DIRECTOR: DIRECTOR,
    Post.Kind.CADRE: CADRE,
    Post.Kind.PRINCIPAL: PRINCIPAL,
    Post.Kind.DEPUTY_PRINCIPAL: PRINCIPAL,
    Post.Kind.MORAL_DEPUTY: PRINCIPAL,
    Post.Kind.COHORT_LEAD: COHORT_LEAD,
    Post.Kind.HOMEROOM_TEACHER: TEACHER,
    Post.Kind.SUBJECT_TEACHER: TEACHER,
    Post.Kind.EMPLOYEE: TEACHER,
    Post.Kind.COUNSELOR: COUNSELOR,
    Post.Kind.COMMUNITY_PARTNER: COMMUNITY_PARTNER,
}
FINDING = system("capacities")
_ORDER = [ADMINISTRATOR, DIRECTOR, CADRE, PRINCIPAL, COHORT_LEAD, TEACHER, COUNSELOR, COMMUNITY_PARTNER, GUARDIAN]


def kind_of_post(post: str) -> str:
    """The kind of capacity that a post gives."""
    return _KIND_OF_POST[Post.Kind(post)]


def actors_of_user(user_id: int) -> list[Actor]:
    """Every capacity of the user's person today, the most responsible first; three queries."""
    with reading(FINDING):
        person = Person.unscoped.filter(user_id=user_id, deceased=False).only("id", "name", "user_id").first()
        return _actors(person) if person else []


@reading(FINDING)
def actors_of_person(person: Person) -> list[Actor]:
    """Every capacity of a person today, with or without a sign-in."""
    return _actors(person)


def _actors(person: Person) -> list[Actor]:
    day = today()
    posts = (
        Post.unscoped.filter(holding(day), person=person)
        .select_related("school", "cohort", "school_class")
        .order_by("id")
    )
    by_capacity: dict[tuple[str, int | None], list[Post]] = defaultdict(list)
    for post in posts:
        if post.kind == Post.Kind.EMPLOYEE and post.school_id is None:
            continue
        by_capacity[_KIND_OF_POST[Post.Kind(post.kind)], post.school_id].append(post)
    capacities = [_capacity(kind, school_id, held) for (kind, school_id), held in by_capacity.items()]
    wards = Guardianship.unscoped.filter(guardian=person, revoked_on=None, may_see=True)
    if children := sorted(wards.values_list("student_id", flat=True)):
        capacities.append(Capacity(kind=GUARDIAN, label=_("家长"), ward_ids=tuple(children)))
    capacities.sort(key=lambda c: (_ORDER.index(c.kind), c.school_id or 0))
    return [Actor(user_id=person.user_id, person_id=person.pk, capacity=c, name=person.name) for c in capacities]


def _capacity(kind: str, school_id: int | None, posts: list[Post]) -> Capacity:
    day = today()
    homeroom = [p for p in posts if p.kind == Post.Kind.HOMEROOM_TEACHER]
    with_class = [p for p in posts if p.school_class_id]
    names: list[str] = []
    for post in homeroom or (posts if kind == COHORT_LEAD else []):
        if post.cohort:
            grade = grade_name(post.cohort.stage, post.cohort.entry_year, day)
            names.append(f"{grade}{post.school_class.name if post.school_class else ''}")
    title = _title(kind, posts, bool(homeroom))
    school = posts[0].school.name if posts[0].school else ""
    where = "、".join(names) or school
    return Capacity(
        kind=kind,
        label=f"{title}·{where}" if where else title,
        school_id=school_id,
        school_name=school,
        cohort_ids=tuple(p.cohort_id for p in posts if kind == COHORT_LEAD and p.cohort_id),
        class_ids=tuple(dict.fromkeys(p.school_class_id for p in with_class if p.school_class_id)),
        homeroom_class_ids=tuple(p.school_class_id for p in homeroom if p.school_class_id),
    )


def _title(kind: str, posts: list[Post], homeroom: bool) -> str:
    if kind == TEACHER:
        return _("班主任") if homeroom else _("教师")
    return str(Post.Kind(posts[0].kind).label)
