"""The page on which a difficulty is raised: about whom, what follows, who will know, said before anything is sent."""

import re
import uuid

import pytest
from django.urls import reverse

from jiafang.access import system
from jiafang.care.models import CaseFile, CaseReader, Category, CategoryRule, Level, Role, SubjectKind
from jiafang.care.services.categories import CategoryDraft, save_category
from jiafang.care.services.hand_over import follow_the_calendar
from jiafang.common.clock import today
from jiafang.organization.models import Post
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db
RAISE = "/cases/new/"
WORDS = "最近上课老走神,晚上睡不好"


@pytest.fixture
def school():
    make.bureau_post("director")
    return made.small_school()


@pytest.fixture
def child(school):
    return school.students[0][0]


def typed(page: str, **told) -> dict:
    origin = re.search(r'name="origin" value="([0-9a-f-]+)"', page)
    assert origin
    return {"origin": origin[1], "text": WORDS, "category": "life", "alert_tier": "green"} | told


def opened(client, query: str) -> str:
    answer = client.get(RAISE + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_who_will_know_is_said_before_it_is_sent(client, school, child):
    counselor = make.school_post("counselor", school.school)
    make.sign_in(client, make.guardian_of(child))
    page = opened(client, f"?person={child.pk}")
    assert f"谁会知道:{school.homeroom[0].name}(班主任,负责办)" in page
    assert f"还会知道:{counselor.name}(心理教师)" in page
    assert school.homeroom[1].name not in page


def test_whoever_is_named_reads_it_and_nobody_else(client, school, child):
    counselor = make.school_post("counselor", school.school)
    make.sign_in(client, make.guardian_of(child))
    page = opened(client, f"?person={child.pk}")
    client.post(f"{RAISE}?person={child.pk}", typed(page, alert_tier="yellow"))
    case = CaseFile.unscoped.get()
    reading = {row.person.name for row in CaseReader.unscoped.filter(case=case).select_related("person")}
    assert reading == {case.raised_by.name, school.homeroom[0].name, counselor.name}
    assert all(name in page for name in reading - {case.raised_by.name})


def test_a_category_that_others_read_says_so_beside_it(client, school, child):
    CategoryRule.objects.create(
        category=Category.objects.get(code="mind"),
        level=Level.CLASS,
        owner=Role.HOMEROOM_TEACHER,
        readers=["principal"],
    )
    make.sign_in(client, school.homeroom[0])
    page = opened(client, f"?person={child.pk}")
    assert f"{school.homeroom[0].name}(班主任,负责办)、{school.principal.name}(校长/园长)" in page


def test_it_is_raised_and_leads_to_its_page(client, school, child):
    make.sign_in(client, school.homeroom[0])
    page = opened(client, f"?person={child.pk}")
    answer = client.post(f"{RAISE}?person={child.pk}", typed(page))
    case = CaseFile.unscoped.get()
    assert answer["Location"] == reverse("case", args=[case.pk])
    assert (case.person_id, case.subject_kind, case.text) == (child.pk, "student", WORDS)


def test_sent_twice_it_is_raised_once(client, school, child):
    make.sign_in(client, school.homeroom[0])
    told = typed(opened(client, f"?person={child.pk}"))
    answers = [client.post(f"{RAISE}?person={child.pk}", told) for _ in range(2)]
    assert CaseFile.unscoped.count() == 1
    assert answers[0]["Location"] == answers[1]["Location"]


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        ({"category": ""}, "请选择是哪一类事"),
        ({"category": "conditions"}, "选择一个有效的选项"),
        ({"text": "字" * 2001}, "2000"),
        ({"alert_tier": "purple"}, "选择一个有效的选项"),
    ],
)
def test_what_was_typed_stays_when_something_is_missing(client, school, child, faulty, said):
    make.sign_in(client, school.homeroom[0])
    told = typed(opened(client, f"?person={child.pk}"), **faulty)
    answer = client.post(f"{RAISE}?person={child.pk}", told)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told["text"] in page
    assert told["origin"] in page
    assert said in page
    assert not CaseFile.unscoped.exists()


def test_a_category_closed_meanwhile_keeps_the_words(client, school, child, monkeypatch):
    make.sign_in(client, school.homeroom[0])
    told = typed(opened(client, f"?person={child.pk}"))
    found, administrator = Category.objects.get(code="life"), make.administrator()

    def closed(*, by, difficulty):
        put_off = CategoryDraft(found.name, tuple(found.subjects), active=False)
        save_category(by=administrator, told=put_off, category_id=found.pk)
        return raise_case(by=by, difficulty=difficulty)

    from jiafang.care.services.raise_case import raise_case

    monkeypatch.setattr("jiafang.web.care.raise_views.raise_case", closed)
    answer = client.post(f"{RAISE}?person={child.pk}", told)
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    assert "请选择是哪一类事" in answer.content.decode()


def test_out_of_reach_is_missing(client, school, child):
    stranger = school.students[1][0]
    elsewhere = made.small_school()
    asked = {
        (school.homeroom[0], "teacher"): [f"?person={stranger.pk}", f"?school={school.school.pk}", "?person=999999"],
        (make.guardian_of(child), "guardian"): [f"?person={stranger.pk}", "?self=1", f"?person={school.principal.pk}"],
        (school.principal, "principal"): [
            f"?person={elsewhere.students[0][0].pk}",
            f"?person={elsewhere.principal.pk}",
            f"?school={elsewhere.school.pk}",
            "?person=x",
        ],
    }
    for (person, kind), queries in asked.items():
        make.sign_in(client, person, kind)
        for query in queries:
            assert client.get(RAISE + query).status_code == 404, (kind, query)
            told = {"origin": str(uuid.uuid4()), "text": WORDS, "category": "life", "alert_tier": "green"}
            assert client.post(RAISE + query, told).status_code == 404, (kind, query)
    assert not CaseFile.unscoped.exists()


def test_an_administrator_and_visitors_raise_nothing(client, school):
    make.sign_in(client, make.bureau_post("administrator"), "administrator")
    assert client.get(RAISE).status_code == 404
    client.logout()
    assert client.get(RAISE).status_code == 302


def test_at_work_nobody_raises_about_an_own_child(client, school, child):
    make.guardian_of(child, school.homeroom[0])
    make.sign_in(client, school.homeroom[0], "teacher")
    answer = client.get(f"{RAISE}?person={child.pk}")
    assert "请换成家长身份再说" in answer.content.decode()


def test_who_was_once_a_guardian_is_not_sent_to_another_capacity(client, school, child):
    make.guardian_of(child, school.homeroom[0], revoked_on=today())
    make.sign_in(client, school.homeroom[0], "teacher")
    page = opened(client, f"?person={child.pk}")
    assert "请让别的老师来提" in page
    assert "自己的孩子" not in page


def test_what_is_confided_is_said_to_go_no_further_than_told(client, school, child):
    make.sign_in(client, school.homeroom[0])
    assert "心理、家庭、健康的事不一样:没有您同意,不往上报" in opened(client, "?self=1")
    assert "不往上报" not in opened(client, f"?person={child.pk}")
    make.sign_in(client, school.principal)
    assert "没有本人同意,不往上报" in opened(client, f"?person={school.homeroom[0].pk}")


def test_what_is_confided_where_there_is_no_principal_names_nobody_who_works_on_it(client, school):
    Post.unscoped.filter(kind="principal", school=school.school).delete()
    teacher = school.homeroom[0]
    make.sign_in(client, teacher)
    client.post(f"{RAISE}?self=1", typed(opened(client, "?self=1"), category="health"))
    case = CaseFile.unscoped.get()
    for path in (reverse("case", args=[case.pk]), reverse("own_cases")):
        page = client.get(path).content.decode()
        assert "还没有人,等校长到任" in page
        assert f"{teacher.name}负责" not in page
    assert "有人来办了就可以留言" in client.get(reverse("case", args=[case.pk])).content.decode()
    make.school_post("principal", school.school)
    follow_the_calendar(by=system("calendar"))
    page = client.get(reverse("own_cases")).content.decode()
    assert "还没有人,等校长到任" not in page
    assert "负责办" in page
    assert "想说的话" in client.get(reverse("case", args=[case.pk])).content.decode()


