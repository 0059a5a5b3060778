"""What is heard about each of those met is written down for each of them, and read by those who may."""

import json
import uuid
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiafang.access import Actor, reading, scope
from jiafang.campaigns.models import Campaign, Channel, Duty, Tier, VisitGroup
from jiafang.common.errors import Conflict, InputFault
from jiafang.keys.models import DataKey
from jiafang.organization.models import Person, Post
from jiafang.visits.body import ConcernDraft, NoteDraft, ParticipantDraft, body_of
from jiafang.visits.limits import MAX_DUTIES, MAX_TEXT
from jiafang.visits.models import Note, RaisedConcern, Visit, VisitRevision
from jiafang.visits.selectors.records import record_page
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.fence import as_in_production
from tests.queries import query_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


@pytest.fixture
def siblings(school, campaign):
    return [made.duty_of(campaign, child) for child in school.students[0][:2]]


def worry(person: Person, **fields) -> ConcernDraft:
    draft = ConcernDraft(uuid.uuid4(), person.pk, "mind", "yellow", "晚上常睡不着")
    return replace(draft, **fields)


def told(actor: Actor, model: type[Note] | type[RaisedConcern]) -> set[str]:
    """The texts that somebody reads; the database by itself shows just these."""
    with reading(actor):
        texts = {row.text for row in scope(actor, model)}
    with as_in_production(), reading(actor):
        assert {row.text for row in model.unscoped.all()} == texts
    return texts


def test_each_of_two_siblings_has_own_notes_under_an_own_key(teacher, siblings):
    older, younger = (duty.person for duty in siblings)
    visit = write.record(
        teacher,
        siblings,
        notes=[NoteDraft(older.pk, "study", "姐姐自己订计划"), NoteDraft(younger.pk, "mind", " 弟弟怕黑 ")],
    )
    saved = {(note.person_id, note.axis): note.text for note in Note.unscoped.filter(visit=visit)}
    assert saved == {(older.pk, "study"): "姐姐自己订计划", (younger.pk, "mind"): "弟弟怕黑"}
    keys = DataKey.objects.filter(purpose="person", subject__in=[str(older.pk), str(younger.pk)])
    assert keys.values("subject").distinct().count() == 2


def test_notes_alone_are_a_record(teacher, siblings):
    note = NoteDraft(siblings[0].person_id, "life", "早睡早起")
    assert write.record(teacher, siblings[:1], finding="", notes=[note]).finding == ""


def test_the_same_notes_in_another_order_are_the_same_record(teacher, siblings):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    notes = [NoteDraft(duty.person_id, "", "都好") for duty in siblings]
    concerns = [worry(duty.person) for duty in siblings]
    write.record(teacher, siblings, notes=notes, concerns=concerns, **same)
    again = write.record(teacher, siblings, notes=notes[::-1], concerns=concerns[::-1], **same)
    assert again.revision == 1
    assert RaisedConcern.unscoped.count() == 2


def test_a_record_without_the_new_parts_has_the_hash_that_it_always_had(teacher, siblings):
    body = body_of(write.record(teacher, siblings[:1]))
    assert not {"notes", "concerns", "answers"} & json.loads(body.to_text()).keys()


def test_a_saved_record_gives_back_the_body_that_was_sent(teacher, siblings):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    parts = {
        "notes": [NoteDraft(siblings[0].person_id, "mind", "情绪好多了")],
        "concerns": [worry(siblings[1].person, follow_up=False)],
    }
    visit = write.record(teacher, siblings, **parts, **same)
    body = body_of(Visit.unscoped.get(pk=visit.pk))
    assert body.notes == tuple(parts["notes"])
    assert body.concerns == tuple(parts["concerns"])
    assert body.hash == visit.body_hash


