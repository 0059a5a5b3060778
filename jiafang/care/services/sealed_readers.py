"""Who reads sealed reports: named for one, or for all of a school or the bureau, as long as they hold a post."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require, scope
from jiafang.access.actor import DIRECTOR
from jiafang.accounts import audit
from jiafang.care.models import MandatoryReport, Role, SealedReader, StandingSealedReader
from jiafang.care.scope import KIND_OF_ROLE
from jiafang.common.clock import now, today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.organization.models import Post, School, holding

# The posts by which somebody may be named; each is the role in which they then read.
NAMED_AS = (Role.PRINCIPAL, Role.MORAL_DEPUTY, Role.COUNSELOR, Role.DIRECTOR, Role.CADRE)
# Instead of a role: whoever wrote it, who had to give it up.
WRITER = "writer"


class Named(NamedTuple):
    """Somebody who reads, in one capacity; without a role whoever wrote it."""

    person_id: int
    kind: str
    school_id: int | None
    role: str = ""


def name_reader_of_report(*, by: Actor, report_id: int, person_id: int, role: str) -> None:
    """Let one more person read: a named reader of bureau or school says who, for instance a successor.

    The bureau names people of the bureau and of the school that it came from, and gives it back to its writer.
    """
    require(by, "sealed.name")
    with actor_transaction(by):
        report = readable(by, report_id)
        named = _writer(by, report, person_id) if role == WRITER else _in_office(by, report, person_id, role)
        if named is None:
            raise InputFault(_("这个人现在不担任这项职务"), place="person")
        let_read(report, named)
        audit.record(by=by, action="sealed.named", of=report, person=person_id)


def writer_to_name(by: Actor, report: MandatoryReport) -> bool:
    """Whether the one who wrote it does not read it any more, and the actor may change that."""
    held = SealedReader.unscoped.filter(report=report, person_id=report.reported_by_id, role="", until=None)
    return by.kind == DIRECTOR and not held.exists()


def units_to_name(by: Actor, report: MandatoryReport | None = None) -> Q:
    """At which units people may be named by the actor: at the own one; by the bureau also where the report is from."""
    own = _at(by.capacity.school_id)
    if by.kind == DIRECTOR and report is not None and report.school_id is not None:
        return own | _at(report.school_id)
    return own


def _writer(by: Actor, report: MandatoryReport, person_id: int) -> Named | None:
    if person_id != report.reported_by_id or not writer_to_name(by, report):
        return None
    row = SealedReader.unscoped.filter(report=report, person_id=person_id, role="").order_by("-pk").first()
    return Named(person_id, row.kind, row.school_id) if row else None


def _in_office(by: Actor, report: MandatoryReport, person_id: int, role: str) -> Named | None:
    post = _posts(role).filter(units_to_name(by, report), person_id=person_id).order_by("pk").first()
    return Named(person_id, KIND_OF_ROLE[Role(role)], post.school_id, role) if post else None


def name_standing_reader(*, by: Actor, person_id: int, role: str) -> None:
    """From now on this person reads the reports of one's school, or (director) those of the bureau."""
    require(by, "sealed.name")
    school_id = by.capacity.school_id
    with actor_transaction(by):
        claim(by, School(pk=school_id or 0), "name")
        if not _posts(role).filter(_at(school_id), person_id=person_id).exists():
            raise InputFault(_("请选本单位现任的人"), place="person")
        there = StandingSealedReader.unscoped.filter(_at(school_id), person_id=person_id, until=None).first()
        row = there or StandingSealedReader(school_id=school_id, person_id=person_id)
        row.kind, row.role = KIND_OF_ROLE[Role(role)], Role(role)
        row.save()
        audit.record(by=by, action="sealed.standing", of=row, person=person_id)


def end_standing_reader(*, by: Actor, row_id: int) -> None:
    """Future reports are not read by this person any more."""
    require(by, "sealed.name")
    with actor_transaction(by):
        row = scope(by, StandingSealedReader).filter(pk=row_id, until=None).first()
        if row is None:
            raise NotAllowed("sealed.name")
        claim(by, School(pk=by.capacity.school_id or 0), "name")
        StandingSealedReader.unscoped.filter(pk=row.pk).update(until=now())
        audit.record(by=by, action="sealed.standing_ended", of=row, person=row.person_id)


def standing_readers(school_id: int | None) -> list[Named]:
    """Who reads a report written now: those named by bureau and school; where nobody is, director and principal."""
    found = _named_or(None, Role.DIRECTOR)
    return found if school_id is None else [*found, *_named_or(school_id, Role.PRINCIPAL)]


def _named_or(school_id: int | None, otherwise: Role) -> list[Named]:
    rows = StandingSealedReader.unscoped.filter(_at(school_id), until=None).order_by("pk")
    named = [Named(row.person_id, row.kind, school_id, row.role) for row in rows]
    people = _posts(otherwise).filter(_at(school_id)).order_by("start", "pk").values_list("person_id", flat=True)
    by_post = [Named(person, KIND_OF_ROLE[otherwise], school_id, otherwise) for person in people]
    held = _held(one.person_id for one in named)
    return [one for one in named if (one.person_id, one.role, school_id) in held] or by_post


def end_fallen_readers(by: Actor, people: Collection[int] | None = None) -> int:
    """End the rows of those who do not hold the post any more by which they were named; how many."""
    rows: list[SealedReader | StandingSealedReader] = [
        *SealedReader.unscoped.filter(_of(people), until=None).exclude(role=""),
        *StandingSealedReader.unscoped.filter(_of(people), until=None),
    ]
    held = _held({row.person_id for row in rows})
    fallen = [row for row in rows if (row.person_id, row.role, row.school_id) not in held]
    for row in fallen:
        row.until = now()
        row.save(update_fields=["until"])
        audit.record(by=by, action="sealed.post_ended", of=row, person=row.person_id)
    return len(fallen)


def end_writers(by: Actor, people: Collection[int]) -> None:
    """Whoever holds a code can act as the person: what they wrote is no longer opened by signing in as them."""
    for row in SealedReader.unscoped.filter(person_id__in=people, role="", until=None):
        row.until = now()
        row.save(update_fields=["until"])
        audit.record(by=by, action="sealed.code_handed_out", of=row, person=row.person_id)


def let_read(report: MandatoryReport, named: Named) -> None:
    """Put somebody on the list of the report; twice is once."""
    SealedReader.unscoped.get_or_create(report=report, until=None, **named._asdict())


def readable(by: Actor, report_id: int) -> MandatoryReport:
    """The report, claimed for one of its readers."""
    report = scope(by, MandatoryReport).filter(pk=report_id).first()
    if report is None:
        raise NotAllowed("sealed.report")
    claim(by, report, "view")
    return report


def _posts(role: str) -> QuerySet[Post, Post]:
    held = Post.unscoped.filter(holding(today()), person__deceased=False)
    return held.filter(kind=role) if role in NAMED_AS else held.none()


def _held(people: Iterable[int]) -> set[tuple[int, str, int | None]]:
    """Who holds which of the posts today, where."""
    posts = Post.unscoped.filter(holding(today()), person__deceased=False, kind__in=NAMED_AS)
    return set(posts.filter(person_id__in=list(people)).values_list("person_id", "kind", "school_id"))


def _of(people: Collection[int] | None) -> Q:
    return Q() if people is None else Q(person_id__in=people)


def _at(school_id: int | None) -> Q:
    """Of this school, or of the bureau."""
    return Q(school=None) if school_id is None else Q(school_id=school_id)
