"""A mandatory report is read by those who are named and by nobody else, wherever somebody looks."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from jiafang.access import actor_transaction, reading, scope, system
from jiafang.care.models import MandatoryReport, ReportAddition, SealedReader, StandingSealedReader
from jiafang.care.services.hand_over import follow_the_calendar
from jiafang.care.services.sealed_readers import end_standing_reader, name_reader_of_report, name_standing_reader
from jiafang.care.services.sealed_report import ReportDraft, add_to_report, file_report
from jiafang.common.clock import now, today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.notifications.models import Notification
from jiafang.organization.changes import PostEnded, announce
from jiafang.organization.models import Person
from jiafang.organization.services.open_accounts import open_accounts, reset_sign_in
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
    address = reverse("sealed_report", args=[report.pk])
    assert address in client.get(sent.url).content.decode()
    asked = client.get(address)
    assert asked.url.startswith(reverse("account_confirm")), "the password once more"
    make.confirm(client)
    assert CANARY in client.get(address).content.decode()
    client.logout()
    make.sign_in(client, school.homeroom[0])
    for text, added in (("", 0), ("写了很久的补充", 1)):
        answer = client.post(address, {"origin": str(uuid.uuid4()), "text": text})
        assert answer.status_code == 302, "what was written is kept, what is sealed is not shown"
        assert ReportAddition.unscoped.count() == added
    make.sign_in(client, school.homeroom[1])
    make.confirm(client)
    assert client.get(address).status_code == 404
    assert client.get(reverse("sealed_report", args=[report.pk + 1])).status_code == 404
    assert CANARY not in client.get(reverse("mandatory_report")).content.decode()


def ended(person, kind):
    """By a date that was entered before."""
    person.posts.filter(kind=kind).update(end=today() - dt.timedelta(days=1))


def test_whoever_becomes_another_deputy_reads_no_more_what_they_were_named_for(school, teacher, director):
    """A principal and a deputy come in as `principal` whatever deputy they are: the post by which they read is gone."""
    moral = make.school_post("moral_deputy", school.school)
    report = file_report(by=teacher, draft=draft())
    name_reader_of_report(by=school.by, report_id=report.pk, person_id=moral.pk, role="moral_deputy")
    name_standing_reader(by=school.by, person_id=moral.pk, role="moral_deputy")
    for person, kind in ((school.principal, "principal"), (moral, "moral_deputy")):
        make.PostFactory(person=person, kind="deputy_principal", school=school.school)
        assert read_by(make.actor_of(person, "principal")) == {CANARY}
        ended(person, kind)
    assert follow_the_calendar(by=system("calendar")) == 3
    for person in (school.principal, moral):
        assert read_by(make.actor_of(person, "principal")) == set()
    assert not StandingSealedReader.unscoped.filter(until=None).exists()
    assert read_by(teacher) == read_by(director) == {CANARY}
    assert follow_the_calendar(by=system("calendar")) == 0


def test_a_post_that_is_ended_ends_it_at_once(school, teacher, director):
    file_report(by=teacher, draft=draft())
    make.PostFactory(person=school.principal, kind="deputy_principal", school=school.school)
    ended(school.principal, "principal")
    with actor_transaction(system("roster")):
        announce(system("roster"), [PostEnded(school.principal.pk, "principal", school.school.pk, None, today())])
    assert read_by(make.actor_of(school.principal, "principal")) == set()


def test_once_a_principal_has_left_the_director_names_the_successor_and_a_cadre(client, school, teacher, director):
    report = file_report(by=teacher, draft=draft())
    ended(school.principal, "principal")
    follow_the_calendar(by=system("calendar"))
    successor, cadre = make.school_post("principal", school.school), make.bureau_post("cadre")
    elsewhere = make.school_post("principal", made.small_school().school)
    make.sign_in(client, Person.unscoped.get(pk=director.person_id), "director")
    make.confirm(client)
    page = client.get(reverse("sealed_report", args=[report.pk])).content.decode()
    assert f'value="principal:{successor.pk}"' in page
    assert f'value="cadre:{cadre.pk}"' in page
    assert f":{elsewhere.pk}" not in page
    assert "writer:" not in page
    for chosen in (f"principal:{successor.pk}", f"cadre:{cadre.pk}", f"principal:{elsewhere.pk}"):
        client.post(reverse("sealed_reader", args=[report.pk]), {"reader": chosen})
    assert read_by(make.actor_of(successor, "principal")) == read_by(make.actor_of(cadre, "cadre")) == {CANARY}
    assert read_by(make.actor_of(elsewhere, "principal")) == set()
    with pytest.raises(InputFault):
        name_reader_of_report(by=director, report_id=report.pk, person_id=elsewhere.pk, role="principal")


@pytest.mark.parametrize("hand_out", ["renew", "reset"])
def test_with_a_code_that_the_school_hands_out_nobody_opens_what_was_written(school, teacher, director, hand_out):
    """A principal who makes a teacher's sign-in anew could else read what the teacher wrote about the principal."""
    person = school.homeroom[0]
    make.user_of(person)
    report = file_report(by=teacher, draft=draft(bureau_only=True))

    def code(by):
        if hand_out == "renew":
            return open_accounts(by=by, people=[person], renew=True)
        return reset_sign_in(by=by, person=person)

    code(make.administrator())
    assert read_by(teacher) == {CANARY}
    code(school.by)
    assert read_by(teacher) == set()
    assert read_by(director) == {CANARY}
    with pytest.raises(NotAllowed):
        name_reader_of_report(by=school.by, report_id=report.pk, person_id=person.pk, role="writer")
    with pytest.raises(InputFault):
        name_reader_of_report(by=director, report_id=report.pk, person_id=school.homeroom[1].pk, role="writer")
    name_reader_of_report(by=director, report_id=report.pk, person_id=person.pk, role="writer")
    assert read_by(teacher) == {CANARY}


def test_a_first_code_takes_nothing_away(school, teacher, director):
    file_report(by=teacher, draft=draft())
    open_accounts(by=school.by, people=[school.homeroom[0]])
    assert read_by(teacher) == {CANARY}
