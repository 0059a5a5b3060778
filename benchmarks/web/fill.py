"""A district in the midst of its campaign: the roster through the import, the rest in bulk."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from jiafang.access import actor_transaction, reading, system
from jiafang.accounts.models import User
from jiafang.campaigns.models import Appointment, Campaign, Channel, Duty, Shift, Tier, VisitGroup
from jiafang.campaigns.services.create import create_campaign
from jiafang.campaigns.services.launch import launch_campaign
from jiafang.common.clock import at, now, today
from jiafang.demonstration.district import generate
from jiafang.demonstration.workbook import write_workbooks
from jiafang.organization.models import Enrollment, Person, Post, SchoolClass
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.services.roster import import_files
from jiafang.visits.models import LastContact, Participant, Visit

BY = system("benchmark")
BATCH = 2000
MET_OF_TEN = 6
APPOINTMENTS_OF_A_CLASS = 50


@dataclass(frozen=True)
class Measured:
    """Who asks for what."""

    teacher: User
    principal: User
    director: User
    campaign: Campaign
    school_class: SchoolClass
    student_id: int
    appointment_id: int
    duty_ids: list[int]


def fill(size: str, seed: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        paths = write_workbooks(generate(size, seed, today()), Path(folder))  # type: ignore[arg-type]  # argparse checked it
        import_files(by=BY, files=[SourceFile(path.name, path.read_bytes()) for path in paths])
    umbrella = create_campaign(
        by=BY,
        tier=Tier.TEACHER_FAMILY,
        school=None,
        title="秋季大家访",
        start=today() - dt.timedelta(days=20),
        end=today() + dt.timedelta(days=40),
    )
    launch_campaign(by=BY, campaign=umbrella)
    with reading(BY):
        children = list(Campaign.unscoped.filter(parent=umbrella).order_by("pk"))
    for child in children:
        launch_campaign(by=BY, campaign=child)
    with actor_transaction(BY):
        Campaign.unscoped.filter(parent=umbrella).update(state="published", published_at=now())
        _records()
        _appointments()
    # The application owns no table, and who does not own one may not count it.
    with psycopg.connect(str(settings.DATABASE_OWNER_URL), autocommit=True) as owner:
        owner.execute("ANALYZE")
    with actor_transaction(BY):
        return _measured(umbrella)


def _records() -> None:
    """Six of ten students met in the last twenty days, each with a record."""
    duties = list(
        Duty.unscoped.exclude(group=None).order_by("pk").values_list("pk", "person_id", "campaign_id", "group__lead_id")
    )
    links = Visit.duties.through
    crews = Visit.visitors.through
    for batch in _batches(enumerate(duties)):
        visits, others, met = [], [], []
        for number, (pk, person_id, campaign_id, lead_id) in batch:
            if number % 10 >= MET_OF_TEN:
                continue
            started = now() - dt.timedelta(days=number % 20, hours=1)
            visit = Visit(
                pk=uuid.uuid4(),
                campaign_id=campaign_id,
                recorded_by_id=lead_id,
                channel=Channel.PHONE,
                started_at=started,
                finding="在家能按时完成作业,比上学期主动多了。",
                chips=["study_improved"],
                follow_up=False,
            )
            visits.append(visit)
            others.append(links(visit_id=visit.pk, duty_id=pk))
            met.append((pk, person_id, lead_id, started.date(), visit))
        Visit.unscoped.bulk_create(visits)
        links.objects.bulk_create(others)
        crews.objects.bulk_create([crews(visit_id=v.pk, person_id=lead) for _, _, lead, _, v in met])
        Participant.unscoped.bulk_create([Participant(visit=v, relation="母亲", channel=Channel.PHONE) for v in visits])
        LastContact.unscoped.bulk_create(
            [LastContact(person_id=person, on=on, visit=v) for _, person, _, on, v in met],
            ignore_conflicts=True,
        )
        rows = [Duty(pk=pk, state=Duty.State.MET, met_on=on) for pk, _, _, on, _ in met]
        Duty.unscoped.bulk_update(rows, ["state", "met_on"])


def _appointments() -> None:
    """Published appointments of every class for the coming two weeks."""
    shifts: dict[int, list[Shift]] = {}
    for campaign_id in Campaign.unscoped.filter(school__isnull=False).values_list("pk", flat=True):
        for away in range(14):
            day = today() + dt.timedelta(days=away)
            shift, _made = Shift.unscoped.get_or_create(
                campaign_id=campaign_id,
                date=day,
                kind=Shift.Kind.EVENING,
                defaults={"start": dt.time(18, 30), "end": dt.time(21)},
            )
            shifts.setdefault(campaign_id, []).append(shift)
    for group in VisitGroup.unscoped.exclude(school_class=None).order_by("pk").prefetch_related("co_visitors"):
        duties = list(Duty.unscoped.filter(group=group).order_by("pk")[:APPOINTMENTS_OF_A_CLASS])
        made = Appointment.unscoped.bulk_create(
            [_appointment(group, shifts[group.campaign_id][n % 14], n) for n in range(len(duties))]
        )
        Appointment.duties.through.objects.bulk_create(
            [
                Appointment.duties.through(appointment_id=row.pk, duty_id=duty.pk)
                for row, duty in zip(made, duties, strict=True)
            ]
        )
        crew = [group.lead_id, *(person.pk for person in group.co_visitors.all()[:1])]
        Appointment.visitors.through.objects.bulk_create(
            [Appointment.visitors.through(appointment_id=row.pk, person_id=pk) for row in made for pk in crew]
        )


def _appointment(group: VisitGroup, shift: Shift, number: int) -> Appointment:
    starts = at(shift.date, dt.time(18, 30)) + dt.timedelta(minutes=35 * (number // 14))
    return Appointment(
        campaign_id=group.campaign_id,
        shift=shift,
        group=group,
        channel=Channel.ONSITE if number % 3 else Channel.PHONE,
        starts_at=starts,
        ends_at=starts + dt.timedelta(minutes=30),
        place="石岭村",
        lat=25.5,
        lon=118.2,
        published=True,
    )


def _measured(umbrella: Campaign) -> Measured:
    posts = Post.unscoped.filter(kind=Post.Kind.HOMEROOM_TEACHER, end=None).select_related(
        "school_class__cohort__school"
    )
    sizes = {
        post: Enrollment.unscoped.filter(school_class=post.school_class, end=None).count()
        for post in posts.order_by("pk")[:200]
    }
    post = max(sizes, key=lambda candidate: (sizes[candidate], -candidate.pk))
    assert post.school_class is not None
    school_class = post.school_class
    principal = Post.unscoped.filter(kind=Post.Kind.PRINCIPAL, school=school_class.cohort.school, end=None).first()
    director = Post.unscoped.filter(kind=Post.Kind.DIRECTOR, end=None).first()
    assert principal is not None
    assert director is not None
    duties = Duty.unscoped.filter(school_class=school_class).order_by("pk")
    appointment = Appointment.unscoped.filter(duties=duties.first()).first()
    assert appointment is not None
    return Measured(
        teacher=_account(post.person_id),
        principal=_account(principal.person_id),
        director=_account(director.person_id),
        campaign=Campaign.unscoped.get(parent=umbrella, school=school_class.cohort.school),
        school_class=school_class,
        student_id=duties[0].person_id,
        appointment_id=appointment.pk,
        duty_ids=list(duties.values_list("pk", flat=True)),
    )


def _account(person_id: int) -> User:
    person = Person.unscoped.get(pk=person_id)
    person.user = person.user or User.objects.create_user(username=f"measured{person_id}")
    person.save(update_fields=["user"])
    return person.user


def _batches(rows: Any) -> Iterator[list[Any]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch
