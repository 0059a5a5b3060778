"""Who adds questions, what is asked when, and that an older version's answers still land."""

import datetime as dt
from functools import cache

import pytest

from jiafang.access import reading, scope
from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Tier
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.visits.body import Answers
from jiafang.visits.models import QuestionSet, Visit
from jiafang.visits.questions.check import check_answers
from jiafang.visits.questions.faults import WorkbookFault
from jiafang.visits.questions.read import FormRead, read_workbook
from jiafang.visits.questions.versions import asked_of, for_campaign, for_campaigns
from jiafang.visits.questions.words import answers_in_words
from jiafang.visits.services.questions import (
    add_questions,
    discard_questions,
    publish_questions,
    retire_questions,
)
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.queries import query_count
from tests.questions.workbooks import YES_NO, workbook

pytestmark = pytest.mark.django_db

FIRST = workbook(
    [
        {
            "type": "select_one yes_no",
            "name": "phone",
            "label": "孩子有手机吗?",
            "label::English": "Phone?",
            "required": "yes",
        }
    ],
    YES_NO,
    {"form_title": "手机"},
)
SECOND = workbook(
    [
        {"type": "select_one yes_no", "name": "phone", "label": "孩子有手机吗?"},
        {
            "type": "integer",
            "name": "hours",
            "label": "几小时?",
            "relevant": "${phone} = 'yes'",
            "constraint": ". < 24",
        },
        {
            "type": "date",
            "name": "since",
            "label": "从哪天起?",
            "constraint": ". <= today()",
            "relevant": "${phone} = 'yes'",
        },
    ],
    YES_NO,
    {"form_title": "手机二"},
)


@pytest.fixture
def principal(school):
    return school.by


@pytest.fixture
def bureau():
    return make.administrator()


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


@pytest.fixture
def duty(school, campaign):
    return made.duty_of(campaign, school.students[0][0])


def added(by, content=FIRST, tier=Tier.TEACHER_FAMILY) -> QuestionSet:
    return add_questions(by=by, tier=tier, file_name="手机.xlsx", content=content)


@cache
def read(content: bytes) -> FormRead:
    return read_workbook(content)


def drafted(by, content=FIRST, tier=Tier.TEACHER_FAMILY) -> QuestionSet:
    """A draft as an upload leaves it, from a workbook that has been read before."""
    own = {"school_id": by.school_id or None, "tier": tier}
    return QuestionSet.unscoped.create(
        **own,
        version=QuestionSet.unscoped.filter(**own).count() + 1,
        title=read(content).title,
        definition=read(content).definition,
        created_by_id=by.person_id,
    )


def published(by, content=FIRST, tier=Tier.TEACHER_FAMILY) -> QuestionSet:
    row = drafted(by, content, tier)
    publish_questions(by=by, question_set=row)
    row.refresh_from_db()
    return row


def asked(actor, campaign) -> list[int]:
    with reading(actor):
        return [row.pk for row in for_campaign(actor, campaign)]


def actions(row) -> list[str]:
    found = AuditEntry.objects.filter(object_kind="visits.questionset", object_id=str(row.pk))
    return list(found.order_by("pk").values_list("action", flat=True))


def test_a_draft_is_asked_of_nobody_until_it_is_published(principal, teacher, campaign):
    row = added(principal)
    assert (row.state, row.version, row.title, row.file_name) == ("draft", 1, "手机", "手机.xlsx")
    assert asked(teacher, campaign) == []
    publish_questions(by=principal, question_set=row)
    assert asked(teacher, campaign) == [row.pk]
    assert actions(row) == ["questions.add", "questions.publish"]


def test_another_upload_takes_the_place_of_the_draft(principal):
    row = added(principal)
    again = added(principal, SECOND)
    assert (again.pk, again.version, again.title) == (row.pk, 1, "手机二")
    assert QuestionSet.unscoped.count() == 1


def test_a_new_version_retires_the_one_before_and_changes_nothing_in_it(principal, teacher, campaign):
    first = published(principal)
    before = asked_of(first)
    second = published(principal, SECOND)
    first.refresh_from_db()
    assert (first.state, second.version) == ("retired", 2)
    assert asked_of(first) == before
    assert asked(teacher, campaign) == [second.pk]
    retire_questions(by=principal, question_set=second)
    assert asked(teacher, campaign) == []


def test_what_the_bureau_asks_comes_before_what_the_school_asks(bureau, principal, teacher, campaign):
    own = published(principal)
    of_bureau = published(bureau, SECOND)
    published(bureau, SECOND, Tier.BUREAU_PRINCIPAL)
    published(principal, SECOND, Tier.PRINCIPAL_TEACHER)
    other = made.small_school()
    published(other.by, SECOND)
    assert asked(teacher, campaign) == [of_bureau.pk, own.pk]


def test_many_campaigns_cost_one_question_to_the_database(principal, teacher, campaign):
    published(principal)
    more = [campaign, *(made.launched(principal, campaign.school, title=title) for title in ("二", "三"))]
    with reading(teacher):
        assert query_count(lambda: for_campaigns(teacher, more)) == 1
        assert {pk: len(rows) for pk, rows in for_campaigns(teacher, more).items()} == {one.pk: 1 for one in more}


def test_a_published_version_is_not_published_again_nor_thrown_away(principal):
    row = published(principal)
    with pytest.raises(Conflict):
        publish_questions(by=principal, question_set=row)
    with pytest.raises(Conflict):
        discard_questions(by=principal, question_set=row)
    retire_questions(by=principal, question_set=row)
    with pytest.raises(Conflict):
        retire_questions(by=principal, question_set=row)
    draft = drafted(principal)
    discard_questions(by=principal, question_set=draft)
    assert list(QuestionSet.unscoped.values_list("state", flat=True)) == ["retired"]
    assert AuditEntry.objects.filter(action="questions.discard").count() == 1


