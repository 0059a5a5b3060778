"""A referral: its page, the queue of whoever is asked, and what ends it."""

import pytest
from django.urls import reverse

from jiafang.accounts.models import AuditEntry
from jiafang.care.models import Referral, Role
from jiafang.care.services.propose import propose_result
from jiafang.care.services.refer import refer_case
from tests.factories import care
from tests.factories import organization as make
from tests.web.care.ground import TEXT, Ground, case_ground, page_of, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> Ground:
    return case_ground()


def test_a_referral_shows_its_reason_alone_until_it_is_accepted(client, ground):
    refer_case(
        by=ground.teacher,
        case_id=ground.case.pk,
        to_person_id=ground.counselor.pk,
        to_role=Role.COUNSELOR,
        reason="请您看看",
    )
    row = Referral.unscoped.get()
    address = reverse("referral", args=[row.pk])
    make.sign_in(client, ground.counselor, "counselor")
    page = client.get(address).content.decode()
    assert "请您看看" in page
    assert ground.child.name in page
    assert TEXT not in page
    assert AuditEntry.objects.get(action="case.opened").subjects == [ground.child.pk]
    page_of(client, ground.case, status=404)
    refused = client.post(reverse("referral_answer", args=[row.pk]), {"accept": "no", "words": ""})
    assert refused.status_code == 422
    accepted = client.post(reverse("referral_answer", args=[row.pk]), {"accept": "yes", "words": "我来"})
    assert accepted.url == reverse("case", args=[ground.case.pk])  # nobody else waits
    assert TEXT in page_of(client, ground.case)
    returned = client.post(reverse("referral_return", args=[row.pk]), {"words": "已经平稳"})
    assert returned.url == f"{reverse('case_board')}?part=asked"
    page_of(client, ground.case, status=404)
    for person, kind in [(ground.school.homeroom[1], "teacher"), (ground.school.principal, "principal")]:
        make.sign_in(client, person, kind)
        assert client.get(address).status_code == 404
        assert client.post(reverse("referral_answer", args=[row.pk]), {"accept": "yes"}).status_code == 404


def referred(ground, case) -> Referral:
    told = {"to_person_id": ground.counselor.pk, "to_role": Role.COUNSELOR, "reason": "请看看"}
    return refer_case(by=ground.teacher, case_id=case.pk, **told)


def test_after_an_answer_the_queue_goes_on(client, ground):
    other = care.student_case(ground.teacher, ground.school.students[0][1])
    first, second = referred(ground, ground.case), referred(ground, other)
    make.sign_in(client, ground.counselor, "counselor")
    answer = client.post(reverse("referral_answer", args=[first.pk]), {"accept": "yes"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"{reverse('case_board')}?part=asked"
    assert reverse("referral", args=[second.pk]) in page
    assert reverse("referral", args=[first.pk]) not in page


def test_a_referral_is_taken_back_by_whoever_asked_and_by_nobody_else(client, ground):
    row = referred(ground, ground.case)
    address = reverse("referral_take_back", args=[row.pk])
    for person, kind in [(ground.counselor, "counselor"), (ground.school.homeroom[1], "teacher")]:
        make.sign_in(client, person, kind)
        assert client.post(address).status_code == 404
    make.sign_in(client, ground.school.homeroom[0])
    assert f'action="{address}"' in page_of(client, ground.case)
    assert client.post(address).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == ("returned", "提出转介的人收回了")
    assert f'action="{address}"' not in page_of(client, ground.case)
    assert "已经答复过了" in client.post(address, follow=True).content.decode()
    referred(ground, ground.case)  # and may ask again


def test_a_closed_case_asks_nobody_any_more(client, ground):
    row = referred(ground, ground.case)
    propose_result(
        by=ground.teacher, case_id=ground.case.pk, result="solved", words="好了", ask_person_id=ground.mother.pk
    )
    make.sign_in(client, ground.mother)
    sent(client, ground.case, "confirm", {"words": ""})
    row.refresh_from_db()
    assert (row.state, row.answer) == ("returned", "这件事已经办结,不用再答复")
