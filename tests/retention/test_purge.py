"""With the clock moved on, exactly what is due goes; what is counted stays."""

import dataclasses
import datetime as dt
import io
import uuid

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from jiafang.access import actor_transaction, system
from jiafang.accounts.models import Activation, AuditEntry, DeviceSession
from jiafang.campaigns.models import Appointment, Duty, PlanRun, Tier
from jiafang.care.models import CaseAction, CaseFile, CaseStep, CaseTally, Message, Referral
from jiafang.care.services.measure import measure
from jiafang.care.services.progress import track
from jiafang.care.services.raise_tier import change_tier
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, NotAllowed
from jiafang.insight.models import DutyTally
from jiafang.organization.models import CareTag, Enrollment, Post, RosterFile, RosterImport
from jiafang.retention.models import PurgeRun
from jiafang.retention.services.purge import due_now, purge
from jiafang.retention.services.rules import RULES
from jiafang.retention.tasks import purge_nightly
from jiafang.visits.body import ConcernDraft, NoteDraft
from jiafang.visits.models import Note, Participant, RaisedConcern, Visit, VisitRevision
from tests.care.working import Ground
from tests.factories import campaigns as running
from tests.factories import organization as make
from tests.factories import visits as visiting
from tests.fence import as_in_production

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = dt.timedelta(days=365)


def run():
    return purge(by=system("retention"))


def removed(made: PurgeRun) -> dict[str, int]:
    return {result["rule"]: result["removed"] for result in made.results if result["removed"]}


def sums():
    states = DutyTally.unscoped.values_list("state").annotate(n=Sum("count"))
    return Duty.unscoped.count(), {state: n for state, n in states if n}


def visited_school():
    """One class of three children, each visited once and tagged; returns the school and the visits in order."""
    school = running.small_school(classes=1, students=3)
    campaign = running.launched(school.by, school.school)
    running.planned_at_once(campaign)
    teacher = make.actor_of(school.homeroom[0], "teacher")
    visits = []
    for child in school.students[0]:
        make.CareTagFactory(student=child, kind="left_behind")
        visits.append(visiting.record(teacher, [running.duty_of(campaign, child)], finding="爱画画"))
    return school, visits


def leave(child, on):
    Enrollment.unscoped.filter(student=child, end=None).update(end=on, end_reason="graduated")


def test_nothing_is_due_while_the_children_go_to_school(clock):
    visited_school()
    clock(dt.timedelta(days=2))
    assert removed(run()) == {}
    assert Visit.unscoped.count() == 3


def test_notes_of_graduates_go_after_a_year_and_not_a_day_before(clock):
    school, _visits = visited_school()
    gone, still, other = school.students[0]
    leave(gone, today())
    before = sums()
    clock(YEAR - dt.timedelta(days=1))
    assert removed(run()) == {}
    clock(YEAR + dt.timedelta(days=1))
    made = run()
    found = removed(made)
    assert found["visit_notes"] == 1
    assert found["care_tags"] == 1
    assert {visit.duties.get().person for visit in Visit.unscoped.all()} == {still, other}
    assert not Visit.unscoped.filter(duties__person=gone).exists()
    assert set(CareTag.unscoped.values_list("student_id", flat=True)) == {still.pk, other.pk}
    assert sums() == before
    assert Duty.unscoped.filter(person=gone, state="met").exists()
    assert made.whole
    assert removed(run()) == {}


def test_with_a_note_everything_that_hangs_on_it_goes(clock):
    school, visits = visited_school()
    for visit in visits:
        Participant.unscoped.create(visit=visit, relation="奶奶", channel="onsite")
        VisitRevision(visit=visit, revision=1, body="{}", saved_by=school.homeroom[0]).save()
    for child in school.students[0]:
        leave(child, today())
    clock(YEAR + dt.timedelta(days=1))
    assert removed(run())["visit_notes"] == 3
    assert not Visit.unscoped.exists()
    assert not Participant.unscoped.exists()
    assert not VisitRevision.unscoped.exists()
    assert not Appointment.unscoped.exclude(place="").exists()


def test_of_a_record_about_two_children_what_was_told_of_the_one_who_has_gone_goes(clock):
    school, _visits = visited_school()
    gone, still, _third = school.students[0]
    campaign = Duty.unscoped.filter(person=gone).get().campaign
    visiting.record(
        make.actor_of(school.homeroom[0], "teacher"),
        [running.duty_of(campaign, child) for child in (gone, still)],
        notes=[NoteDraft(child.pk, "mind", child.name) for child in (gone, still)],
        concerns=[ConcernDraft(uuid.uuid4(), child.pk, "mind", "green", child.name) for child in (gone, still)],
    )
    leave(gone, today())
    clock(YEAR - dt.timedelta(days=1))
    assert removed(run()) == {}
    clock(YEAR + dt.timedelta(days=1))
    found = removed(run())
    assert (found["notes_of_each"], found["concerns_of_each"]) == (1, 1)
    assert Note.unscoped.get().person == RaisedConcern.unscoped.get().person == still
    assert Visit.unscoped.filter(duties__person=gone).exists()


