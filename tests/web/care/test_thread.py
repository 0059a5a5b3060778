"""Writing on the page of a case: who can read it is said before it is sent, and nothing that was typed is lost."""

import html
import re

import pytest
from django.urls import reverse

from jiafang.care.models import CaseReader, Message, MessageReceipt, Side
from jiafang.care.services.say import say
from jiafang.organization.models import Person
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.django_db
INNER, TO_FAMILY = "只在学校内部", "和家里说"


class Ground:
    """A mother's matter on which the homeroom teacher works and the counselor reads."""

    def __init__(self) -> None:
        make.bureau_post("director")
        self.school = made.small_school()
        self.counselor = make.school_post("counselor", self.school.school)
        self.teacher = self.school.homeroom[0]
        child = self.school.students[0][0]
        self.mother = make.guardian_of(child)
        self.father = make.guardian_of(child, is_primary=False)
        self.case = care.student_case(make.actor_of(self.mother, "guardian"), child, alert_tier="yellow")

    def let_read(self, person: Person, kind: str, side: str) -> None:
        CaseReader.unscoped.create(case=self.case, person=person, kind=kind, side=side, why=CaseReader.Why.NAMED)

    def page(self, client) -> str:
        return client.get(reverse("case", args=[self.case.pk])).content.decode()


@pytest.fixture
def ground():
    return Ground()


def audiences(page: str) -> dict[str, tuple[str, str]]:
    """What is offered: word → (who can read it, the value that is sent)."""
    form = page[page.index('class="form case-say"') :]
    found = re.findall(
        r'name="audience" value="([^"]*)".*?<span class="option-words"><span>(.*?)</span><span[^>]*>(.*?)</span>',
        form,
        re.S,
    )
    return {html.unescape(word): (html.unescape(who), value) for value, word, who in found}


def origin(page: str) -> str:
    found = re.search(r'name="origin" value="([0-9a-f-]+)"', page[page.index('class="form case-say"') :])
    assert found
    return found[1]


def send(client, ground, page, word, text="明天放学聊聊"):
    told = {"origin": origin(page), "text": text, "audience": audiences(page)[word][1]}
    return client.post(reverse("case_say", args=[ground.case.pk]), told)


def test_everybody_who_can_read_is_named_before_sending(client, ground):
    make.sign_in(client, ground.teacher)
    offered = audiences(ground.page(client))
    assert set(offered) == {INNER, TO_FAMILY}
    assert ground.counselor.name in offered[INNER][0]
    assert ground.mother.name not in offered[INNER][0]
    assert ground.counselor.name in offered[TO_FAMILY][0]
    assert ground.mother.name in offered[TO_FAMILY][0]
    assert ground.father.name not in "".join(who for who, _value in offered.values())


def test_a_family_chooses_with_whom_it_speaks(client, ground):
    ground.let_read(make.bureau_post("cadre"), "cadre", Side.BUREAU)
    make.sign_in(client, ground.mother)
    assert set(audiences(ground.page(client))) == {"和教育局说", "和学校说", "和教育局、学校说"}


def test_an_inner_note_stands_on_the_pages_at_work_alone(client, ground):
    make.sign_in(client, ground.teacher)
    page = ground.page(client)
    assert send(client, ground, page, INNER, text="先别告诉家里").status_code == 302
    make.sign_in(client, ground.counselor, "counselor")
    assert "先别告诉家里" in ground.page(client)
    make.sign_in(client, ground.mother)
    assert "先别告诉家里" not in ground.page(client)


def test_whoever_joined_meanwhile_is_shown_before_it_is_sent(client, ground):
    make.sign_in(client, ground.teacher)
    page = ground.page(client)
    ground.let_read(ground.father, "guardian", Side.FAMILY)
    answer = send(client, ground, page, TO_FAMILY, text="只想和妈妈说的话")
    assert answer.status_code == 422
    assert not Message.unscoped.exists()
    again = answer.content.decode()
    assert "只想和妈妈说的话" in again
    assert "能看到的人刚刚变了" in again
    assert ground.father.name in audiences(again)[TO_FAMILY][0]
    assert send(client, ground, again, TO_FAMILY).status_code == 302


def test_an_audience_that_was_not_offered_is_refused(client, ground):
    make.sign_in(client, ground.mother)
    page = ground.page(client)
    told = {"origin": origin(page), "text": "想只和家里说"}
    for audience in ("", "bureau+family:1", "family:", "school:1"):
        answer = client.post(reverse("case_say", args=[ground.case.pk]), told | {"audience": audience})
        assert answer.status_code == 422
        assert "想只和家里说" in answer.content.decode()
    assert not Message.unscoped.exists()


def test_sent_twice_it_is_said_once(client, ground):
    make.sign_in(client, ground.mother)
    page = ground.page(client)
    for _ in range(2):
        assert send(client, ground, page, "和学校说").status_code == 302
    assert Message.unscoped.count() == 1


def test_looking_leaves_no_receipt_and_having_read_does(client, ground):
    teacher = make.actor_of(ground.teacher, "teacher")
    say(by=teacher, case_id=ground.case.pk, text="明天放学聊聊", audience=[Side.FAMILY])
    make.sign_in(client, ground.mother)
    page = ground.page(client)
    assert "hx-post" in page[page.index('id="thread-said"') :][:200]
    assert not MessageReceipt.unscoped.exists()
    part = client.post(reverse("case_read", args=[ground.case.pk]), headers={"HX-Request": "true"})
    assert "明天放学聊聊" in part.content.decode()
    assert "hx-post" not in part.content.decode()
    assert MessageReceipt.unscoped.get().person == ground.mother
    assert client.post(reverse("case_read", args=[ground.case.pk])).status_code == 302
    assert MessageReceipt.unscoped.count() == 1
    make.sign_in(client, ground.teacher)
    assert f"已读:{ground.mother.name}" in ground.page(client)


def test_what_is_unread_in_the_thread_does_not_stand_on_the_bell(client, ground):
    say(by=make.actor_of(ground.teacher, "teacher"), case_id=ground.case.pk, text="在吗", audience=[Side.FAMILY])
    make.sign_in(client, ground.mother)
    assert ">True<" not in ground.page(client)
