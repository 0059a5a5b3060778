"""The line of time of a case and its two pages: all of it for who works on it, what is shared for the family."""

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from jiafang.access import actor_transaction, system
from jiafang.accounts.models import AuditEntry
from jiafang.care.models import CaseAction, CaseStep, Measure, Message
from jiafang.care.services.measure import measure
from jiafang.care.services.progress import track
from jiafang.care.services.propose import propose_result
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.tick import tick
from jiafang.common.clock import today
from tests.care.working import Ground
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as visiting
from tests.queries import query_count

pytestmark = pytest.mark.django_db
TALKED = "课间单独聊了二十分钟,说家里催成绩"
SHARED = "和妈妈商定周末不再加课"
FINDING = "妈妈说夜里常醒"


@pytest.fixture
def ground() -> Ground:
    ground = Ground()
    worked_on(ground)
    return ground


def act(ground: Ground, text: str, *, days_ago: int = 0, shared: bool = False, kind: str = "talk") -> None:
    with actor_transaction(system("test")):
        CaseAction(
            case=ground.case,
            kind=kind,
            on=today() - dt.timedelta(days=days_ago),
            by_id=ground.teacher.person_id,
            text=text,
            shared=shared,
        ).save()


def worked_on(ground: Ground) -> None:
    pk = ground.case.pk
    act(ground, TALKED, days_ago=9)
    act(ground, SHARED, shared=True, kind="measures_agreed")
    for days, mood in ((9, "1"), (4, "2"), (0, "4")):
        measure(by=ground.teacher, case_id=pk, who="student", mood=mood, on=today() - dt.timedelta(days=days))
        measure(by=ground.teacher, case_id=pk, who="guardian", mood=mood, on=today() - dt.timedelta(days=days))
    for days, value in ((30, "96"), (1, "112")):
        on = today() - dt.timedelta(days=days)
        track(by=ground.teacher, person_id=ground.student.pk, kind="mark", label="数学月考", value=value, on=on)
    tick(by=ground.teacher, case_id=pk, tier="green", item="talked")
    change_tier(by=ground.teacher, case_id=pk, tier="yellow", words="整夜不睡")


def visited(ground: Ground) -> None:
    make.TermFactory()
    running = made.launched(ground.school.by, ground.school.school)
    visiting.record(ground.teacher, [made.duty_of(running, ground.student)], finding=FINDING, follow_up=True)


