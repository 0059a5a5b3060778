"""A mandatory report is read by those who are named and by nobody else, wherever somebody looks."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from jiafang.access import reading, scope
from jiafang.care.models import MandatoryReport, ReportAddition, SealedReader, StandingSealedReader
from jiafang.care.services.sealed_report import (
    ReportDraft,
    add_to_report,
    end_standing_reader,
    file_report,
    name_reader_of_report,
    name_standing_reader,
)
from jiafang.common.clock import now
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.notifications.models import Notification
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.fence import as_in_production

pytestmark = pytest.mark.django_db
CANARY = "只在封存里的话4711"


@pytest.fixture
def director():
    return make.actor_of(make.bureau_post("director"), "director")


@pytest.fixture
def school(director):
    return made.small_school()


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


def draft(**fields) -> ReportDraft:
    return ReportDraft(**{"about": "某同学", "seen": CANARY, "noticed_at": now()} | fields)


def read_by(actor) -> set[str]:
    """What the program shows; the database by itself shows just that."""
    with reading(actor):
        texts = {row.seen for row in scope(actor, MandatoryReport)}
    with as_in_production(), reading(actor):
        assert {row.seen for row in MandatoryReport.unscoped.all()} == texts
    return texts


def test_it_is_read_by_its_writer_the_principal_and_the_director_alone(school, teacher, director):
    file_report(by=teacher, draft=draft())
    assert read_by(teacher) == read_by(school.by) == read_by(director) == {CANARY}
    others = [
        make.actor_of(school.homeroom[1], "teacher"),
        make.actor_of(school.subject[0], "teacher"),
        make.actor_of(make.school_post("deputy_principal", school.school), "principal"),
        make.actor_of(make.school_post("counselor", school.school), "counselor"),
        make.actor_of(make.bureau_post("cadre"), "cadre"),
        make.actor_of(make.guardian_of(school.students[0][0]), "guardian"),
        make.administrator(),
    ]
    assert [read_by(one) for one in others] == [set()] * len(others)


def test_what_may_concern_the_school_goes_to_the_bureau_alone(school, teacher, director):
    file_report(by=teacher, draft=draft(bureau_only=True))
    assert read_by(school.by) == set()
    assert read_by(director) == {CANARY}


def test_sent_twice_is_one_and_nobody_else_can_take_the_number(school, teacher, director):
    origin = uuid.uuid4()
    first = file_report(by=teacher, draft=draft(origin=origin))
    assert file_report(by=teacher, draft=draft(origin=origin)).pk == first.pk
    with pytest.raises(NotAllowed):
        file_report(by=make.actor_of(school.homeroom[1], "teacher"), draft=draft(origin=origin))


def test_notifications_and_the_audit_hold_no_word_of_it(school, teacher, director):
    report = file_report(by=teacher, draft=draft(about="孩子4712", police_receipt="回执4713"))
    add_to_report(by=school.by, report_id=report.pk, text="补充4714", origin=uuid.uuid4())
    told = set(Notification.unscoped.values_list("person_id", "code"))
    assert told == {(school.principal.pk, "sealed.filed"), (director.person_id, "sealed.filed")}
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                assert not any(word in row for word in (CANARY, "孩子4712", "回执4713", "补充4714")), table


def test_others_cannot_add_and_a_reader_whose_post_ended_reads_no_more(school, teacher, director):
    report = file_report(by=teacher, draft=draft())
    with pytest.raises(NotAllowed):
        add_to_report(
            by=make.actor_of(school.homeroom[1], "teacher"), report_id=report.pk, text="x", origin=uuid.uuid4()
        )
    assert not ReportAddition.unscoped.exists()
    school.principal.posts.filter(kind="principal").update(end=now().date() - dt.timedelta(days=1))
    assert read_by(school.by) == set()


def test_a_successor_is_named_and_those_named_for_the_school_come_instead_of_the_principal(school, teacher, director):
    deputy = make.school_post("moral_deputy", school.school)
    named = make.actor_of(deputy, "principal")
    before = file_report(by=teacher, draft=draft())
    name_standing_reader(by=school.by, person_id=deputy.pk, role="moral_deputy")
    after = file_report(by=teacher, draft=draft())
    assert SealedReader.unscoped.filter(report=after, person=deputy).exists()
    assert not SealedReader.unscoped.filter(report=after, person=school.principal).exists()
    assert not SealedReader.unscoped.filter(report=before, person=deputy).exists()
    name_reader_of_report(by=school.by, report_id=before.pk, person_id=deputy.pk, role="moral_deputy")
    assert len(read_by(named)) == 1
    with pytest.raises(InputFault):
        name_standing_reader(by=school.by, person_id=school.subject[0].pk, role="moral_deputy")
    end_standing_reader(by=school.by, row_id=StandingSealedReader.unscoped.get(person=deputy).pk)
    last = file_report(by=teacher, draft=draft())
    assert SealedReader.unscoped.filter(report=last, person=school.principal).exists()


def test_the_page_tells_whom_to_call_keeps_what_was_typed_and_hides_the_report(client, school, teacher, director):
    make.sign_in(client, school.homeroom[0])
    page = client.get(reverse("mandatory_report"))
    assert 'href="tel:110"' in page.content.decode()
    form = {"origin": str(uuid.uuid4()), "about": "某同学", "seen": CANARY, "noticed_at": "2099-01-01T08:00"}
    again = client.post(reverse("mandatory_report"), form)
    assert again.status_code == 200
    assert CANARY in again.content.decode()
    assert not MandatoryReport.unscoped.exists()
    sent = client.post(reverse("mandatory_report"), form | {"noticed_at": "2026-01-01T08:00"})
    report = MandatoryReport.unscoped.get()
    assert sent.url == reverse("sealed_report", args=[report.pk])
    assert CANARY in client.get(sent.url).content.decode()
    make.sign_in(client, school.homeroom[1])
    assert client.get(sent.url).status_code == 404
    assert client.get(reverse("sealed_report", args=[report.pk + 1])).status_code == 404
    assert CANARY not in client.get(reverse("mandatory_report")).content.decode()