def test_what_was_told_by_a_teacher_who_was_once_a_student_here_is_nothing_about_a_graduate(clock):
    school, _visits = visited_school()
    talks = running.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER)
    duty = Duty.unscoped.filter(campaign=talks).first()
    make.EnrollmentFactory(student=duty.person, school_class=school.classes[0])
    leave(duty.person, today() - YEAR)
    visiting.record(school.by, [duty], notes=[NoteDraft(duty.person_id, "teaching", "教学顺手")])
    clock(YEAR * 2)
    run()
    assert Note.unscoped.get().visit.duties.get() == duty


def test_who_goes_on_to_another_school_is_no_graduate(clock):
    school, _visits = visited_school()
    child = school.students[0][0]
    leave(child, today())
    make.EnrollmentFactory(student=child, school_class=make.SchoolClassFactory(), start=today())
    clock(YEAR * 2)
    assert removed(run()) == {}


def test_a_note_about_two_children_stays_until_both_have_gone(clock):
    school, visits = visited_school()
    first, second, _third = school.students[0]
    visits[0].duties.add(visits[1].duties.get())
    leave(first, today())
    clock(YEAR + dt.timedelta(days=1))
    assert "visit_notes" not in removed(run())
    leave(second, today() - YEAR)
    clock(YEAR + dt.timedelta(days=2))
    assert removed(run())["visit_notes"] == 2


def roster(state, **fields):
    row = RosterImport(state=state, preview={"report": {"lines": ["洪子衿"]}}, preview_hash="x", plan=b"plan", **fields)
    row.save()
    RosterFile(roster_import=row, name="a.xlsx", content=b"file", size=4).save()
    return row


def test_roster_files_go_a_week_after_the_end_and_what_lies_open_after_a_month(clock):
    committed = roster("committed", finished_at=timezone.now())
    lying = roster("previewed")
    running_now = roster("committing")
    clock(dt.timedelta(days=6))
    assert removed(run()) == {}
    clock(dt.timedelta(days=8))
    assert removed(run()) == {"roster_files": 1, "roster_previews": 1}
    committed.refresh_from_db()
    assert (committed.state, committed.preview, bytes(committed.plan)) == ("committed", {}, b"")
    clock(dt.timedelta(days=31))
    assert removed(run()) == {"roster_files": 1, "roster_left_lying": 1}
    lying.refresh_from_db()
    assert (lying.state, lying.preview) == ("abandoned", {})
    running_now.refresh_from_db()
    assert running_now.preview
    assert RosterFile.unscoped.get().roster_import_id == running_now.pk


def test_a_purged_import_still_has_a_page(client, clock):
    row = roster("committed", finished_at=timezone.now())
    make.sign_in(client, make.bureau_post("administrator"))
    RosterImport.unscoped.filter(pk=row.pk).update(finished_at=timezone.now() - dt.timedelta(days=9))
    run()
    answer = client.get(reverse("roster_import", args=[row.pk]))
    assert answer.status_code == 200
    assert "洪子衿" not in answer.content.decode()


def test_codes_sessions_calendars_and_logs_go_in_their_time(clock, client):
    school, _visits = visited_school()
    teacher = school.homeroom[0]
    make.sign_in(client, teacher)
    user = make.user_of(teacher)
    user.calendar_token = "hashed"
    user.save()
    Activation.objects.create(user=user, code_hash="x", expires_at=timezone.now() + dt.timedelta(days=7))
    PlanRun.unscoped.update(log="line", finished_at=timezone.now())
    clock(dt.timedelta(days=6))
    assert removed(run()) == {}
    clock(dt.timedelta(days=8))
    assert removed(run()) == {"activation_codes": 1}
    clock(dt.timedelta(days=31))
    assert removed(run()) == {"plan_logs": PlanRun.unscoped.count()}
    assert not PlanRun.unscoped.exclude(log="").exists()
    clock(dt.timedelta(days=400))
    assert removed(run())["sessions"] >= 1
    Post.unscoped.filter(person=teacher).update(end=today())
    assert removed(run())["calendar_addresses"] == 1


def test_devices_go_after_they_were_signed_out_or_not_used_for_two_years(clock, client):
    ended, unused = make.homeroom_teacher(make.SchoolClassFactory()), make.homeroom_teacher(make.SchoolClassFactory())
    for person in (ended, unused):
        make.sign_in(client, person)
    DeviceSession.objects.filter(user=ended.user).update(ended_at=timezone.now())
    clock(dt.timedelta(days=89))
    assert "devices" not in removed(run())
    clock(dt.timedelta(days=91))
    assert removed(run())["devices"] == 1
    assert DeviceSession.objects.get().user == unused.user
    clock(dt.timedelta(days=731))
    assert removed(run())["devices"] == 1


def test_a_run_proves_itself_in_a_row_and_an_entry(clock):
    school, _visits = visited_school()
    leave(school.students[0][0], today())
    clock(YEAR + dt.timedelta(days=1))
    with as_in_production():
        purge_nightly(timestamp=0)
    made = PurgeRun.unscoped.get()
    notes = next(result for result in made.results if result["rule"] == "visit_notes")
    assert notes == {"rule": "visit_notes", "rows": 3, "due": 1, "removed": 1, "left_due": 0, "left": 2}
    assert [result["rule"] for result in made.results] == [rule.code for rule in RULES]
    assert made.sums_before == made.sums_after
    assert made.whole
    entries = AuditEntry.objects.filter(action="retention.purge")
    assert {entry.object_id for entry in entries} == {str(made.pk)}
    assert {entry.details["rule"]: entry.details["removed"] for entry in entries} == removed(made)


def test_a_rule_that_fails_keeps_none_of_the_others_from_its_work(clock, monkeypatch):
    school, _visits = visited_school()
    leave(school.students[0][0], today())
    clock(YEAR + dt.timedelta(days=1))
    notes, *others = RULES
    broken = dataclasses.replace(notes, due=lambda rows, now: rows.filter(no_such_column=1))
    monkeypatch.setattr("jiafang.retention.services.purge.RULES", (broken, *others))
    with pytest.raises(Conflict, match="visit_notes"):
        run()
    made = PurgeRun.unscoped.get()
    assert (made.finished_at, made.whole) == (None, False)
    assert removed(made)["care_tags"] == 1
    assert AuditEntry.objects.filter(action="retention.purge", details__rule="care_tags").exists()
    assert Visit.unscoped.count() == 3


def test_the_command_shows_first_and_removes_when_told(clock):
    school, _visits = visited_school()
    leave(school.students[0][0], today())
    clock(YEAR + dt.timedelta(days=1))
    out = io.StringIO()
    call_command("purge", stdout=out)
    assert "Nothing was changed" in out.getvalue()
    assert Visit.unscoped.count() == 3
    assert not PurgeRun.unscoped.exists()
    assert {result.rule: result.due for result in due_now(by=system("retention"))}["visit_notes"] == 1
    call_command("purge", "--do", stdout=out)
    assert Visit.unscoped.count() == 2
    assert "Sums of coverage unchanged" in out.getvalue()


def test_nobody_purges_by_hand():
    with pytest.raises(NotAllowed):
        purge(by=make.administrator())


def test_the_administrator_sees_the_runs_and_nobody_else_does(client, clock):
    school, _visits = visited_school()
    leave(school.students[0][0], today())
    clock(YEAR + dt.timedelta(days=1))
    run()
    clock(dt.timedelta())
    make.sign_in(client, make.bureau_post("administrator"))
    answer = client.get(reverse("retention"))
    assert answer.status_code == 200
    page = answer.content.decode()
    for rule in RULES:
        assert str(rule.what) in page
    assert "完整,覆盖数字不变" in page
    make.sign_in(client, school.principal)
    assert client.get(reverse("retention")).status_code == 404


def test_what_was_written_about_a_students_case_goes_a_year_after_leaving_and_the_case_still_counts(clock):
    ground = Ground()
    pk, by = ground.case.pk, ground.teacher
    measure(by=by, case_id=pk, who="student", mood="1")
    track(by=by, person_id=ground.student.pk, kind="mark", label="数学", value="98")
    change_tier(by=by, case_id=pk, tier="yellow", words="整夜不睡")
    with actor_transaction(system("test")):
        CaseAction(case=ground.case, kind="talk", on=today(), by_id=by.person_id, text="聊过一次").save()
        Message(case=ground.case, author_id=by.person_id, side="school", audience=["school"], text="请看看").save()
        Referral(
            case=ground.case, asked_by_id=by.person_id, to_person_id=ground.counselor.person_id, to_role="counselor",
            reason="请您看看",
        ).save()  # fmt: skip
        counted = list(CaseTally.unscoped.values_list("state", "count"))
    leave(ground.student, today())
    clock(YEAR - dt.timedelta(days=1))
    assert removed(run()) == {}
    clock(YEAR + dt.timedelta(days=1))
    gone = removed(run())
    of_cases = {"case_texts", "case_steps", "case_actions", "case_messages", "case_referrals", "case_measures"}
    assert {name: count for name, count in gone.items() if name in of_cases | {"progress"}} == dict.fromkeys(
        of_cases | {"progress"}, 1
    )
    case = CaseFile.unscoped.get(pk=pk)
    assert (case.text, case.state) == ("", "open")
    assert not CaseStep.unscoped.exclude(note=b"").exists()
    assert list(CaseTally.unscoped.values_list("state", "count")) == counted
    assert {rule: count for rule, count in removed(run()).items() if rule.startswith("case_")} == {}
