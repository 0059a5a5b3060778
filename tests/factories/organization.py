"""Units and people for tests; every name is invented."""

import datetime as dt
import time
from typing import Any

import factory
from factory.django import DjangoModelFactory
from pypinyin import Style, lazy_pinyin

from jiafang.access import Actor
from jiafang.access.capacities import actors_of
from jiafang.accounts.models import DeviceSession, User
from jiafang.common.clock import today
from jiafang.keys.masters import keyed_hash
from jiafang.organization.care_tag_kinds import ensure_care_tag_kinds
from jiafang.organization.models import (
    CalendarDay,
    CareTag,
    District,
    Enrollment,
    GradeCohort,
    Guardianship,
    Household,
    HouseholdMembership,
    Pairing,
    Person,
    Post,
    School,
    SchoolClass,
    SchoolYear,
    SeasonalResidence,
    Stage,
    Term,
    Village,
    first_year_of,
)
from jiafang.web.accounts.confirm import CONFIRMED_AT

LONG_AGO = dt.date(2020, 9, 1)
_FAMILY_NAMES = "林陈黄郑吴许蔡洪庄苏叶廖"
_GIVEN_NAMES = ["晓岚", "立言", "雨桐", "嘉禾", "思远", "若水", "明溪", "子衿", "文澜", "书瑶", "景行"]


def invented_name(n: int) -> str:
    return _FAMILY_NAMES[n % len(_FAMILY_NAMES)] + _GIVEN_NAMES[n % len(_GIVEN_NAMES)]


class DistrictFactory(DjangoModelFactory[District]):
    class Meta:
        model = District
        django_get_or_create = ("code",)

    code = "350999"
    name = "云溪县"
    bureau_name = "云溪县教育局"
    lat = 25.5
    lon = 118.2


class VillageFactory(DjangoModelFactory[Village]):
    class Meta:
        model = Village

    township = "双桥镇"
    name = factory.Sequence(lambda n: f"石岭{n}村")
    lat = factory.Sequence(lambda n: 25.50 + (n % 20) / 200)
    lon = factory.Sequence(lambda n: 118.20 + (n % 17) / 200)


class SchoolFactory(DjangoModelFactory[School]):
    class Meta:
        model = School

    code = factory.Sequence(lambda n: f"35{n:08d}")
    name = factory.Sequence(lambda n: f"云溪第{n}实验学校")
    stages = factory.LazyFunction(lambda: [Stage.JUNIOR.value])
    township = "双桥镇"
    lat = 25.5
    lon = 118.2


class SchoolYearFactory(DjangoModelFactory[SchoolYear]):
    class Meta:
        model = SchoolYear
        django_get_or_create = ("first_year",)

    first_year = factory.LazyFunction(lambda: first_year_of(today()))


class TermFactory(DjangoModelFactory[Term]):
    class Meta:
        model = Term

    year = factory.SubFactory(SchoolYearFactory)
    name = factory.Sequence(lambda n: f"第{n}学期")
    start = factory.LazyAttribute(lambda term: term.year.begins)
    end = factory.LazyAttribute(lambda term: term.year.begins + dt.timedelta(days=330))


class CalendarDayFactory(DjangoModelFactory[CalendarDay]):
    class Meta:
        model = CalendarDay

    date = factory.LazyFunction(today)
    kind = CalendarDay.Kind.HOLIDAY
    name = "校庆"
    school = None


class GradeCohortFactory(DjangoModelFactory[GradeCohort]):
    class Meta:
        model = GradeCohort

    school = factory.SubFactory(SchoolFactory)
    stage = factory.LazyAttribute(lambda cohort: cohort.school.stages[0])
    entry_year = factory.LazyFunction(lambda: first_year_of(today()))


class SchoolClassFactory(DjangoModelFactory[SchoolClass]):
    class Meta:
        model = SchoolClass

    cohort = factory.SubFactory(GradeCohortFactory)
    number = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda school_class: f"{school_class.number}班")


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    name = factory.Sequence(invented_name)
    pinyin = factory.LazyAttribute(lambda person: "".join(lazy_pinyin(person.name)))
    initials = factory.LazyAttribute(lambda person: "".join(lazy_pinyin(person.name, style=Style.FIRST_LETTER)))
    phone = factory.Sequence(lambda n: f"139{n:08d}")
    phone_hash = factory.LazyAttribute(lambda person: keyed_hash(person.phone, "phone"))


class PostFactory(DjangoModelFactory[Post]):
    """A post of any kind; the unit must fit the kind (the helpers below do it)."""

    class Meta:
        model = Post

    person = factory.SubFactory(PersonFactory)
    kind = Post.Kind.EMPLOYEE
    start = LONG_AGO


class EnrollmentFactory(DjangoModelFactory[Enrollment]):
    class Meta:
        model = Enrollment

    student = factory.SubFactory(PersonFactory)
    school_class = factory.SubFactory(SchoolClassFactory)
    start = LONG_AGO


class GuardianshipFactory(DjangoModelFactory[Guardianship]):
    class Meta:
        model = Guardianship

    guardian = factory.SubFactory(PersonFactory)
    student = factory.SubFactory(PersonFactory)
    relation = Guardianship.Relation.MOTHER
    is_primary = True


class HouseholdFactory(DjangoModelFactory[Household]):
    class Meta:
        model = Household

    address = factory.Sequence(lambda n: f"石岭村{n}号")
    address_hash = factory.LazyAttribute(lambda household: keyed_hash(household.address, "address"))
    village = factory.SubFactory(VillageFactory)


