"""What a visitor is told before a visit about cases: where those stand that are theirs to read, and no others."""

import datetime as dt
import uuid
from contextlib import nullcontext

import pytest
from django.urls import reverse

from jiafang.campaigns.models import Tier
from jiafang.care.models import CaseFile
from jiafang.care.services.act import add_action
from jiafang.care.services.confirm import confirm_case
from jiafang.care.services.merge import merge_cases
from jiafang.care.services.propose import propose_result
from jiafang.common.clock import today
from jiafang.visits.body import ConcernDraft
from jiafang.web.visits.words import dated
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as write
from tests.fence import without_the_second_fence
from tests.queries import query_count

pytestmark = pytest.mark.django_db
HEADING = "还没办完的事"
TEXT = "夜里两点还没睡,哭过两回"
WITH_AND_WITHOUT_THE_DATABASE = pytest.mark.parametrize("fences", [nullcontext, without_the_second_fence])


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


def page_of(client, person, name, pk, kind=None) -> str:
    make.sign_in(client, person, kind)
    answer = client.get(reverse(name, args=[pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def heard(teacher, campaign, child, text=TEXT) -> CaseFile:
    """A concern of a visit, with the case that it has become."""
    concern = ConcernDraft(uuid.uuid4(), child.pk, "life", "yellow", text)
    write.record(teacher, [made.duty_of(campaign, child)], concerns=[concern])
    return CaseFile.unscoped.get(origin=concern.id)


def settle(teacher, case, child) -> None:
    mother = make.guardian_of(child)
    propose_result(by=teacher, case_id=case.pk, result="solved", words="睡得好了", ask_person_id=mother.pk)
    confirm_case(by=make.actor_of(mother, "guardian"), case_id=case.pk)


@pytest.mark.parametrize("name", ["brief", "student_sheet"])
def test_who_reads_a_case_is_told_where_it_stands_and_led_to_it(client, school, campaign, child, teacher, name):
    case = care.student_case(teacher, child, text=TEXT, alert_tier="yellow")
    add_action(by=teacher, case_id=case.pk, kind="talk", on=today(), text="谈了一次")
    appointment = write.appointment(campaign, [child])
    page = page_of(client, school.homeroom[0], name, appointment.pk if name == "brief" else child.pk)
    due = CaseFile.unscoped.get().due
    assert HEADING in page
    assert f'<a class="text-link" href="{reverse("case", args=[case.pk])}">生活</a>' in page
    for words in ("留意", "办理中", f"{dated(due)}前"):
        assert words in page
    assert TEXT not in page


@WITH_AND_WITHOUT_THE_DATABASE
def test_who_comes_along_is_told_nothing_of_a_case_that_is_not_theirs_to_read(
    client, school, campaign, child, teacher, fences
):
    case = care.student_case(teacher, child, text=TEXT)
    appointment = write.appointment(campaign, [child])
    with fences():
        page = page_of(client, school.subject[0], "brief", appointment.pk)
    assert child.name in page
    for words in (HEADING, reverse("case", args=[case.pk]), TEXT):
        assert words not in page


def test_who_reads_it_as_a_parent_is_told_nothing_of_it_at_work(client, school, campaign, child, teacher):
    """The alert tier and the work on it are not meant for a family, also where the mother works at the school."""
    case = care.student_case(teacher, child)
    colleague = school.subject[0]
    make.guardian_of(child, colleague)
    propose_result(by=teacher, case_id=case.pk, result="solved", words="好了", ask_person_id=colleague.pk)
    appointment = write.appointment(campaign, [child])
    assert HEADING not in page_of(client, colleague, "brief", appointment.pk, "teacher")


def test_what_waits_for_a_word_is_not_said_to_be_overdue(client, school, campaign, child, teacher):
    case = care.student_case(teacher, child)
    appointment = write.appointment(campaign, [child])
    CaseFile.unscoped.update(due=today() - dt.timedelta(days=3))
    assert "已过 3 天" in page_of(client, school.homeroom[0], "brief", appointment.pk)
    propose_result(by=teacher, case_id=case.pk, result="solved", words="好了", ask_person_id=make.guardian_of(child).pk)
    page = page_of(client, school.homeroom[0], "brief", appointment.pk)
    assert "等确认" in page
    assert "已过" not in page


def test_a_concern_whose_case_is_closed_is_no_longer_to_be_worried_about(client, school, campaign, child, teacher):
    case = heard(teacher, campaign, child)
    appointment = write.appointment(campaign, [child])
    before = page_of(client, school.homeroom[0], "brief", appointment.pk)
    assert TEXT in before
    assert HEADING in before
    settle(teacher, case, child)
    after = page_of(client, school.homeroom[0], "brief", appointment.pk)
    assert TEXT not in after
    assert HEADING not in after
    assert TEXT not in page_of(client, school.homeroom[0], "student_sheet", child.pk)


@WITH_AND_WITHOUT_THE_DATABASE
def test_who_reads_the_record_but_not_the_case_does_not_learn_that_it_was_closed(
    client, school, campaign, child, teacher, fences
):
    case = heard(teacher, campaign, child)
    with fences():
        before = page_of(client, school.principal, "student_sheet", child.pk)
    settle(teacher, case, child)
    with fences():
        after = page_of(client, school.principal, "student_sheet", child.pk)
    for page in (before, after):
        assert TEXT in page
        assert HEADING not in page


def test_a_concern_whose_case_was_joined_to_another_goes_on_with_that(client, school, campaign, child, teacher):
    case, other = heard(teacher, campaign, child), care.student_case(teacher, child, text="同一件事")
    merge_cases(by=teacher, case_id=case.pk, into_id=other.pk, words="是一件事")
    appointment = write.appointment(campaign, [child])
    page = page_of(client, school.homeroom[0], "brief", appointment.pk)
    assert TEXT in page
    assert reverse("case", args=[other.pk]) in page
    assert reverse("case", args=[case.pk]) not in page


def test_a_cadre_who_meets_a_principal_is_told_of_the_cases_of_the_school(client, school):
    _section, head = care.bureau_section()
    make.PairingFactory(cadre=head, school=school.school)
    make.PairingFactory(cadre=make.bureau_post("cadre"), school=school.school)
    director = make.actor_of(make.bureau_post("director"), "director")
    campaign = made.launched(director, None, Tier.BUREAU_PRINCIPAL)
    duty = made.duty_of(campaign, school.principal)
    by = make.actor_of(duty.group.lead, "cadre")
    boiler = ConcernDraft(uuid.uuid4(), school.principal.pk, "conditions", "orange", "锅炉坏了")
    write.record(by, [duty], concerns=[boiler])
    appointment = write.appointment(campaign, [school.principal])
    case = CaseFile.unscoped.get()
    page = page_of(client, duty.group.lead, "brief", appointment.pk, "cadre")
    assert (case.subject_kind, case.person_id) == ("school", None)
    assert f'href="{reverse("case", args=[case.pk])}">办学条件 · {school.school.name}</a>' in page


def test_with_several_to_be_met_each_case_says_whose_it_is_and_the_rest_are_counted(
    client, school, campaign, child, teacher
):
    brother = school.students[0][1]
    for number in range(6):
        care.student_case(teacher, brother if number else child, text=f"第 {number} 件")
    appointment = write.appointment(campaign, [child, brother])
    page = page_of(client, school.homeroom[0], "brief", appointment.pk)
    assert f"生活 · {child.name}</a>" in page
    assert page.count(f"生活 · {brother.name}</a>") == 4
    assert "还有 1 件" in page


def test_three_cases_cost_what_one_costs(client, school, campaign, child, teacher):
    appointment = write.appointment(campaign, [child])
    address = reverse("brief", args=[appointment.pk])
    costs = []
    for number in range(3):
        heard(teacher, campaign, child, text=f"第 {number} 件")
        make.sign_in(client, school.homeroom[0])
        client.get(address)
        costs.append(query_count(lambda: client.get(address)))
    assert costs[0] == costs[2]
