"""Early signs: a reason in words, for the homeroom teacher alone, and a person decides."""

import datetime as dt

import pytest
from django.urls import reverse

from jiafang.access import Actor, actor_transaction, reading, scope, system
from jiafang.care.models import Progress
from jiafang.common.clock import today
from jiafang.insight.models import Sign, SignRule
from jiafang.insight.services.find_signs import find_signs
from jiafang.insight.signs import ensure_sign_rules
from jiafang.notifications.models import Notification
from jiafang.organization.models import GradeCohort
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db
MACHINE = system("signs")


@pytest.fixture
def school():
    ensure_sign_rules()
    return made.small_school()


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


def only(kind: str, **numbers) -> None:
    SignRule.objects.exclude(kind=kind).update(active=False)
    SignRule.objects.filter(kind=kind).update(**numbers)


def found() -> dict[int, dict]:
    find_signs(by=MACHINE)
    return dict(Sign.unscoped.filter(state="open").values_list("student_id", "numbers"))


def mark(person, value: str, days_ago: int, kind: str = "mark", label: str = "数学") -> None:
    with actor_transaction(MACHINE):
        Progress(
            person=person, kind=kind, on=today() - dt.timedelta(days_ago), label=label, value=value, by_id=person.pk
        ).save()


def test_two_visits_with_a_note_about_the_mood_point_to_a_student_and_one_does_not(school, teacher):
    only("mood_notes")
    campaign = made.launched(school.by, school.school)
    worried, calm = school.students[0][:2]
    for days in (1, 20):
        write.record(
            teacher, [made.duty_of(campaign, worried)], chips=["mood_low"],
            started_at=write.an_hour_ago() - dt.timedelta(days=days),
        )  # fmt: skip
    write.record(teacher, [made.duty_of(campaign, calm)], chips=["exam_worry"])
    write.record(teacher, [made.duty_of(campaign, calm)], chips=["mood_good"])
    assert found() == {worried.pk: {"times": 2, "days": 120}}


def test_three_marks_each_below_the_one_before_point_to_a_student(school):
    only("falling_marks")
    falling, steady, other_class = school.students[0][0], school.students[0][1], school.students[1][0]
    for person, values in ((falling, "95 88 80"), (steady, "80 88 80"), (other_class, "90 80")):
        for place, value in enumerate(values.split()):
            mark(person, value, 90 - 10 * place)
    assert found() == {falling.pk: {"times": 3}}


def test_marks_of_different_things_are_not_one_line(school):
    only("falling_marks", times=2)
    mixed, falling = school.students[0][:2]
    mark(mixed, "130", 20, label="数学")
    mark(mixed, "80", 10, label="物理")
    mark(falling, "80", 30, label="物理")
    mark(falling, "130", 20, label="数学")
    mark(falling, "70", 10, label="物理")
    assert found() == {falling.pk: {"times": 2}}


def test_a_rate_of_attendance_below_the_limit_points_to_a_student(school):
    only("absences")
    mark(school.students[0][0], "79%", 3, "attendance")
    mark(school.students[0][1], "98", 3, "attendance")
    assert found() == {school.students[0][0].pk: {"percent": 79, "below": 85}}


def test_a_final_year_before_the_examination_counts_with_a_tag_alone(school, monkeypatch):
    only("exam_season")
    cohort = GradeCohort.unscoped.get()
    exam = dt.date(2027, 6, 7)
    for name in ("jiafang.insight.signs.today", "jiafang.insight.services.find_signs.today"):
        monkeypatch.setattr(name, lambda: exam - dt.timedelta(days=30))
    cohort.entry_year = 2024  # ninth grade in spring 2027
    cohort.save()
    make.CareTagFactory(student=school.students[0][0], kind="psychological")
    assert found() == {school.students[0][0].pk: {"days": 30}}


def test_nobody_in_touch_points_to_those_not_met(school, teacher):
    only("no_contact", days=30)
    campaign = made.launched(school.by, school.school)
    write.record(teacher, [made.duty_of(campaign, school.students[0][0])])
    assert set(found()) == {student.pk for group in school.students for student in group} - {school.students[0][0].pk}


def test_several_tags_together_point_and_go_again_with_a_tag(school):
    only("tags_together", times=2)
    student = school.students[0][0]
    make.CareTagFactory(student=student, kind="left_behind")
    second = make.CareTagFactory(student=student, kind="hardship")
    assert found() == {student.pk: {"times": 2}}
    second.delete()
    assert found() == {}
    assert Sign.unscoped.get().state == "passed"


def test_only_the_homeroom_teacher_sees_it_and_never_of_an_own_child(school, teacher, client):
    only("tags_together", times=1)
    make.CareTagFactory(student=school.students[0][0], kind="left_behind")
    make.CareTagFactory(student=school.students[0][1], kind="left_behind")
    make.guardian_of(school.students[0][1], guardian=school.homeroom[0])
    find_signs(by=MACHINE)

    def seen(actor: Actor) -> set[int]:
        with reading(actor):
            shown = set(scope(actor, Sign).values_list("student_id", flat=True))
            assert set(Sign.unscoped.values_list("student_id", flat=True)) == shown
            return shown

    assert seen(teacher) == {school.students[0][0].pk}
    for person, kind in (
        (school.homeroom[1], "teacher"),
        (school.subject[0], "teacher"),
        (school.principal, "principal"),
    ):
        assert seen(make.actor_of(person, kind)) == set()
    make.sign_in(client, school.homeroom[1])
    sign = Sign.unscoped.get(student=school.students[0][0])
    assert client.post(reverse("sign_decide", args=[sign.pk]), {"then": "aside"}).status_code == 404
    assert Sign.unscoped.get(pk=sign.pk).state == "open"


def test_a_person_decides_once_and_it_stays_quiet(school, teacher, client):
    only("tags_together", times=1)
    student = school.students[0][0]
    make.CareTagFactory(student=student, kind="left_behind")
    find_signs(by=MACHINE)
    sign = Sign.unscoped.get()
    make.sign_in(client, school.homeroom[0])
    assert student.name in client.get(reverse("early_signs")).content.decode()
    client.post(reverse("sign_decide", args=[sign.pk]), {"then": "aside"})
    assert find_signs(by=MACHINE) == 0
    assert student.name not in client.get(reverse("early_signs")).content.decode()
    assert Notification.unscoped.filter(person=school.homeroom[0], code="signs.waiting").count() == 1


def test_a_sign_is_followed_when_the_matter_is_raised_and_not_by_looking(school, teacher, client):
    only("tags_together", times=1)
    make.CareTagFactory(student=school.students[0][0], kind="left_behind")
    find_signs(by=MACHINE)
    sign = Sign.unscoped.get()
    make.sign_in(client, school.homeroom[0])
    to_raise = f"{reverse('case_raise')}?person={sign.student_id}&sign={sign.pk}"
    assert to_raise.replace("&", "&amp;") in client.get(reverse("early_signs")).content.decode()
    page = client.get(to_raise)
    assert "同时有 1 种重点关注" in page.content.decode()
    assert client.get(reverse("student_sheet", args=[sign.student_id])).status_code == 200
    assert client.post(to_raise, {"category": "life"}).status_code == 422
    sign.refresh_from_db()
    assert sign.state == "open"
    told = {"origin": page.context["form"]["origin"].value(), "text": "一个人在家", "category": "life"}
    assert client.post(to_raise, told | {"alert_tier": "green"}).status_code == 302
    sign.refresh_from_db()
    assert (sign.state, sign.decided_by_id) == ("followed", school.homeroom[0].pk)
    of_another = f"{reverse('case_raise')}?person={school.students[0][1].pk}&sign={sign.pk}"
    assert client.get(of_another).status_code == 404


def test_after_being_in_touch_the_teacher_says_so(school, teacher, client):
    only("tags_together", times=1)
    make.CareTagFactory(student=school.students[0][0], kind="left_behind")
    find_signs(by=MACHINE)
    sign = Sign.unscoped.get()
    make.sign_in(client, school.homeroom[0])
    page = client.post(reverse("sign_decide", args=[sign.pk]), {"then": "followed"}, follow=True)
    assert "好的,已记为跟进过" in page.content.decode()
    sign.refresh_from_db()
    assert sign.state == "followed"


def test_who_is_helped_already_is_not_pointed_at(school, teacher):
    only("tags_together", times=1)
    make.CareTagFactory(student=school.students[0][0], kind="left_behind")
    care.student_case(teacher, school.students[0][0])
    assert found() == {}


def test_rules_are_set_by_the_bureau_and_a_bad_number_is_told_at_its_place(school, client):
    rule = SignRule.objects.get(kind="no_contact")
    make.sign_in(client, make.bureau_post("director"))
    page = client.post(reverse("sign_rule", args=[rule.pk]), {"active": "on", "days": 0, "times": 1})
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"days"}
    client.post(reverse("sign_rule", args=[rule.pk]), {"days": 45, "times": 1})
    rule.refresh_from_db()
    assert (rule.active, rule.days) == (False, 45)
    make.sign_in(client, school.homeroom[0])
    assert client.get(reverse("sign_rules")).status_code == 404


def test_the_class_leads_to_its_signs_and_the_tables_to_their_rules(school, client):
    of_class = reverse("class_tiles", args=[school.classes[0].pk])

    def links(path: str, to: str) -> bool:
        return f'href="{reverse(to)}"' in client.get(path).content.decode()

    make.sign_in(client, school.homeroom[0])
    assert links(of_class, "early_signs")
    assert links(reverse("early_signs"), "my_class")
    make.sign_in(client, school.principal, "principal")
    assert not links(of_class, "early_signs")
    for kind in ("administrator", "director"):
        make.sign_in(client, make.bureau_post(kind), kind)
        assert links(reverse("care_tables"), "sign_rules")
        assert links(reverse("sign_rules"), "care_tables")
        assert links(reverse("sign_rule", args=[SignRule.objects.get(kind="no_contact").pk]), "care_tables")
