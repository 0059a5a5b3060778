"""What a phone is given about cases: where those stand that its owner reads, without a word of their text."""

import uuid
from contextlib import nullcontext

import pytest
from django.urls import reverse

from jiafang.campaigns.models import Tier
from jiafang.care.models import CaseFile
from jiafang.care.services.confirm import confirm_case
from jiafang.care.services.propose import propose_result
from jiafang.visits.body import ConcernDraft
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as write
from tests.factories.phones import PhoneOf
from tests.fence import without_the_second_fence
from tests.queries import query_count

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "夜里两点还没睡,哭过两回"


@pytest.fixture
def campaign(school, child):
    running = made.launched(school.by, school.school)
    write.appointment(running, [child])
    return running


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


def fetch(person, kind="teacher"):
    phone = PhoneOf(person, kind)
    return phone.client.get(reverse("api:phone_bundle"), headers=phone.headers)


def person_in(answer, person):
    return answer.json()["people"][str(person.pk)]


def test_the_owner_of_a_case_finds_where_it_stands_and_nothing_of_its_text(school, campaign, child, teacher):
    care.student_case(teacher, child, text=TEXT, alert_tier="orange")
    answer = fetch(school.homeroom[0])
    due = CaseFile.unscoped.get().due.isoformat()
    assert person_in(answer, child)["cases"] == [
        {"school": "", "category": "生活", "tier": "orange", "state": "open", "due": due}
    ]
    assert person_in(answer, school.students[0][1])["cases"] == []
    assert TEXT not in answer.content.decode()


@pytest.mark.parametrize("fences", [nullcontext, without_the_second_fence])
def test_who_comes_along_is_given_nothing_of_a_case_that_is_not_theirs_to_read(
    school, campaign, child, teacher, fences
):
    care.student_case(teacher, child, text=TEXT, alert_tier="orange")
    with fences():
        answer = fetch(school.subject[0])
    assert person_in(answer, child)["cases"] == []
    assert TEXT not in answer.content.decode()


def test_a_closed_case_goes_from_the_phone_with_the_concern_that_it_came_from(school, campaign, child, teacher):
    concern = ConcernDraft(uuid.uuid4(), child.pk, "life", "yellow", TEXT)
    write.record(teacher, [made.duty_of(campaign, child)], concerns=[concern])
    case = CaseFile.unscoped.get()
    told = person_in(fetch(school.homeroom[0]), child)
    assert ([one["text"] for one in told["concerns"]], len(told["cases"])) == ([TEXT], 1)
    mother = make.guardian_of(child)
    propose_result(by=teacher, case_id=case.pk, result="solved", words="睡得好了", ask_person_id=mother.pk)
    confirm_case(by=make.actor_of(mother, "guardian"), case_id=case.pk)
    told = person_in(fetch(school.homeroom[0]), child)
    assert (told["concerns"], told["cases"]) == ([], [])


def test_a_cadre_finds_the_cases_of_the_school_with_its_principal_and_no_others(school):
    _section, head = care.bureau_section()
    make.PairingFactory(cadre=head, school=school.school)
    make.PairingFactory(cadre=make.bureau_post("cadre"), school=school.school)
    campaign = made.launched(make.actor_of(make.bureau_post("director"), "director"), None, Tier.BUREAU_PRINCIPAL)
    duty = made.duty_of(campaign, school.principal)
    lead = duty.group.lead
    boiler = ConcernDraft(uuid.uuid4(), school.principal.pk, "conditions", "green", "锅炉坏了")
    write.record(make.actor_of(lead, "cadre"), [duty], concerns=[boiler])
    answer = fetch(lead, "cadre")
    (case,) = person_in(answer, school.principal)["cases"]
    assert (case["school"], case["category"]) == (school.school.name, "办学条件")
    assert "leads" not in answer.json()["duties"][str(duty.pk)]


def test_three_cases_cost_what_one_costs(school, campaign, child, teacher):
    costs = []
    for number in range(3):
        care.student_case(teacher, child if number else school.students[0][1])
        fetch(school.homeroom[0])
        costs.append(query_count(lambda: fetch(school.homeroom[0])))
    assert costs[0] == costs[2]