def test_a_workbook_with_a_fault_changes_nothing(principal):
    row = drafted(principal)
    with pytest.raises(WorkbookFault):
        added(principal, workbook([{"type": "geopoint", "name": "a", "label": "位置"}]))
    row.refresh_from_db()
    assert (row.title, QuestionSet.unscoped.count(), actions(row)) == ("手机", 1, [])


def test_only_the_owner_adds_and_changes(bureau, principal, teacher):
    of_school, of_bureau = drafted(principal), drafted(bureau)
    other = made.small_school().by
    for actor, row in ((bureau, of_school), (principal, of_bureau), (other, of_school), (teacher, of_school)):
        for change in (publish_questions, retire_questions, discard_questions):
            with pytest.raises(NotAllowed):
                change(by=actor, question_set=row)
    with pytest.raises(NotAllowed):
        added(teacher)
    with pytest.raises(InputFault):
        added(principal, tier=Tier.BUREAU_PRINCIPAL)
    assert set(QuestionSet.unscoped.values_list("state", flat=True)) == {"draft"}


def test_a_draft_is_seen_by_its_owner_alone(bureau, principal, teacher):
    rows = {"school": drafted(principal).pk, "bureau": drafted(bureau).pk}

    def seen(actor) -> set[int]:
        with reading(actor):
            return set(scope(actor, QuestionSet).values_list("pk", flat=True))

    assert seen(principal) == {rows["school"]}
    assert seen(bureau) == {rows["bureau"]}
    assert seen(teacher) == set()
    assert seen(make.actor_of(make.bureau_post("cadre"), "cadre")) == set()


def answers(row: QuestionSet, **values) -> list[Answers]:
    return [Answers(set_id=row.pk, version=row.version, values=values)]


def test_answers_are_kept_with_the_record_and_told_in_words(principal, teacher, duty):
    row = published(principal, SECOND)
    visit = write.record(teacher, [duty], answers=answers(row, phone="yes", hours=3))
    saved = Visit.unscoped.get(pk=visit.pk)
    assert saved.answers == [{"set_id": row.pk, "version": 1, "values": {"phone": "yes", "hours": 3}}]
    with reading(teacher):
        (told,) = answers_in_words(teacher, [Answers(**one) for one in saved.answers], "zh-hans")
        (english,) = answers_in_words(teacher, [Answers(**one) for one in saved.answers], "en")
    assert (told.title, told.lines) == ("手机二", [("孩子有手机吗?", "有"), ("几小时?", "3")])
    assert english.lines[0] == ("孩子有手机吗?", "Yes")


def test_a_record_with_answers_that_do_not_fit_is_refused_with_their_place(principal, teacher, duty):
    row = published(principal, SECOND)
    with pytest.raises(InputFault) as refused:
        write.record(teacher, [duty], answers=answers(row, phone="yes", hours=24))
    assert refused.value.place == "answers.hours"
    assert Visit.unscoped.count() == 0


def test_what_is_not_shown_is_not_kept(principal, teacher, duty):
    row = published(principal, SECOND)
    visit = write.record(teacher, [duty], answers=answers(row, phone="no", hours=3))
    assert Visit.unscoped.get(pk=visit.pk).answers[0]["values"] == {"phone": "no"}


def test_answers_of_an_older_version_still_land(principal, teacher, duty):
    first = published(principal)
    published(principal, SECOND)
    visit = write.record(teacher, [duty], answers=answers(first, phone="no"))
    assert Visit.unscoped.get(pk=visit.pk).answers[0]["version"] == 1
    retired = QuestionSet.unscoped.get(version=2)
    retire_questions(by=principal, question_set=retired)
    write.record(teacher, [duty], visit_id=visit.pk, finding="再聊", answers=answers(retired, phone="no"))


def test_a_phone_that_has_not_heard_of_new_questions_is_not_refused(principal, teacher, duty):
    published(principal)
    assert write.record(teacher, [duty]).answers == []


def test_today_is_the_day_of_the_visit(principal, teacher, duty):
    row = published(principal, SECOND)
    last_week = write.an_hour_ago() - dt.timedelta(days=7)
    day = today() - dt.timedelta(days=3)
    with pytest.raises(InputFault):
        write.record(teacher, [duty], started_at=last_week, answers=answers(row, phone="yes", since=day.isoformat()))
    write.record(teacher, [duty], answers=answers(row, phone="yes", since=day.isoformat()))


@pytest.mark.parametrize("wrong", ["draft", "tier", "school", "version", "missing"])
def test_questions_that_were_not_asked_here_are_refused(wrong, bureau, principal, teacher, duty):
    rows = {
        "draft": lambda: drafted(principal),
        "tier": lambda: published(bureau, FIRST, Tier.PRINCIPAL_TEACHER),
        "school": lambda: published(made.small_school().by),
        "version": lambda: published(principal),
        "missing": lambda: QuestionSet(pk=987654, version=1),
    }
    row = rows[wrong]()
    row.version += wrong == "version"
    with pytest.raises(InputFault) as refused:
        write.record(teacher, [duty], answers=answers(row, phone="no"))
    assert refused.value.place == "answers"


def test_without_an_actor_no_questions_are_found(principal):
    row = published(principal)
    with pytest.raises(InputFault):
        check_answers(set_id=row.pk, version=1, values={"phone": "no"})
