"""The page of a case: each party reads its own part, one step is next, what cannot be taken keeps what was typed."""

import datetime as dt

import pytest
from django.urls import reverse

from jiafang.access import system
from jiafang.accounts.models import AuditEntry
from jiafang.care.models import (
    AlertTier,
    CaseAction,
    CaseFile,
    CaseReader,
    Category,
    CategoryRule,
    Role,
    Side,
)
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.escalate import announce_due
from jiafang.care.services.propose import propose_result
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.readers import name_reader
from jiafang.care.services.refer import refer_case
from jiafang.care.services.say import say
from jiafang.common.clock import today
from jiafang.notifications.models import Notification
from jiafang.web.visits.words import short_date
from tests.factories import care
from tests.factories import organization as make
from tests.queries import query_count
from tests.web.care.ground import TEXT, Ground, case_ground, page_of, sent, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> Ground:
    return case_ground()


def test_outside_the_list_of_readers_it_is_missing(client, ground):
    for person, kind in [
        (ground.school.homeroom[1], "teacher"),
        (ground.school.subject[0], "teacher"),
        (ground.school.principal, "principal"),
        (ground.counselor, "counselor"),
        (ground.cadre, "cadre"),
        (ground.mother, "guardian"),
    ]:
        make.sign_in(client, person, kind)
        page_of(client, ground.case, status=404)
        for verb in ("act", "propose", "say", "read", "confirm", "assign", "name_reader"):
            answer = client.post(reverse(f"case_{verb}", args=[ground.case.pk]), {"text": "x"})
            assert answer.status_code == 404, (kind, verb)


def test_the_owner_reads_it_and_leaves_an_entry(client, ground):
    make.sign_in(client, ground.school.homeroom[0])
    page = page_of(client, ground.case)
    assert TEXT in page
    entry = AuditEntry.objects.filter(action="case.opened").get()
    assert entry.subjects == [ground.child.pk]


def test_a_family_reads_its_own_part_and_nothing_of_the_inner_work(client, ground):
    teacher = ground.teacher
    add_action(by=teacher, case_id=ground.case.pk, kind="talk", on=today(), text="内部谈话纪要")
    add_action(by=teacher, case_id=ground.case.pk, kind="talk", on=today(), text="和您说好的办法", shared=True)
    say(by=teacher, case_id=ground.case.pk, text="同事之间的一句话", audience=[])
    refer_case(
        by=teacher,
        case_id=ground.case.pk,
        to_person_id=ground.counselor.pk,
        to_role=Role.COUNSELOR,
        reason="转介的原因",
    )
    propose_result(
        by=teacher, case_id=ground.case.pk, result="solved", words="作息调好了", ask_person_id=ground.mother.pk
    )
    say(by=teacher, case_id=ground.case.pk, text="请您看看办得怎么样", audience=[Side.FAMILY])
    make.sign_in(client, ground.mother)
    page = page_of(client, ground.case)
    for shared in ("和您说好的办法", "作息调好了", "请您看看办得怎么样", "已办理,等您确认"):
        assert shared in page, shared
    for inner in (TEXT, "内部谈话纪要", "同事之间的一句话", "转介的原因", "办理层级", "预警等级", "往上报"):
        assert inner not in page, inner
    assert not AuditEntry.objects.filter(action="case.opened", person_id=ground.mother.pk).exists()


def test_a_guardians_own_words_are_read_back(client, ground):
    case = care.student_case(make.actor_of(ground.mother, "guardian"), ground.child, text="孩子不想上学")
    make.sign_in(client, ground.mother)
    page = page_of(client, case)
    assert "孩子不想上学" in page
    assert "已收到" in page
    father = make.guardian_of(ground.child, is_primary=False)
    CaseReader.unscoped.create(case=case, person=father, kind="guardian", side=Side.FAMILY, why="concerned")
    make.sign_in(client, father)
    assert "孩子不想上学" not in page_of(client, case)


def filled(page: str) -> int:
    return page[page.index("<main") : page.index("</main>")].count('class="btn btn-primary"')


def test_one_button_is_filled(client, ground):
    teacher = ground.teacher
    make.sign_in(client, ground.school.homeroom[0])
    assert filled(page_of(client, ground.case)) == 1
    add_action(by=teacher, case_id=ground.case.pk, kind="talk", on=today(), text="谈了一次")
    assert filled(page_of(client, ground.case)) == 1
    propose_result(by=teacher, case_id=ground.case.pk, result="solved", words="好了", ask_person_id=ground.mother.pk)
    assert filled(page_of(client, ground.case)) == 1
    make.sign_in(client, ground.mother)
    assert filled(page_of(client, ground.case)) == 1