def test_a_concern_withdrawn_later_stays_in_the_earlier_revision(teacher, siblings):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    child = siblings[0].person
    kept, withdrawn = worry(child, text="睡不着"), worry(child, text="记错了人的事", alert_tier="orange")
    write.record(teacher, siblings, concerns=[kept, withdrawn], **same)
    raised = RaisedConcern.unscoped.get(pk=kept.id).raised_at
    write.record(teacher, siblings, concerns=[replace(kept, alert_tier="orange")], **same)
    [row] = RaisedConcern.unscoped.all()
    assert (row.pk, row.alert_tier, row.raised_at) == (kept.id, "orange", raised)
    assert "记错了人的事" in VisitRevision.unscoped.get().body


def test_notes_that_a_correction_drops_stay_in_the_earlier_revision(teacher, siblings):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, siblings, notes=[NoteDraft(siblings[0].person_id, "life", "爷爷接送")], **same)
    write.record(teacher, siblings, notes=[NoteDraft(siblings[0].person_id, "life", "奶奶接送")], **same)
    assert Note.unscoped.get().text == "奶奶接送"
    assert "爷爷接送" in VisitRevision.unscoped.get().body


TEXT = st.text(alphabet="好妙\n 0'\"\\{}…👪", max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    st.lists(
        st.tuples(TEXT, st.dictionaries(st.tuples(st.booleans(), st.sampled_from(["", "study", "mind"])), TEXT)),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_was_written_is_there_again_in_one_revision_or_another(teacher, siblings, versions):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    written = []
    for finding, heard in versions:
        notes = [NoteDraft(siblings[second].person_id, axis, f"记{text}") for (second, axis), text in heard.items()]
        visit = write.record(teacher, siblings, finding=f"见{finding}", notes=notes, **same)
        body = body_of(Visit.unscoped.get(pk=visit.pk))
        assert (body.finding, body.notes) == (
            f"见{finding}".strip(),
            tuple(sorted(replace(note, text=note.text.strip()) for note in notes)),
        )
        if not written or written[-1] != body.to_text():
            written.append(body.to_text())
    earlier = VisitRevision.unscoped.filter(visit_id=same["visit_id"]).order_by("revision")
    assert [*(revision.body for revision in earlier), body.to_text()] == written


def test_notes_on_an_axis_that_was_given_up_since_are_still_read_at_the_end(teacher, siblings):
    child = siblings[0].person
    visit = write.record(
        teacher, siblings, notes=[NoteDraft(child.pk, "mind", "开朗"), NoteDraft(child.pk, "", "都好")]
    )
    Note.unscoped.create(visit=visit, person=child, axis="housework", text="会做饭")
    with reading(teacher):
        page = record_page(teacher, visit.pk)
    assert page is not None
    assert [heard.notes for heard in page.heard] == [[("", "都好"), ("心理", "开朗"), ("", "会做饭")]]


def test_a_concern_of_another_record_cannot_be_taken_over(teacher, siblings):
    concern = worry(siblings[0].person)
    write.record(teacher, siblings, concerns=[concern])
    with pytest.raises(InputFault) as fault:
        write.record(teacher, siblings, concerns=[replace(concern, text="别的事")])
    assert fault.value.place == "concerns"
    assert RaisedConcern.unscoped.get().text == concern.text


def test_each_participant_has_an_own_channel(teacher, siblings):
    present = [
        ParticipantDraft(relation="奶奶", channel=Channel.ONSITE),
        ParticipantDraft(relation="父亲", channel=Channel.VIDEO),
    ]
    visit = write.record(teacher, siblings, channel=Channel.ONSITE, participants=present)
    assert body_of(visit).participants == tuple(present)


BAD = {
    "a stranger": ("notes", lambda child, other: {"notes": [NoteDraft(other.pk, "", "都好")]}),
    "no such axis": ("notes", lambda child, other: {"notes": [NoteDraft(child.pk, "teaching", "都好")]}),
    "no words": ("notes", lambda child, other: {"notes": [NoteDraft(child.pk, "", "  ")]}),
    "twice": ("notes", lambda child, other: {"notes": [NoteDraft(child.pk, "", word) for word in "好妙"]}),
    "too long": ("notes", lambda child, other: {"notes": [NoteDraft(child.pk, "", "好" * (MAX_TEXT + 1))]}),
    "half a sign": ("notes", lambda child, other: {"notes": [NoteDraft(child.pk, "", "\ud83d")]}),
    "a worry about a stranger": ("concerns", lambda child, other: {"concerns": [worry(other)]}),
    "no such category": ("concerns", lambda child, other: {"concerns": [worry(child, category="天气")]}),
    "no such tier": ("concerns", lambda child, other: {"concerns": [worry(child, alert_tier="purple")]}),
    "a worry without words": ("concerns", lambda child, other: {"concerns": [worry(child, text=" ")]}),
    "no such revision": ("base_revision", lambda child, other: {"base_revision": -1}),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_heard_about_those_met_is_refused_at_its_place(teacher, siblings, case):
    place, fields = BAD[case]
    with pytest.raises(InputFault) as fault:
        write.record(teacher, siblings[:1], **fields(siblings[0].person, siblings[1].person))
    assert fault.value.place == place
    assert not Visit.unscoped.exists()


def test_a_first_record_follows_the_revision_that_it_names(teacher, siblings):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    assert write.record(teacher, siblings, finding="第三次", base_revision=2, **same).revision == 3
    with pytest.raises(Conflict):
        write.record(teacher, siblings, finding="第一次", base_revision=0, **same)
    assert write.record(teacher, siblings, finding="第四次", base_revision=3, **same).revision == 4


# Who reads them.


def test_notes_of_a_family_are_read_with_the_record_and_by_nobody_else(school, campaign, teacher, siblings):
    write.record(
        teacher,
        siblings,
        notes=[NoteDraft(siblings[0].person_id, "mind", "泄露的话")],
        concerns=[worry(siblings[0].person, text="泄露的事")],
    )
    guardian = make.actor_of(make.guardian_of(siblings[0].person), "guardian")
    readers = [teacher, school.by]
    others = [make.actor_of(school.homeroom[1], "teacher"), make.actor_of(school.subject[1], "teacher"), guardian]
    assert [told(actor, Note) for actor in readers] == [{"泄露的话"}] * 2
    assert [told(actor, RaisedConcern) for actor in readers] == [{"泄露的事"}] * 2
    assert [told(actor, model) for actor in others for model in (Note, RaisedConcern)] == [set()] * 6


@pytest.fixture
def along(school, campaign):
    """A colleague who comes along to the home of the own child; the homeroom teacher writes."""
    colleague, child = school.subject[0], school.students[0][0]
    make.guardian_of(child, colleague)
    return make.actor_of(colleague, "teacher")


def test_what_a_colleague_wrote_about_an_own_child_is_not_read(school, campaign, teacher, siblings, along):
    appointment = write.appointment(campaign, [duty.person for duty in siblings])
    write.record(
        teacher,
        siblings,
        appointment=appointment,
        notes=[
            NoteDraft(siblings[0].person_id, "mind", "和妈妈吵架"),
            NoteDraft(siblings[1].person_id, "mind", "开朗"),
        ],
        concerns=[worry(siblings[0].person)],
    )
    assert told(along, Note) == {"开朗"}
    assert told(along, RaisedConcern) == set()
    with reading(along):
        assert not scope(along, VisitRevision).exists()


def test_a_correction_by_its_parent_loses_nothing_that_was_written_about_a_child(
    school, campaign, teacher, siblings, along
):
    appointment = write.appointment(campaign, [duty.person for duty in siblings])
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago(), "appointment": appointment}
    hidden = NoteDraft(siblings[0].person_id, "mind", "和妈妈吵架")
    concern = worry(siblings[0].person)
    write.record(teacher, siblings, notes=[hidden], concerns=[concern], **same)
    changed = write.record(along, siblings, notes=[NoteDraft(siblings[1].person_id, "mind", "开朗")], **same)
    assert set(body_of(changed).notes) == {hidden, NoteDraft(siblings[1].person_id, "mind", "开朗")}
    assert body_of(changed).concerns == (concern,)
    with pytest.raises(InputFault):
        write.record(along, siblings, notes=[NoteDraft(siblings[0].person_id, "mind", "没有吵架")], **same)


@pytest.fixture
def talks(school):
    """A bureau that visits teachers; two cadres answer for one school, of whom one comes."""
    director = make.actor_of(make.bureau_post(Post.Kind.DIRECTOR), "director")
    cadre, colleague = (make.bureau_post(Post.Kind.CADRE) for _ in range(2))
    make.PairingFactory(cadre=cadre, school=school.school)
    running: Campaign = made.launched(director, None, Tier.BUREAU_TEACHER)
    group = VisitGroup.unscoped.get(campaign=running, lead=cadre)
    group.co_visitors.add(colleague)
    return running, make.actor_of(cadre, "cadre"), make.actor_of(colleague, "cadre")


def test_what_a_teacher_tells_of_home_and_health_is_read_by_whoever_came_alone(talks):
    running, cadre, colleague = talks
    duty = Duty.unscoped.filter(campaign=running, group__lead=cadre.person_id).first()
    words = {"family": "母亲住院", "health": "腰不好", "teaching": "想学信息技术", "": "说了些心里话"}
    write.record(
        cadre,
        [duty],
        notes=[NoteDraft(duty.person_id, axis, text) for axis, text in words.items()],
        concerns=[
            worry(duty.person, category="health", text="要做手术"),
            worry(duty.person, category="teaching", text="缺教材"),
        ],
    )
    assert told(cadre, Note) == set(words.values())
    assert told(colleague, Note) == {"想学信息技术"}
    assert told(colleague, RaisedConcern) == {"缺教材"}
    write.record(cadre, [duty], visit_id=Visit.unscoped.get().pk, finding="改过")
    with reading(colleague):
        assert scope(colleague, Visit).count() == 1
        assert not scope(colleague, VisitRevision).exists()
    with reading(cadre):
        assert scope(cadre, VisitRevision).count() == 1


def test_a_whole_teachers_room_is_one_record_and_costs_as_many_questions_as_a_talk_with_three(talks):
    running, cadre, _colleague = talks
    group = VisitGroup.unscoped.get(campaign=running, lead=cadre.person_id)
    rooms = []
    for size in (3, 40):
        people = [make.PersonFactory() for _ in range(size)]
        rooms.append(
            Duty.unscoped.bulk_create(
                Duty(campaign=running, person=person, group=group, school=group.school, due=running.end)
                for person in people
            )
        )
    first, corrected = [], []
    for duties in rooms:
        same = {
            "visit_id": uuid.uuid4(),
            "participants": [ParticipantDraft("本人", Channel.AT_SCHOOL, duty.person_id) for duty in duties],
            "notes": [NoteDraft(duty.person_id, "teaching", "教学顺手") for duty in duties],
            "follow_up": True,
        }
        first.append(query_count(partial(write.record, cadre, duties, **same)))
        corrected.append(query_count(partial(write.record, cadre, duties, **same | {"follow_up": False})))
    assert first[0] == first[1]
    assert corrected[0] == corrected[1]
    assert Note.unscoped.count() == 43
    assert not Duty.unscoped.filter(pk__in=[duty.pk for room in rooms for duty in room]).exclude(state="met").exists()


def test_more_people_than_fit_into_a_room_are_refused(talks):
    running, cadre, _colleague = talks
    with pytest.raises(InputFault) as fault:
        write.record(cadre, [Duty(pk=pk, campaign=running) for pk in range(1, MAX_DUTIES + 2)])
    assert fault.value.place == "duties"
