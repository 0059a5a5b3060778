"""Who reads what in the thread of a case: said before it is sent, and never more afterwards."""

import uuid
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiafang.access import Actor, reading, scope
from jiafang.care.models import CaseAction, CaseFile, CaseReader, CaseStep, Message, MessageReceipt, Side
from jiafang.care.selectors.thread import audiences, readers_by_side, thread
from jiafang.care.services.act import add_action
from jiafang.care.services.choosable import people_to_choose
from jiafang.care.services.confirm import deny_case
from jiafang.care.services.propose import propose_result
from jiafang.care.services.say import LONGEST, mark_thread_read, say
from jiafang.common.clock import now, today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.notifications.models import Notification
from jiafang.organization.models import Guardianship, Person
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.oracle.changes import undone

pytestmark = pytest.mark.django_db


@dataclass
class Parties:
    """A mother's matter that a cadre reads as well: three sides, and two who are none of them."""

    case: CaseFile
    mother: Actor
    teacher: Actor
    cadre: Actor
    others: list[Actor]

    @property
    def sides(self) -> dict[str, Actor]:
        return {Side.FAMILY: self.mother, Side.SCHOOL: self.teacher, Side.BUREAU: self.cadre}


def parties() -> Parties:
    make.bureau_post("director")
    school = made.small_school(classes=2, students=1)
    child = school.students[0][0]
    mother = make.guardian_of(child)
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=school.school)
    case = care.student_case(make.actor_of(mother, "guardian"), child)
    CaseReader.unscoped.create(case=case, person=cadre, kind="cadre", side=Side.BUREAU, why=CaseReader.Why.NAMED)
    return Parties(
        case=case,
        mother=make.actor_of(mother, "guardian"),
        teacher=make.actor_of(school.homeroom[0], "teacher"),
        cadre=make.actor_of(cadre, "cadre"),
        others=[
            make.actor_of(school.subject[0], "teacher"),
            make.actor_of(school.principal, "principal"),
            make.actor_of(make.guardian_of(child, relation=Guardianship.Relation.FATHER, is_primary=False), "guardian"),
        ],
    )


@pytest.fixture
def three():
    return parties()


def texts(actor, case):
    with reading(actor):
        return [line.text for line in thread(actor, case)]


def test_an_inner_note_is_read_at_work_and_by_no_family(three):
    say(by=three.teacher, case_id=three.case.pk, text="先别告诉家里", audience=[Side.BUREAU])
    say(by=three.teacher, case_id=three.case.pk, text="明天放学聊聊", audience=[Side.FAMILY])
    assert texts(three.teacher, three.case) == ["先别告诉家里", "明天放学聊聊"]
    assert texts(three.cadre, three.case) == ["先别告诉家里"]
    assert texts(three.mother, three.case) == ["明天放学聊聊"]
    for outsider in three.others:
        assert texts(outsider, three.case) == []
        with reading(outsider):
            assert not Message.unscoped.exists()


def test_whoever_is_no_reader_writes_nothing(three):
    for outsider in three.others:
        with pytest.raises(NotAllowed):
            say(by=outsider, case_id=three.case.pk, text="我也说一句", audience=[])
        with pytest.raises(NotAllowed):
            mark_thread_read(by=outsider, case_id=three.case.pk)
    with pytest.raises(NotAllowed):
        say(by=three.teacher, case_id=three.case.pk + 1, text="没有这件事", audience=[])


def test_a_side_without_readers_cannot_be_addressed(three):
    with pytest.raises(InputFault) as fault:
        say(by=three.teacher, case_id=three.case.pk, text="说给谁", audience=[Side.TEACHER])
    assert fault.value.place == "audience"


@pytest.mark.parametrize("text", ["", "  \n", "长" * (LONGEST + 1)])
def test_a_message_without_words_or_with_too_many_is_refused(three, text):
    with pytest.raises(InputFault) as fault:
        say(by=three.teacher, case_id=three.case.pk, text=text, audience=[])
    assert fault.value.place == "text"


def test_what_is_sent_twice_is_said_once(three):
    origin = uuid.uuid4()
    first, again = (
        say(by=three.mother, case_id=three.case.pk, text="谢谢老师", audience=[Side.SCHOOL], origin=origin)
        for _ in range(2)
    )
    assert first.pk == again.pk
    assert Message.unscoped.count() == 1
    assert Notification.unscoped.filter(code="case.message").count() == 1
    with pytest.raises(NotAllowed):
        say(by=three.teacher, case_id=three.case.pk, text="谢谢老师", audience=[], origin=origin)


def test_whoever_joined_after_it_was_said_who_reads_is_asked_about_first(three):
    with reading(three.teacher):
        stated = [reader.person_id for reader in readers_by_side(three.teacher, three.case)[Side.FAMILY]]
    father = Person.unscoped.get(pk=three.others[2].person_id)
    CaseReader.unscoped.create(
        case=three.case, person=father, kind="guardian", side=Side.FAMILY, why=CaseReader.Why.CONCERNED
    )
    with pytest.raises(Conflict):
        say(by=three.teacher, case_id=three.case.pk, text="只和您说", audience=[Side.FAMILY], stated=stated)
    assert not Message.unscoped.exists()
    say(
        by=three.teacher,
        case_id=three.case.pk,
        text="和你们两位说",
        audience=[Side.FAMILY],
        stated=[*stated, father.pk],
    )
    assert texts(three.others[2], three.case) == ["和你们两位说"]