def test_a_teacher_tells_the_own_difficulty_and_consents(client, school):
    make.sign_in(client, school.homeroom[0])
    page = opened(client, "?self=1")
    assert f"谁会知道:{school.principal.name}(校长/园长,负责办)" in page
    client.post(f"{RAISE}?self=1", typed(page, category="health", consent_upward="on"))
    case = CaseFile.unscoped.get()
    assert (case.subject_kind, case.person_id, case.consent_upward) == ("teacher", school.homeroom[0].pk, True)
    assert case.owner_id == school.principal.pk


def test_what_a_colleague_told_is_confirmed_by_the_colleague(client, school):
    colleague = school.subject[0]
    make.sign_in(client, school.principal)
    page = opened(client, f"?person={colleague.pk}")
    assert f"这是{colleague.name}自己告诉我的" in page
    client.post(f"{RAISE}?person={colleague.pk}", typed(page, heard="on"))
    assert CaseFile.unscoped.get().confirmer_id == colleague.pk


def test_a_cadre_raises_what_a_principal_told(client, school):
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=school.school)
    make.sign_in(client, cadre, "cadre")
    page = opened(client, f"?school={school.school.pk}")
    client.post(
        f"{RAISE}?school={school.school.pk}", typed(page, category="conditions", heard_from=school.principal.pk)
    )
    case = CaseFile.unscoped.get()
    assert (case.subject_kind, case.school_id, case.confirmer_id) == ("school", school.school.pk, school.principal.pk)


def test_without_an_address_it_is_asked_whom_it_is_about(client, school, child):
    for person, kind, offered in [
        (school.homeroom[0], "teacher", ["说说我的困难", child.name]),
        (school.principal, "principal", ["说说我的困难", "学校的困难"]),
        (make.bureau_post("director"), "director", ["去学校页上写"]),
    ]:
        make.sign_in(client, person, kind)
        page = opened(client, "")
        assert all(words in page for words in offered), kind
    mother = make.guardian_of(child)
    make.guardian_of(school.students[1][0], mother)
    make.sign_in(client, mother)
    page = opened(client, "")
    assert child.name in page
    assert school.students[1][0].name in page


def test_with_one_child_a_guardian_writes_at_once(client, school, child):
    make.sign_in(client, make.guardian_of(child))
    page = opened(client, "")
    assert "我有事想和学校说" in page
    client.post(RAISE, typed(page))
    assert CaseFile.unscoped.get().person_id == child.pk


def test_a_guardian_answers_to_few_questions(client, school, child):
    make.sign_in(client, make.guardian_of(child))
    page = opened(client, f"?person={child.pk}")
    assert "heard" not in page
    assert "consent_upward" not in page


def test_the_page_costs_the_same_for_more_of_everything(client, school, child):
    make.sign_in(client, make.guardian_of(child))
    opened(client, f"?person={child.pk}")
    one = query_count(lambda: opened(client, f"?person={child.pk}"))
    for _ in range(2):
        make.school_post("counselor", school.school)
        make.school_post("moral_deputy", school.school)
        make.student(school.classes[0])
    assert query_count(lambda: opened(client, f"?person={child.pk}")) == one
    make.sign_in(client, school.principal)
    opened(client, f"?person={school.subject[0].pk}")
    one = query_count(lambda: opened(client, f"?person={school.subject[0].pk}"))
    for n in range(2):
        Category.objects.create(code=f"more{n}", name=f"另一类{n}", subjects=[SubjectKind.TEACHER])
    assert query_count(lambda: opened(client, f"?person={school.subject[0].pk}")) == one