def test_from_act_to_confirmed_through_the_pages(client, ground):
    make.sign_in(client, ground.school.homeroom[0])
    sent(client, ground.case, "act", {"kind": "talk", "on": today().isoformat(), "text": "谈了一次"})
    assert CaseAction.unscoped.get().text == "谈了一次"
    told = {"result": "solved", "words": "睡得好了", "ask_person_id": ground.mother.pk}
    sent(client, ground.case, "propose", told)
    make.sign_in(client, ground.mother)
    sent(client, ground.case, "deny", {"words": "还是睡不好"})
    assert CaseFile.unscoped.get().state == "acting"
    make.sign_in(client, ground.school.homeroom[0])
    assert "还是睡不好" in page_of(client, ground.case)
    sent(client, ground.case, "propose", told)
    make.sign_in(client, ground.mother)
    assert "睡得好了" in page_of(client, ground.case)
    sent(client, ground.case, "confirm", {"words": "谢谢老师"})
    case = CaseFile.unscoped.get()
    assert (case.state, case.result) == ("closed", "solved")
    sent(client, ground.case, "reopen", {"words": "又睡不好了"})
    assert CaseFile.unscoped.get().state == "reopened"


def test_the_owner_takes_a_result_back_before_anybody_has_answered(client, ground):
    make.sign_in(client, ground.school.homeroom[0])
    case = ground.case
    due = case.due
    assert reverse("case_take_back", args=[case.pk]) not in page_of(client, case)
    sent(client, case, "take_back", {"words": "x"}, status=409)
    sent(client, case, "propose", {"result": "solved", "words": "睡得好了", "ask_person_id": ground.mother.pk})
    assert f'action="{reverse("case_take_back", args=[case.pk])}"' in page_of(client, case)
    sent(client, case, "take_back", {"words": ""}, status=422)
    sent(client, case, "take_back", {"words": "昨晚又没睡"})
    now = CaseFile.unscoped.get()
    assert (now.state, now.result, now.due) == ("acting", "", due)
    make.sign_in(client, ground.mother)
    page = page_of(client, case)
    assert "昨晚又没睡" in page
    assert reverse("case_confirm", args=[case.pk]) not in page
    told = Notification.unscoped.filter(person=ground.mother).values_list("code", flat=True)
    assert "case.taken_back" in told


def test_nobody_but_the_owner_takes_a_result_back(client, ground):
    propose_result(
        by=ground.teacher, case_id=ground.case.pk, result="solved", words="好了", ask_person_id=ground.mother.pk
    )
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier=AlertTier.ORANGE, words="看到了")
    make.sign_in(client, ground.school.principal)
    address = reverse("case_take_back", args=[ground.case.pk])
    assert address not in page_of(client, ground.case)
    assert client.post(address, {"words": "收回"}).status_code in (403, 404)
    make.sign_in(client, ground.mother)
    assert client.post(address, {"words": "收回"}).status_code == 404
    assert CaseFile.unscoped.get().state == "awaiting"


def test_what_waits_for_an_answer_can_be_handed_over(client, ground):
    make.sign_in(client, ground.school.homeroom[0])
    case = ground.case
    assert reverse("case_hand_over", args=[case.pk]) not in page_of(client, case)  # in hand it is assigned
    sent(client, case, "propose", {"result": "solved", "words": "睡得好了", "ask_person_id": ground.mother.pk})
    page = page_of(client, case)
    assert reverse("case_assign", args=[case.pk]) not in page
    assert "交接给别人" in page
    sent(client, case, "hand_over", {"seat": f"{Role.PRINCIPAL}:{ground.school.principal.pk}"}, status=422)
    sent(client, case, "hand_over", {"seat": f"{Role.COUNSELOR}:{ground.counselor.pk}"})
    now = CaseFile.unscoped.get()
    assert (now.state, now.owner_id, now.confirmer_id) == ("awaiting", ground.counselor.pk, ground.mother.pk)


def test_an_action_sent_twice_is_one(client, ground):
    make.sign_in(client, ground.school.homeroom[0])
    address = reverse("case_act", args=[ground.case.pk])
    page = page_of(client, ground.case)
    told = {
        "origin": value(page, address, "origin"),
        "kind": "talk",
        "on": today().isoformat(),
        "text": "谈了一次",
    }
    for _ in range(2):
        assert client.post(address, told).status_code == 302
    assert CaseAction.unscoped.count() == 1