def test_a_side_that_joins_later_reads_nothing_of_before(three):
    CaseReader.unscoped.filter(case=three.case, side=Side.BUREAU).delete()
    say(by=three.mother, case_id=three.case.pk, text="这话只和学校说", audience=[Side.SCHOOL])
    CaseReader.unscoped.create(
        case=three.case, person_id=three.cadre.person_id, kind="cadre", side=Side.BUREAU, why=CaseReader.Why.NAMED
    )
    assert texts(three.cadre, three.case) == []


def test_receipts_say_who_has_read(three):
    say(by=three.teacher, case_id=three.case.pk, text="明天放学聊聊", audience=[Side.FAMILY])
    with reading(three.mother):
        assert [line.new for line in thread(three.mother, three.case)] == [True]
    assert mark_thread_read(by=three.mother, case_id=three.case.pk) == 1
    assert mark_thread_read(by=three.mother, case_id=three.case.pk) == 0
    assert MessageReceipt.unscoped.count() == 1
    with reading(three.teacher):
        assert [line.read_by for line in thread(three.teacher, three.case)] == [[three.mother.name]]
    with reading(three.mother):
        assert [(line.new, line.read_by) for line in thread(three.mother, three.case)] == [(False, [])]


def test_of_what_one_may_not_read_no_receipt_is_left(three):
    say(by=three.teacher, case_id=three.case.pk, text="先别告诉家里", audience=[Side.BUREAU])
    assert mark_thread_read(by=three.mother, case_id=three.case.pk) == 0
    assert not MessageReceipt.unscoped.exists()


def test_each_who_can_read_it_is_told_in_the_capacity_of_the_case(three):
    say(by=three.mother, case_id=three.case.pk, text="孩子夜里总醒", audience=[Side.SCHOOL, Side.BUREAU])
    told = Notification.unscoped.filter(code="case.message")
    assert set(told.values_list("person_id", "capacity_kind", "object_id")) == {
        (three.teacher.person_id, "teacher", str(three.case.pk)),
        (three.cadre.person_id, "cadre", str(three.case.pk)),
    }


@given(
    said=st.lists(
        st.tuples(
            st.sampled_from([Side.FAMILY, Side.SCHOOL, Side.BUREAU]),
            st.sets(st.sampled_from([Side.FAMILY, Side.SCHOOL, Side.BUREAU])),
        ),
        max_size=6,
    )
)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_stated_before_sending_is_what_holds(said):
    """Whoever was named for the chosen audience reads the message, and nobody else in the house."""
    with undone():
        three = parties()
        for n, (side, audience) in enumerate(said):
            author = three.sides[side]
            with reading(author):
                offered = {one.sides: one for one in audiences(author, three.case, readers_by_side(author, three.case))}
            wanted = tuple(sorted({side, *audience}))
            if wanted not in offered:
                assert wanted == (Side.FAMILY,)
                continue
            say(by=author, case_id=three.case.pk, text=f"第{n}句", audience=audience)
            may = {reader.person_id for reader in offered[wanted].people} | {author.person_id}
            for actor in [*three.sides.values(), *three.others]:
                with reading(actor):
                    reads = f"第{n}句" in [row.text for row in scope(actor, Message)]
                assert reads == (actor.person_id in may), (actor.kind, wanted)


def test_a_parent_who_is_asked_later_reads_nothing_that_was_said_or_done_before(three):
    """What a mother wrote of the father is not his to read because he is asked whether it is solved."""
    father, case = three.others[2], three.case
    CaseFile.unscoped.filter(pk=case.pk).update(raised_by=three.teacher.person_id, raised_as="teacher")
    say(by=three.mother, case_id=case.pk, text="家里打人", audience=[Side.SCHOOL])
    mark_thread_read(by=three.teacher, case_id=case.pk)
    add_action(by=three.teacher, case_id=case.pk, kind="talk", on=today(), text="妈妈带孩子住外婆家", shared=True)
    propose_result(by=three.teacher, case_id=case.pk, result="solved", words="说好了")
    deny_case(by=three.mother, case_id=case.pk, words="他又动手了")
    propose_result(by=three.teacher, case_id=case.pk, result="solved", words="办好了", ask_person_id=father.person_id)
    say(by=father, case_id=case.pk, text="我来说一句", audience=[Side.SCHOOL])
    assert texts(father, case) == ["我来说一句"]
    with reading(father):
        assert {row.text for row in Message.unscoped.all()} == {"我来说一句"}
        assert not MessageReceipt.unscoped.exists()
        assert not CaseAction.unscoped.exists()
        assert "他又动手了" not in {row.note for row in CaseStep.unscoped.all()}
    assert not scope(father, MessageReceipt).exists()
    assert not scope(father, CaseAction).exists()
    assert {row.verb for row in scope(father, CaseStep)} == {"propose"}
    assert texts(three.mother, case) == ["家里打人", "我来说一句"]


def test_what_one_has_written_oneself_is_read_when_one_comes_again(three):
    say(by=three.mother, case_id=three.case.pk, text="我说过的话", audience=[Side.SCHOOL])
    say(by=three.teacher, case_id=three.case.pk, text="当时的回话", audience=[Side.FAMILY])
    CaseReader.unscoped.filter(case=three.case, side=Side.FAMILY).update(since=now())
    assert texts(three.mother, three.case) == ["我说过的话"]
    with reading(three.mother):
        assert [row.text for row in Message.unscoped.all()] == ["我说过的话"]


def test_as_long_as_the_parent_who_raised_it_reads_nobody_asks_the_other(three):
    father = three.others[2]
    with pytest.raises(InputFault) as fault:
        propose_result(
            by=three.teacher, case_id=three.case.pk, result="solved", words="好了", ask_person_id=father.person_id
        )
    assert fault.value.place == "ask_person_id"
    with reading(three.teacher):
        assert father.person_id not in dict(people_to_choose(by=three.teacher, case=three.case).confirmers)