class HouseholdMembershipFactory(DjangoModelFactory[HouseholdMembership]):
    class Meta:
        model = HouseholdMembership

    household = factory.SubFactory(HouseholdFactory)
    person = factory.SubFactory(PersonFactory)
    start = LONG_AGO


class SeasonalResidenceFactory(DjangoModelFactory[SeasonalResidence]):
    class Meta:
        model = SeasonalResidence

    household = factory.SubFactory(HouseholdFactory)
    place = "海门镇"
    from_month = 7
    to_month = 8


class CareTagFactory(DjangoModelFactory[CareTag]):
    """A tag; the kind may be given by its code: `CareTagFactory(student=child, kind="left_behind")`."""

    class Meta:
        model = CareTag

    student = factory.SubFactory(PersonFactory)
    kind = "left_behind"
    source = "班主任"
    since = LONG_AGO

    @classmethod
    def _create(cls, model_class: type[CareTag], *args: Any, **kwargs: Any) -> CareTag:
        if isinstance(kwargs["kind"], str):
            code = kwargs["kind"]
            kwargs["kind"] = next(kind for kind in ensure_care_tag_kinds().values() if kind.code == code)
        return super()._create(model_class, *args, **kwargs)


class PairingFactory(DjangoModelFactory[Pairing]):
    class Meta:
        model = Pairing

    cadre = factory.SubFactory(PersonFactory)
    school = factory.SubFactory(SchoolFactory)
    start = LONG_AGO


def bureau_post(kind: str, person: Person | None = None, **fields: Any) -> Person:
    """A person of the bureau: administrator, director, cadre or community partner."""
    return PostFactory(person=person or PersonFactory(), kind=kind, **fields).person


def school_post(kind: str, school: School, person: Person | None = None, **fields: Any) -> Person:
    """A person with a post at a school (principal, deputy, counselor), employed there."""
    person = employee(school, person)
    return PostFactory(person=person, kind=kind, school=school, **fields).person


def employee(school: School, person: Person | None = None) -> Person:
    """Somebody whose personnel file lies at the school; nothing changes when there is one already."""
    person = person or PersonFactory()
    if not Post.unscoped.filter(person=person, kind=Post.Kind.EMPLOYEE, end=None).exists():
        PostFactory(person=person, kind=Post.Kind.EMPLOYEE, school=school)
    return person


def cohort_lead(cohort: GradeCohort, person: Person | None = None) -> Person:
    person = employee(cohort.school, person)
    return PostFactory(person=person, kind=Post.Kind.COHORT_LEAD, school=cohort.school, cohort=cohort).person


def class_post(
    kind: str, school_class: SchoolClass, person: Person | None = None, subject: str = "", **fields: Any
) -> Person:
    """A homeroom or subject teacher of the class, employed at its school."""
    cohort = school_class.cohort
    return PostFactory(
        person=employee(cohort.school, person),
        kind=kind,
        school=cohort.school,
        cohort=cohort,
        school_class=school_class,
        subject=subject,
        **fields,
    ).person


def homeroom_teacher(school_class: SchoolClass, person: Person | None = None) -> Person:
    return class_post(Post.Kind.HOMEROOM_TEACHER, school_class, person)


def subject_teacher(school_class: SchoolClass, person: Person | None = None, subject: str = "语文") -> Person:
    return class_post(Post.Kind.SUBJECT_TEACHER, school_class, person, subject)


def student(
    school_class: SchoolClass,
    *,
    household: Household | None = None,
    tags: tuple[str, ...] = (),
    boarding: bool = False,
    **fields: Any,
) -> Person:
    """A student of the class who lives in a household (a new one in a village unless given)."""
    child: Person = PersonFactory(**fields)
    EnrollmentFactory(student=child, school_class=school_class, boarding=boarding)
    HouseholdMembershipFactory(person=child, household=household or HouseholdFactory())
    for code in tags:
        CareTagFactory(student=child, kind=code)
    return child


def guardian_of(child: Person, guardian: Person | None = None, **fields: Any) -> Person:
    """A guardian of the child (the primary contact unless told otherwise)."""
    return GuardianshipFactory(student=child, guardian=guardian or PersonFactory(), **fields).guardian


def user_of(person: Person, password: str = "jiafang-demo-8") -> User:
    """The person's sign-in, made when there is none."""
    if person.user is None:
        person.user = User.objects.create_user(username=f"user{person.pk}", password=password)
        person.save(update_fields=["user"])
    return person.user


def actor_of(person: Person, kind: str) -> Actor:
    """The person acting in one capacity held today, as a request would find it."""
    actors = {actor.kind: actor for actor in actors_of(user_of(person).pk)}
    assert kind in actors, f"{person.name} is not {kind}, but {sorted(actors)}"
    return actors[kind]


def sign_in(client: Any, person: Person, kind: str | None = None) -> Actor:
    """Sign the test client in as the person, in the given capacity or the most responsible one."""
    user = user_of(person)
    actor = actor_of(person, kind) if kind else actors_of(user.pk)[0]
    user.capacity = actor.capacity_key
    user.save(update_fields=["capacity"])
    open_session(client, user)
    return actor


def open_session(client: Any, user: User) -> None:
    """A session that has shown its second factor, whether the person needs one or not."""
    client.force_login(user)
    DeviceSession.objects.filter(pk=client.session["device"]).update(second_factor="totp")


def confirm(client: Any) -> None:
    """As if the password had been given again just now, as files of many people ask for."""
    session = client.session
    session[CONFIRMED_AT] = int(time.time())
    session.save()


def administrator() -> Actor:
    """An administrator of the bureau, ready to act."""
    return actor_of(bureau_post(Post.Kind.ADMINISTRATOR), "administrator")