@pytest.mark.parametrize(
    ("verb", "told", "said"),
    [
        ("act", {"kind": "talk", "on": "2999-01-01", "text": "记得很长的一段"}, "这一天还没到"),
        ("propose", {"result": "", "words": "办到了这一步"}, "这个字段是必填项"),
        ("propose", {"result": "solved", "words": "办到了这一步"}, "解决没有要由别人说"),
        ("send_up", {"words": "", "for_meeting": "on"}, "这个字段是必填项"),
        ("assign", {"seat": "principal:999", "note": "请多关照"}, "选择一个有效的选项"),
    ],
)
def test_what_was_typed_stays_when_it_cannot_be_taken(client, ground, verb, told, said):
    make.sign_in(client, ground.school.homeroom[0])
    page = sent(client, ground.case, verb, told, status=422).content.decode()
    assert said in page
    for words in told.values():
        assert words in page or words == "on", words


def test_where_somebody_was_faster_the_page_comes_again_with_what_was_typed(client, ground):
    make.sign_in(client, ground.school.homeroom[0])
    address = reverse("case_propose", args=[ground.case.pk])
    add_action(by=ground.teacher, case_id=ground.case.pk, kind="talk", on=today(), text="谈了一次")
    stale = value(page_of(client, ground.case), address, "revision")
    assign_case(by=ground.teacher, case_id=ground.case.pk, to_person_id=ground.counselor.pk, role=Role.COUNSELOR)
    assign_case(
        by=make.actor_of(ground.counselor, "counselor"),
        case_id=ground.case.pk,
        to_person_id=ground.teacher.person_id,
        role=Role.HOMEROOM_TEACHER,
    )
    told = {"revision": stale, "result": "solved", "words": "写了很久的结果", "ask_person_id": ground.mother.pk}
    answer = client.post(address, told)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "写了很久的结果" in page
    assert "刚刚有了变化" in page
    assert CaseFile.unscoped.get().state == "assigned"
    told["revision"] = value(page, address, "revision")
    assert client.post(address, told).status_code == 302


def test_whoever_was_named_is_dismissed_by_the_owner_and_by_whoever_leads(client, ground):
    principal, life = ground.school.principal, Category.objects.get(code="life")
    CategoryRule.objects.create(category=life, level="class", owner="homeroom_teacher", readers=["principal"])
    case = care.student_case(ground.teacher, ground.child)
    name_reader(by=ground.teacher, case_id=case.pk, person_id=ground.counselor.pk, role=Role.COUNSELOR)
    row = CaseReader.unscoped.get(case=case, why="named", until=None)
    address = reverse("case_reader_dismiss", args=[row.pk])
    for person, kind, offered in [
        (ground.counselor, "counselor", False),
        (principal, "principal", True),
        (ground.school.homeroom[0], "teacher", True),
    ]:
        make.sign_in(client, person, kind)
        page = page_of(client, case)
        assert (f'action="{address}"' in page) is offered, kind
        assert (f"以后不再让{ground.counselor.name}看这件事吗?" in page) is offered
        assert page.count("不再让看") == offered, "whoever owns, raised or holds a role is not dismissed"
    make.sign_in(client, ground.counselor, "counselor")
    assert client.post(address).status_code == 404
    make.sign_in(client, ground.school.homeroom[1])
    assert client.post(address).status_code == 404
    make.sign_in(client, principal, "principal")
    answer = client.post(address, follow=True)
    assert f"{ground.counselor.name}以后看不到这件事了" in answer.content.decode()
    assert client.post(address).status_code == 404
    make.sign_in(client, ground.counselor, "counselor")
    page_of(client, case, status=404)


def test_whoever_reads_it_for_another_reason_too_is_not_dismissed(client, ground):
    case = care.student_case(ground.teacher, ground.child, alert_tier="yellow")
    name_reader(by=ground.teacher, case_id=case.pk, person_id=ground.counselor.pk, role=Role.COUNSELOR)
    assert set(case.readers.filter(person=ground.counselor).values_list("why", flat=True)) == {"role", "named"}
    make.sign_in(client, ground.school.homeroom[0])
    assert "不再让看" not in page_of(client, case)


def test_own_matters_are_listed_for_the_one_whose_they_are(client, ground):
    case = care.student_case(make.actor_of(ground.mother, "guardian"), ground.child, category="mind")
    make.sign_in(client, ground.mother)
    page = client.get(reverse("own_cases")).content.decode()
    assert reverse("case", args=[case.pk]) in page
    assert reverse("case", args=[ground.case.pk]) not in page
    make.sign_in(client, ground.school.homeroom[0])
    assert reverse("case", args=[case.pk]) not in client.get(reverse("own_cases")).content.decode()


