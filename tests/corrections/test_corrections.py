"""A guardian reads what is kept about the own child, and has it corrected."""

import io
import threading
import uuid

import pypdf
import pytest
from django.db import connection, transaction
from django.urls import reverse

from jiafang.access import actor_transaction, scope, system
from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.care.models import CaseAction, Message
from jiafang.common.clock import today
from jiafang.common.errors import Conflict
from jiafang.organization.models import CorrectionRequest, Guardianship
from jiafang.organization.services.corrections import MOST_OPEN, ask_correction
from jiafang.visits.body import ConcernDraft, NoteDraft
from tests.factories import campaigns as running
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as visiting
from tests.queries import query_count
from tests.waiting import apart, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(client):
    """A school, a child of it and the mother, who is signed in."""
    school = running.small_school(classes=2, students=1)
    child = school.students[0][0]
    mother = make.guardian_of(child)
    make.sign_in(client, mother, "guardian")
    return school, child, mother


def ask(client, child, **changed):
    told = {"student": child.pk, "about": "phone", "wrong": "旧号码尾号1234", "right": "新号码尾号5678"} | changed
    return client.post(reverse("family_data"), told)


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


# The file


def test_the_file_holds_what_a_guardian_may_see_and_nothing_that_staff_wrote(client, home):
    school, child, _mother = home
    campaign = running.launched(school.by, school.school)
    running.planned_at_once(campaign)
    publish_timetable(by=school.by, campaign=campaign)
    untold = running.launched(school.by, school.school, title="还没有告诉家长的活动")
    make.CareTagFactory(student=child, kind="left_behind")
    teacher, same = make.actor_of(school.homeroom[0], "teacher"), {"visit_id": uuid.uuid4()}
    heard = {
        "finding": "所见不外传",
        "notes": [NoteDraft(child.pk, "mind", "分开写的不外传")],
        "concerns": [ConcernDraft(uuid.uuid4(), child.pk, "mind", "orange", "担心的不外传")],
    }
    # A follow-up that was taken back is nothing that the family was ever told of.
    for follow_up in (True, False):
        visiting.record(teacher, [running.duty_of(campaign, child)], follow_up=follow_up, **heard, **same)
    answer = client.get(reverse("family_file", args=[child.pk]))
    assert answer["Content-Disposition"].startswith("attachment;")
    said = "".join("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(answer.content)).pages).split())
    for part in (child.name, school.school.name, child.birth_date.isoformat() if child.birth_date else "没有记录"):
        assert part in said
    assert campaign.title in said
    assert "已访" in said
    assert untold.title not in said
    assert "不外传" not in said
    assert "不再需要" not in said
    assert "留守" not in said
    entry = AuditEntry.objects.get(action="family.exported")
    assert child.pk in entry.subjects


def test_the_own_file_holds_the_own_matters_as_far_as_the_family_reads_them(client, home):
    school, child, mother = home
    make.bureau_post("director")
    case = care.student_case(make.actor_of(mother, "guardian"), child, text="孩子最近不爱说话")
    care.student_case(make.actor_of(school.homeroom[0], "teacher"), child, text="老师自己记的不外传")
    with actor_transaction(system("test")):
        for text, shared in (("商定周末不再加课", True), ("班里观察的不外传", False)):
            CaseAction(
                case=case, kind="talk", on=today(), by_id=case.owner_id, text=text, shared=shared
            ).save()  # fmt: skip
        for text, audience in (("谢谢您告诉我们", ["school", "family"]), ("商量的不外传", ["school"])):
            Message(case=case, author_id=case.owner_id, side="school", audience=audience, text=text).save()
    answer = client.get(reverse("family_file", args=[child.pk]))
    said = "".join("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(answer.content)).pages).split())
    for part in ("和学校说的事", "孩子最近不爱说话", "商定周末不再加课", "谢谢您告诉我们"):
        assert part in said
    assert "不外传" not in said


def test_the_file_of_another_child_is_missing(client, home):
    school, _child, mother = home
    stranger = school.students[1][0]
    for pk in (stranger.pk, school.homeroom[0].pk, mother.pk, 999_999):
        assert client.get(reverse("family_file", args=[pk])).status_code == 404


def test_a_revoked_guardian_sees_neither_file_nor_request(client, home):
    _school, child, mother = home
    ask(client, child)
    other = make.student(make.SchoolClassFactory())
    make.guardian_of(other, mother)
    Guardianship.unscoped.filter(student=child).update(revoked_on="2026-01-01")
    make.sign_in(client, mother, "guardian")
    assert client.get(reverse("family_file", args=[child.pk])).status_code == 404
    assert "旧号码" not in page(client, "family_data")


# Asking and answering


def test_a_request_reaches_those_who_lead_and_nobody_else(client, home):
    school, child, _mother = home
    assert ask(client, child).status_code == 302
    request = CorrectionRequest.unscoped.get()
    assert (request.wrong, request.right) == ("旧号码尾号1234", "新号码尾号5678")
    other = running.small_school()
    sees = {
        make.actor_of(school.principal, "principal"): True,
        make.actor_of(school.homeroom[0], "teacher"): True,
        make.administrator(): True,
        make.actor_of(school.homeroom[1], "teacher"): False,
        make.actor_of(school.subject[0], "teacher"): False,
        make.actor_of(other.principal, "principal"): False,
        make.actor_of(make.bureau_post("director"), "director"): False,
        make.actor_of(make.guardian_of(child, is_primary=False), "guardian"): False,
    }
    for actor, expected in sees.items():
        assert scope(actor, CorrectionRequest).filter(pk=request.pk).exists() == expected, actor.capacity.label


def test_the_school_corrects_and_the_guardian_reads_it(client, home):
    school, child, mother = home
    ask(client, child)
    request = CorrectionRequest.unscoped.get()
    make.sign_in(client, school.homeroom[0], "teacher")
    shown = page(client, "correction_list")
    assert child.name in shown
    assert "新号码尾号5678" in shown
    client.post(reverse("correction_answer", args=[request.pk]), {"decision": "accept", "answer": "已改好"})
    request.refresh_from_db()
    assert (request.state, request.answered_by_id) == ("accepted", school.homeroom[0].pk)
    assert child.name not in page(client, "correction_list")
    assert "已改好" in page(client, "correction_list", show="answered")
    make.sign_in(client, mother, "guardian")
    shown = page(client, "family_data")
    assert "已改好" in shown
    assert "已更正" in shown
    assert {e.action for e in AuditEntry.objects.filter(object_kind="organization.correctionrequest")} == {
        "correction.asked",
        "correction.answered",
    }


def test_declining_needs_a_reason(client, home):
    school, child, _mother = home
    ask(client, child)
    request = CorrectionRequest.unscoped.get()
    make.sign_in(client, school.principal, "principal")
    address = reverse("correction_answer", args=[request.pk])
    for words in (" ", "长" * 301):
        client.post(address, {"decision": "decline", "answer": words})
        request.refresh_from_db()
        assert request.state == "open"
    client.post(address, {"decision": "accept", "answer": "长" * 301})
    request.refresh_from_db()
    assert request.state == "open", "accepted without the words that were written"
    client.post(address, {"decision": "decline", "answer": "与户口本一致"})
    request.refresh_from_db()
    assert (request.state, request.answer) == ("declined", "与户口本一致")
    client.post(address, {"decision": "accept", "answer": ""})
    request.refresh_from_db()
    assert request.state == "declined"


def test_a_teacher_does_not_answer_what_the_own_family_asks(client, home):
    school, child, _mother = home
    teacher = school.homeroom[0]
    make.guardian_of(child, teacher, is_primary=False)
    ask(client, child)
    request = CorrectionRequest.unscoped.get()
    make.sign_in(client, teacher, "teacher")
    assert client.post(reverse("correction_answer", args=[request.pk]), {"decision": "accept"}).status_code == 404


@pytest.mark.parametrize("changed", [{"about": "nonsense"}, {"wrong": ""}, {"right": " "}, {"right": "x" * 301}])
def test_a_request_that_says_nothing_is_refused_on_its_field(client, home, changed):
    _school, child, _mother = home
    assert ask(client, child, **changed).status_code == 422
    assert not CorrectionRequest.unscoped.exists()


def test_nobody_asks_about_another_child(client, home):
    school, _child, _mother = home
    assert ask(client, school.students[1][0]).status_code == 422
    assert not CorrectionRequest.unscoped.exists()


def test_so_many_may_wait_at_once(home):
    _school, child, mother = home
    by = make.actor_of(mother, "guardian")
    told = {"student_id": child.pk, "about": "other", "wrong": "甲", "right": "乙"}
    for _ in range(MOST_OPEN):
        ask_correction(by=by, **told)
    with pytest.raises(Conflict):
        ask_correction(by=by, **told)


def test_two_at_once_do_not_go_past_what_may_wait(home):
    _school, child, mother = home
    by = make.actor_of(mother, "guardian")
    told = {"student_id": child.pk, "about": "other", "wrong": "甲", "right": "乙"}
    for _ in range(MOST_OPEN - 1):
        ask_correction(by=by, **told)
    refused = []

    def ask_too():
        try:
            ask_correction(by=by, **told)
        except Conflict as conflict:
            refused.append(conflict)

    others = [threading.Thread(target=apart, args=(ask_too,)) for _ in range(2)]
    with transaction.atomic():
        # Both have counted before either has written, unless one waits for the other.
        rows("LOCK TABLE organization_correctionrequest IN SHARE MODE")
        for other in others:
            other.start()
        wait_until(lambda: waiting() == 2)
    for other in others:
        other.join()
    assert len(refused) == 1
    assert CorrectionRequest.unscoped.count() == MOST_OPEN


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def waiting():
    """How many other connections wait for a lock in this database."""
    of_us = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    return rows(f"SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND ({of_us} OR database IS NULL)")[0][0]


@pytest.mark.parametrize("answered", [False, True])
def test_what_somebody_asked_who_is_no_guardian_any_more_does_not_vanish(client, home, answered):
    """The database hides the asker from the school then, not what was asked about the child."""
    school, child, mother = home
    ask(client, child)
    make.sign_in(client, school.principal, "principal")
    if answered:
        address = reverse("correction_answer", args=[CorrectionRequest.unscoped.get().pk])
        client.post(address, {"decision": "accept", "answer": ""})
    Guardianship.unscoped.filter(guardian=mother).update(revoked_on=today())
    shown = page(client, "correction_list", show="answered" if answered else "")
    assert child.name in shown
    assert "新号码尾号5678" in shown
    assert mother.name not in shown
    assert "原来的家长" in shown


@pytest.mark.parametrize("name", ["family_data", "correction_list"])
def test_the_lists_cost_the_same_for_one_and_for_three(client, home, name):
    school, child, mother = home
    counts = []
    for _ in range(2):
        make.sign_in(client, mother, "guardian")
        ask(client, child)
        if counts:
            ask(client, child)
        who = (mother, "guardian") if name == "family_data" else (school.principal, "principal")
        make.sign_in(client, *who)
        client.get(reverse(name))
        counts.append(query_count(lambda: client.get(reverse(name))))
    assert counts[0] == counts[1]