def page(client: Client, ground: Ground, kind: str, person_id: int) -> str:
    sign_in(client, person_id, kind)
    answer = client.get(reverse("case_timeline", args=[ground.case.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def sign_in(client: Client, person_id: int, kind: str) -> None:
    make.sign_in(client, make.Person.unscoped.get(pk=person_id), kind)


def test_talks_visits_steps_and_moods_stand_on_one_line(client: Client, ground: Ground) -> None:
    visited(ground)
    text = page(client, ground, "teacher", ground.teacher.person_id)
    for words in (TALKED, SHARED, FINDING, ground.case.text, "整夜不睡", "预警清单做了 1 项", "约定回访"):
        assert words in text, words
    assert "学生:从很焦虑到平静" in text
    assert "家长:从很焦虑到平静" in text
    assert "数学月考:从96到112" in text
    assert text.index(TALKED) < text.index(SHARED)
    assert ' style="' not in text


def test_the_way_back_is_that_of_the_case_and_only_who_confirms_is_told_so(client: Client, ground: Ground) -> None:
    propose_result(
        by=ground.teacher, case_id=ground.case.pk, result="solved", words="好了", ask_person_id=ground.mother.person_id
    )
    for by, back, waits in ((ground.teacher, "case_board", False), (ground.mother, "own_cases", True)):
        make.sign_in(client, make.Person.unscoped.get(pk=by.person_id), by.kind)
        page = client.get(reverse("case_timeline", args=[ground.case.pk]))
        assert [crumb.url for crumb in page.context["trail"]] == [
            reverse(back),
            reverse("case", args=[ground.case.pk]),
            "",
        ]
        assert ("等您确认" in page.content.decode()) == waits


def test_the_line_is_in_the_order_of_the_days(client: Client, ground: Ground) -> None:
    text = page(client, ground, "teacher", ground.teacher.person_id)
    days = re.findall(r'class="care-date" datetime="([0-9-]+)"', text)
    assert days == sorted(days)
    assert len(days) == len(set(days)) >= 3


def test_messages_are_counted_and_not_read_out(client: Client, ground: Ground) -> None:
    with actor_transaction(system("test")):
        for _one in range(2):
            Message(
                case=ground.case,
                author_id=ground.teacher.person_id,
                side="school",
                audience=["school"],
                text="留言原文",
            ).save()
    text = page(client, ground, "teacher", ground.teacher.person_id)
    assert "2 条留言" in text
    assert "留言原文" not in text


def outsiders(ground: Ground) -> list[tuple[int, str]]:
    """A colleague of another class, the subject teacher, the cadre, another parent, the own parent, the principal."""
    other = make.guardian_of(ground.school.students[1][0])
    return [
        (ground.colleague.person_id, "teacher"),
        (ground.school.subject[0].pk, "teacher"),
        (ground.cadre.person_id, "cadre"),
        (other.pk, "guardian"),
        (ground.mother.person_id, "guardian"),
        (ground.principal.person_id, "principal"),
    ]


@pytest.mark.parametrize("name", ["case_timeline", "case_plan_pdf"])
def test_whoever_is_not_on_the_list_finds_nothing(client: Client, ground: Ground, name: str) -> None:
    for person_id, kind in outsiders(ground):
        sign_in(client, person_id, kind)
        answer = client.get(reverse(name, args=[ground.case.pk]))
        assert answer.status_code == 404, kind
        assert ground.student.name not in answer.content.decode()


def test_a_mother_who_raised_it_reads_what_is_shared_with_the_family_alone(client: Client, ground: Ground) -> None:
    ground.case = care.student_case(ground.mother, ground.student, text="孩子最近不爱说话")
    worked_on(ground)
    visited(ground)
    text = page(client, ground, "guardian", ground.mother.person_id)
    assert "孩子最近不爱说话" in text
    assert SHARED in text
    for words in (TALKED, FINDING, "整夜不睡", "焦虑", "数学月考", "预警清单"):
        assert words not in text, words


def test_a_mother_who_is_asked_whether_it_is_solved_reads_nothing_that_staff_wrote_about_her(
    client: Client, ground: Ground
) -> None:
    propose_result(
        by=ground.teacher,
        case_id=ground.case.pk,
        result="solved",
        words="作息调好了",
        ask_person_id=ground.mother.person_id,
    )
    seen = page(client, ground, "guardian", ground.mother.person_id)
    printed_plan = on_paper(client, reverse("case_plan_pdf", args=[ground.case.pk]))[1]
    own_file = on_paper(client, reverse("family_file", args=[ground.student.pk]))[1]
    assert SHARED in seen
    assert "作息调好了" in printed_plan
    assert ground.teacher.name in printed_plan
    for office_word in ("班主任,", "班级)"):
        assert office_word not in printed_plan, "who owns it in which role is for those who work on it"
    assert "作息调好了" in own_file
    for text in (seen, printed_plan, own_file):
        for words in (ground.case.text, TALKED, "留意", "整夜不睡"):
            assert words not in text, words


def on_paper(client: Client, address: str) -> tuple[int, str]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    read = PdfReader(io.BytesIO(answer.content))
    return len(read.pages), "".join(one.extract_text() for one in read.pages).replace("\n", "")


def printed(client: Client, ground: Ground) -> tuple[int, str]:
    sign_in(client, ground.teacher.person_id, "teacher")
    return on_paper(client, reverse("case_plan_pdf", args=[ground.case.pk]))


def test_two_pages_hold_the_texts_and_who_took_them(client: Client, ground: Ground) -> None:
    visited(ground)
    pages, text = printed(client, ground)
    assert pages == 2
    for words in (
        f"{ground.student.name} 一生一策",
        ground.case.text,
        TALKED,
        SHARED,
        FINDING,
        "学生:从很焦虑到平静",
        ground.teacher.name,
        "请勿转发",
    ):
        assert words in text, words
    assert "条从略" not in text


def many(ground: Ground) -> None:
    with actor_transaction(system("test")):
        CaseAction.unscoped.bulk_create(
            CaseAction(
                case=ground.case, kind="talk", on=today() - dt.timedelta(days=200 - at), by_id=ground.teacher.person_id,
                text=f"第{at}次谈话," + "说了很多话," * (at % 40),
            )
            for at in range(180)
        )  # fmt: skip
        CaseStep.unscoped.filter(case=ground.case).update(internal=True)


def long_text(ground: Ground) -> None:
    with actor_transaction(system("test")):
        ground.case.refresh_from_db()
        ground.case.text, ground.case.result_words = "长" * 2000, "行\n" * 900
        ground.case.save()


@pytest.mark.parametrize("made_long", [many, long_text])
def test_a_long_case_is_two_pages_as_well_and_says_what_was_left_out(
    client: Client, ground: Ground, made_long: Callable[[Ground], None]
) -> None:
    made_long(ground)
    pages, text = printed(client, ground)
    assert pages == 2
    if made_long is many:
        left = re.search(r"中间 (\d+) 条从略", text)
        assert left
        shown = len(set(re.findall(r"第(\d+)次谈话", text)))
        assert 180 - shown <= int(left[1]) <= 180 - shown + 10
        # How it began and how it ended stand on the paper.
        assert "第0次谈话" in text
        assert SHARED in text
    else:
        assert "全文见系统" in text


def test_opening_and_printing_leave_entries_that_name_the_student(client: Client, ground: Ground) -> None:
    page(client, ground, "teacher", ground.teacher.person_id)
    printed(client, ground)
    for action in ("case.opened", "case.exported"):
        entry = AuditEntry.objects.filter(action=action).latest("id")
        assert entry.subjects == [ground.student.pk]


def test_ten_times_as_much_costs_as_many_queries(client: Client, ground: Ground) -> None:
    visited(ground)
    sign_in(client, ground.teacher.person_id, "teacher")
    paths = [reverse(name, args=[ground.case.pk]) for name in ("case_timeline", "case_plan_pdf")]
    client.get(paths[0])
    few = [query_count(lambda path=path: client.get(path)) for path in paths]
    many(ground)
    for days in range(10, 40):
        on = today() - dt.timedelta(days=days)
        measure(by=ground.teacher, case_id=ground.case.pk, who="student", mood="3", on=on)
    assert Measure.unscoped.count() > 30
    assert [query_count(lambda path=path: client.get(path)) for path in paths] == few