def test_a_teacher_consents_on_the_own_page(client, ground):
    teacher = ground.school.homeroom[0]
    case = care.student_case(ground.teacher, teacher, subject_kind="teacher", category="health", text="身体不好")
    make.sign_in(client, teacher)
    page = page_of(client, case)
    assert "身体不好" in page
    address = f'action="{reverse("case_consent", args=[case.pk])}"'
    assert address in page
    sent(client, case, "consent", {})
    assert CaseFile.unscoped.get(pk=case.pk).consent_upward
    assert address not in page_of(client, case)


def test_the_page_costs_the_same_for_one_and_for_three_of_everything(client, ground):
    teacher = ground.teacher

    def grow(n: int) -> None:
        for _ in range(n):
            add_action(by=teacher, case_id=ground.case.pk, kind="talk", on=today(), text="谈了一次", shared=True)
            say(by=teacher, case_id=ground.case.pk, text="一句", audience=[])
            say(by=teacher, case_id=ground.case.pk, text="一句给家里", audience=[Side.FAMILY])
            other = make.school_post("counselor", ground.school.school)
            refer_case(
                by=teacher, case_id=ground.case.pk, to_person_id=other.pk, to_role=Role.COUNSELOR, reason="请看看"
            )
            cadre = make.bureau_post("cadre")
            make.PairingFactory(cadre=cadre, school=ground.school.school)
            CaseReader.unscoped.create(case=ground.case, person=cadre, kind="cadre", side="bureau", why="named")

    CaseReader.unscoped.create(
        case=ground.case, person=ground.mother, kind="guardian", side=Side.FAMILY, why=CaseReader.Why.CONCERNED
    )
    grow(1)
    costs = {}
    for person, kind in [(ground.school.homeroom[0], "teacher"), (ground.mother, "guardian")]:
        make.sign_in(client, person, kind)
        page_of(client, ground.case)
        costs[kind] = query_count(lambda: page_of(client, ground.case))
    grow(2)
    for person, kind in [(ground.school.homeroom[0], "teacher"), (ground.mother, "guardian")]:
        make.sign_in(client, person, kind)
        page_of(client, ground.case)
        assert query_count(lambda: page_of(client, ground.case)) == costs[kind], kind


def test_a_case_that_was_merged_leads_to_the_other_for_those_who_read_it(client, ground):
    own = care.student_case(make.actor_of(ground.mother, "guardian"), ground.child, category="study", text="跟不上")
    make.sign_in(client, ground.school.homeroom[0])
    sent(client, own, "merge", {"into_id": ground.case.pk, "words": "同一件事"})
    assert reverse("case", args=[ground.case.pk]) in page_of(client, own)
    make.sign_in(client, ground.mother)
    assert reverse("case", args=[ground.case.pk]) not in page_of(client, own)


def test_what_happens_at_the_due_day_is_said_as_it_is(client, ground):
    """Before the day it is not overdue; an action does not stop it; a family hears of it once it has passed."""
    case = care.student_case(make.actor_of(ground.mother, "guardian"), ground.child, alert_tier="orange")
    tomorrow = today() + dt.timedelta(days=1)
    CaseFile.unscoped.filter(pk=case.pk).update(due=tomorrow)
    announce_due(by=system("escalation"))
    said = f"期限是{short_date(tomorrow)};到{short_date(tomorrow + dt.timedelta(days=1))}还没办结,会转到上一级。"
    make.sign_in(client, ground.school.homeroom[0])
    page = page_of(client, case)
    assert said in page
    assert "快到期了" in page
    assert "过了期限" not in page
    add_action(by=ground.teacher, case_id=case.pk, kind="talk", on=today(), text="谈了一次")
    assert said in page_of(client, case)
    make.sign_in(client, ground.mother)
    assert "还没办结" not in page_of(client, case)
    CaseFile.unscoped.filter(pk=case.pk).update(due=today() - dt.timedelta(days=1))
    page = page_of(client, case)
    assert "过了期限" in page
    assert "现在还没办结" in page
    assert "上一级" not in page


def test_how_urgent_it_is_taken_to_be_is_for_those_who_work_on_it(client, ground):
    case = care.student_case(make.actor_of(ground.mother, "guardian"), ground.child, alert_tier="yellow")
    change_tier(by=ground.teacher, case_id=case.pk, tier="orange", words="家里不安全")
    orange = str(AlertTier("orange").label)
    make.sign_in(client, ground.school.homeroom[0])
    assert orange in page_of(client, case)
    make.sign_in(client, ground.mother)
    for address in (reverse("case", args=[case.pk]), reverse("case_timeline", args=[case.pk])):
        page = client.get(address).content.decode()
        assert "孩子" in page
        assert orange not in page
