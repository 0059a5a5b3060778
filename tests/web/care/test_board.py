"""Boards of cases: each role its own, filtered, kept, several at once; small counts are not written out."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from jiafang.access import system
from jiafang.accounts.models import AuditEntry
from jiafang.care.models import CaseAction, CaseFile, CaseReader, Escalation, Referral, SavedFilter
from jiafang.care.selectors.tally import hidden, overview
from jiafang.care.services.escalate import announce_due
from jiafang.care.services.refer import refer_case
from jiafang.common.clock import now, today
from jiafang.notifications.models import Notification
from jiafang.web.visits.words import dated
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db
BOARD = "/cases/"
TEXT = "这几个字不该出现在清单上"


@pytest.fixture
def school():
    make.bureau_post("director")
    return made.small_school()


@pytest.fixture
def teacher(school):
    return school.homeroom[0]


def case_of(school, number: int = 0, **told) -> CaseFile:
    by = make.actor_of(school.homeroom[0], "teacher")
    return care.student_case(by, school.students[0][number], text=TEXT, **told)


def shown(client, query: str = "") -> str:
    answer = client.get(BOARD + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def listed(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'name="case" value="(\d+)"', page)]


def test_the_board_shows_facts_and_no_text(client, school, teacher):
    case = case_of(school, alert_tier="red")
    announce_due(by=system("escalation"))
    make.sign_in(client, teacher, "teacher")
    page = shown(client)
    assert listed(page) == [case.pk]
    for words in (school.students[0][0].name, "生活", "紧急", "新提出", "还有 1 天", "转到上一级", "您负责(班级)"):
        assert words in page
    assert TEXT not in page
    opening = AuditEntry.objects.get(action="cases.listed")
    assert opening.subjects == [school.students[0][0].pk]


def test_no_sealed_text_is_opened_for_it(client, school, teacher, monkeypatch):
    case_of(school)
    make.sign_in(client, teacher, "teacher")

    def opened(*args, **kwargs):
        raise AssertionError("a text was opened")

    monkeypatch.setattr("jiafang.keys.fields.decrypt", opened)
    shown(client)


def test_colleagues_and_guardians_see_nothing_of_it(client, school):
    case_of(school)
    for person, kind in [(school.homeroom[1], "teacher"), (school.principal, "principal")]:
        make.sign_in(client, person, kind)
        assert listed(shown(client, "?part=all")) == []
    make.sign_in(client, make.guardian_of(school.students[0][0]))
    assert client.get(BOARD).url == reverse("own_cases")


def test_overdue_comes_first_and_filters_narrow_it(client, school, teacher):
    late, soon, other = (
        case_of(school, 0),
        case_of(school, 1, alert_tier="yellow"),
        case_of(school, 2, category="study"),
    )
    CaseFile.unscoped.filter(pk=late.pk).update(due=today() - dt.timedelta(days=2))
    make.sign_in(client, teacher, "teacher")
    page = shown(client)
    assert listed(page) == [late.pk, soon.pk, other.pk]
    assert "超期 2 天" in page
    assert listed(shown(client, "?overdue=on")) == [late.pk]
    assert listed(shown(client, "?tier=yellow")) == [soon.pk]
    assert listed(shown(client, f"?category={other.category_id}")) == [other.pk]
    assert listed(shown(client, "?level=school")) == []
    assert listed(shown(client, "?state=closed")) == []
    assert listed(shown(client, "?state=nonsense&tier=9&category=x&part=zzz")) == [late.pk, soon.pk, other.pk]


def test_what_awaits_ones_word_is_a_part_of_its_own(client, school, teacher):
    case = case_of(school)
    CaseFile.unscoped.filter(pk=case.pk).update(state="awaiting", awaiting_since=case.raised_at, result="solved")
    make.sign_in(client, teacher, "teacher")
    assert listed(shown(client, "?part=confirm")) == [case.pk]


def test_a_counselor_sees_what_is_asked_and_reads_it_when_it_was_accepted(client, school):
    case = case_of(school)
    counselor = make.school_post("counselor", school.school)
    by = make.actor_of(school.homeroom[0], "teacher")
    refer_case(by=by, case_id=case.pk, to_person_id=counselor.pk, to_role="counselor", reason="请看看")
    make.sign_in(client, counselor, "counselor")
    page = shown(client)
    assert reverse("referral", args=[Referral.unscoped.get().pk]) in page
    assert school.homeroom[0].name in page
    assert school.students[0][0].name in page
    assert "请看看" not in page
    assert listed(shown(client, "?part=all")) == []


def test_the_urgent_stand_first_in_the_queue_as_urgent_as_they_were_when_asked(client, school):
    counselor = make.school_post("counselor", school.school)
    by = make.actor_of(school.homeroom[0], "teacher")
    asked = []
    for n, tier in enumerate(("yellow", "red", "green")):
        case = case_of(school, n, alert_tier=tier)
        asked.append(refer_case(by=by, case_id=case.pk, to_person_id=counselor.pk, to_role="counselor", reason="看"))
    CaseFile.unscoped.update(alert_tier="orange")
    make.sign_in(client, counselor, "counselor")
    page = shown(client)
    places = [page.index(reverse("referral", args=[row.pk])) for row in asked]
    assert places[1] < places[0] < places[2]
    assert "紧急" in page[places[1] : places[0]]
    assert "留意" in page[places[0] : places[2]]
    assert "较急" not in page[places[1] :].split("bulk-keys")[0]


def test_a_principal_sees_columns_by_state(client, school):
    first, second = case_of(school, 0, alert_tier="orange"), case_of(school, 1, alert_tier="orange")
    CaseFile.unscoped.filter(pk=second.pk).update(state="acting")
    make.sign_in(client, school.principal, "principal")
    page = shown(client)
    assert sorted(listed(page)) == [first.pk, second.pk]
    assert page.count("board-column-title") == 2
    assert "正在办" in page


def test_a_filter_is_kept_and_forgotten(client, school, teacher):
    case_of(school)
    make.sign_in(client, teacher, "teacher")
    assert "记住这个筛选" in shown(client, "?tier=red")
    client.post("/cases/filters/keep/", {"name": "紧急的", "tier": "red", "part": "mine", "overdue": "on"})
    kept = SavedFilter.unscoped.get()
    assert (kept.name, kept.query) == ("紧急的", "part=mine&tier=red&overdue=on")
    assert "紧急的" in shown(client)
    make.sign_in(client, school.homeroom[1], "teacher")
    assert "紧急的" not in shown(client)
    assert client.post(f"/cases/filters/{kept.pk}/forget/").status_code == 404
    make.sign_in(client, teacher, "teacher")
    client.post(f"/cases/filters/{kept.pk}/forget/")
    assert not SavedFilter.unscoped.exists()


def test_several_are_reminded_each_checked_by_itself(client, school):
    mine, closed = case_of(school, 0, alert_tier="orange"), case_of(school, 1, alert_tier="orange")
    CaseFile.unscoped.filter(pk=closed.pk).update(state="awaiting", awaiting_since=closed.raised_at, result="solved")
    hidden_one = case_of(school, 2)
    make.sign_in(client, school.principal, "principal")
    asked = {"case": [mine.pk, closed.pk, hidden_one.pk], "do": "remind"}
    page = client.post("/cases/bulk/", asked).content.decode()
    assert "1 件办好了,2 件没有" in page
    assert f"已提醒{school.homeroom[0].name}" in page
    assert "不在您的查看范围里" in page
    assert school.students[0][2].name not in page
    assert Notification.unscoped.get(code="case.reminded").person_id == school.homeroom[0].pk
    page = client.post("/cases/bulk/", asked).content.decode()
    assert "今天已经提醒过" in page
    assert Notification.unscoped.filter(code="case.reminded").count() == 1


def test_several_are_given_to_whoever_holds_the_role_for_each(client, school):
    first, second = case_of(school, 0, alert_tier="orange"), case_of(school, 1, alert_tier="orange")
    counselor = make.school_post("counselor", school.school)
    make.sign_in(client, school.principal, "principal")
    due = today() + dt.timedelta(days=9)
    asked = {"case": [first.pk, second.pk], "do": "assign", "role": "counselor", "due": due.isoformat()}
    page = client.post("/cases/bulk/", asked).content.decode()
    assert f"已交给{counselor.name}" in page
    for case in (first, second):
        case.refresh_from_db()
        assert (case.owner_id, case.due, case.state) == (counselor.pk, due, "assigned")
    page = client.post("/cases/bulk/", asked).content.decode()
    assert "没有另外的心理教师可以交给" in page
    make.sign_in(client, school.homeroom[1], "teacher")
    client.post("/cases/bulk/", asked)
    first.refresh_from_db()
    assert first.owner_id == counselor.pk


def test_without_a_role_the_board_comes_again_with_what_was_ticked(client, school):
    cases = [case_of(school, number, alert_tier="orange") for number in range(3)]
    make.sign_in(client, school.principal, "principal")
    ticked = [cases[0].pk, cases[2].pk]
    asked = {"case": ticked, "do": "assign", "role": "", "due": "2030-01-31", "back": "/cases/?part=all&tier=orange"}
    for wrong in ({}, {"role": "director"}, {"role": "counselor", "due": "2030-13-40"}):
        answer = client.post("/cases/bulk/", asked | wrong)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert [int(pk) for pk in re.findall(r'name="case" value="(\d+)" checked', page)] == ticked
        assert listed(page) == [case.pk for case in cases]
        assert 'name="back" value="/cases/?part=all&amp;tier=orange"' in page
        assert f'value="{(asked | wrong)["due"]}"' in page
    assert '<option value="counselor" selected>' in page
    assert "请填写有效的日期" in page


def test_after_several_the_way_back_leads_nowhere_else(client, school):
    case = case_of(school, alert_tier="orange")
    make.sign_in(client, school.principal, "principal")

    def back_of(back: str) -> str:
        told = {"case": case.pk, "do": "remind", "back": back}
        return client.post("/cases/bulk/", told).context["back"]

    for back in ("https://example.org/", "//example.org", "/people/", "/cases/../people/", "/cases/own/"):
        assert back_of(back) == BOARD
    assert back_of("/cases/?part=all") == "/cases/?part=all"


def test_an_empty_board_of_those_who_lead_says_where_the_rest_is(client, school):
    case_of(school)
    for person, kind, words in (
        (school.principal, "principal", "班级、年段办得了的由他们办"),
        (make.bureau_post("director"), "director", "学校办得了的由学校办"),
    ):
        make.sign_in(client, person, kind)
        assert words in shown(client)


def test_deadlines_are_told_with_the_day_of_the_week(client, school):
    case = case_of(school)
    CaseFile.unscoped.filter(pk=case.pk).update(due=today() + dt.timedelta(days=3))
    make.sign_in(client, school.homeroom[0], "teacher")
    day = dated(today() + dt.timedelta(days=3))
    assert "周" in day
    assert day in shown(client)
    assert f"{day}前" in client.get(reverse("case", args=[case.pk])).content.decode()


def test_a_board_costs_the_same_for_one_case_and_for_many(client, school):
    counselor = make.school_post("counselor", school.school)

    def grown(number: int) -> None:
        case = case_of(school, number, alert_tier="orange")
        CaseFile.unscoped.filter(pk=case.pk).update(due=today() - dt.timedelta(days=number + 1))
        by = make.actor_of(school.homeroom[0], "teacher")
        with_text = {"kind": "talk", "on": today(), "by_id": by.person_id, "text": "谈了一次"}
        CaseAction(case=case, **with_text).save()
        moment = case.raised_at
        Escalation.unscoped.create(case=case, level="class", due=case.due, announced_at=moment, not_before=moment)
        refer_case(by=by, case_id=case.pk, to_person_id=counselor.pk, to_role="counselor", reason="请看看")

    people = [(school.principal, "principal"), (school.homeroom[0], "teacher"), (counselor, "counselor")]
    asked = [(who, kind, query) for who, kind in people for query in ("", "?part=all")]
    asked.append((school.principal, "principal", "overview/"))

    def costs() -> list[int]:
        found = []
        for who, kind, query in asked:
            make.sign_in(client, who, kind)
            client.get(BOARD + query)
            found.append(query_count(lambda query=query: client.get(BOARD + query)))
        return found

    grown(0)
    one = costs()
    grown(1)
    grown(2)
    assert costs() == one


def test_the_district_count_goes_up_by_one_without_a_name(client, school):
    director = make.bureau_post("director")
    make.sign_in(client, director, "director")
    assert "一共 0 件" in shown(client, "overview/")
    case_of(school)
    page = shown(client, "overview/")
    assert "一共 1 件" in page
    assert "少于 5" in page, "of a category and of a school a small count is not written out"
    assert school.students[0][0].name not in page
    make.sign_in(client, school.principal, "principal")
    assert "一共 少于 5 件" in shown(client, "overview/")
    make.sign_in(client, school.homeroom[0], "teacher")
    assert client.get(BOARD + "overview/").status_code == 404


def test_what_one_reads_anyway_is_counted_as_it_is(client, school):
    case_of(school, alert_tier="orange")
    make.sign_in(client, school.principal, "principal")
    assert "一共 1 件" in shown(client, "overview/")


def test_what_is_put_to_the_meeting_is_listed_for_those_who_read_it(client, school):
    director = make.bureau_post("director")
    case = case_of(school)
    CaseFile.unscoped.filter(pk=case.pk).update(for_meeting=True)
    make.sign_in(client, director, "director")
    assert "现在没有提请研究的事" in shown(client, "overview/")
    CaseReader.unscoped.create(case=case, person=director, kind="director", side="bureau", why="named")
    page = shown(client, "overview/")
    assert school.students[0][0].name in page
    assert listed(shown(client, "?meeting=on")) == [case.pk]


@pytest.mark.parametrize(
    ("counted", "read", "expected"),
    [
        ({1: 9, 2: 7}, {}, {1: 9, 2: 7}),
        ({1: 9, 2: 3, 3: 20}, {}, {1: None, 2: None, 3: 20}),  # 3 = 32 - 9 - 20 otherwise
        ({1: 2, 2: 3, 3: 20}, {}, {1: None, 2: None, 3: 20}),  # 5: 1+4, 2+3
        ({1: 1, 2: 1, 3: 20, 4: 6}, {}, {1: None, 2: None, 3: 20, 4: None}),  # 2 can only be 1+1
        ({1: 3, 2: 0}, {1: 3}, {1: 3, 2: 0}),
        ({1: 3, 2: 8, 3: 9}, {2: 8}, {1: None, 2: 8, 3: None}),  # who reads the 8 knows it
        ({1: 9, 2: 7, 3: 20}, {1: 7}, {1: None, 2: None, 3: 20}),  # 9 and the 7 of them that one reads: 2
        ({1: 9}, {1: 6}, {1: None}),
    ],
)
def test_small_counts_cannot_be_worked_out(counted, read, expected):
    assert {key: one.value for key, one in hidden(counted, read).items()} == expected


def test_what_was_raised_does_not_tell_what_is_hidden_of_it(client, school):
    """Twelve raised and nine open would be three closed."""
    cases = [case_of(school) for _ in range(12)]
    closed = CaseFile.unscoped.filter(pk__in=[case.pk for case in cases[:3]])
    closed.update(state="closed", result="solved", closed_at=now())
    make.sign_in(client, school.principal, "principal")
    page = shown(client, "overview/")
    assert "一共 12 件" not in page
    found = overview(make.actor_of(school.principal, "principal"))
    assert (found.raised.value, found.open.value, found.closed.value) == (None, 9, None)
