"""The campaign pages: list, preparing step by step, the page of one campaign, who may see which."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jiafang.campaigns.models import Appointment, Campaign, CohortFocus, Shift, Tier
from jiafang.campaigns.services.availability import set_unavailable
from jiafang.campaigns.services.edit import set_shifts
from jiafang.common.clock import today
from tests.factories import campaigns as running
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 the notice\n%%EOF\n"


def about(**changed):
    return {
        "tier": Tier.TEACHER_FAMILY,
        "title": "秋季大家访",
        "start": today().isoformat(),
        "end": (today() + dt.timedelta(13)).isoformat(),
        "tone": "多听少说",
    } | changed


def rules_of(campaign, **changed):
    rules = {k: v for k, v in campaign.typed_rules.to_json().items() if v is not False}
    times = {
        "morning_start": "09:00",
        "morning_end": "11:30",
        "afternoon_start": "14:30",
        "afternoon_end": "17:30",
        "evening_start": "18:30",
        "evening_end": "21:00",
    }
    shifts = [f"{s.date.isoformat()}.{s.kind}" for s in Shift.unscoped.filter(campaign=campaign)]
    return rules | times | {"shift": shifts} | changed


def text(response):
    return response.content.decode()


# The list


def test_the_list_costs_the_same_for_one_campaign_and_for_three(client):
    school = running.small_school()
    make.sign_in(client, school.principal)
    running.launched(school.by, school.school)
    one = query_count(lambda: client.get(reverse("campaign_list")))
    for number in range(2):
        running.launched(school.by, school.school, title=f"第{number}次")
    assert query_count(lambda: client.get(reverse("campaign_list"))) == one
    assert text(client.get(reverse("campaign_list"))).count("campaign-card-title") == 3


def test_a_teacher_sees_the_campaigns_of_the_own_school_only(client):
    own, other = running.small_school(), running.small_school()
    running.launched(own.by, own.school, title="本校的家访")
    foreign = running.launched(other.by, other.school, title="别校的家访")
    make.sign_in(client, own.homeroom[0])
    page = text(client.get(reverse("campaign_list")))
    assert "本校的家访" in page
    assert "别校的家访" not in page
    assert client.get(reverse("campaign", args=[foreign.pk])).status_code == 404


def test_the_bureau_sees_its_campaign_once_and_the_school_its_own_part(client):
    school = running.small_school()
    umbrella = running.launched(make.administrator(), None, title="全区大家访", shifts=None)
    child = Campaign.unscoped.get(parent=umbrella, school=school.school)
    director = make.bureau_post("director")
    make.sign_in(client, director)
    assert text(client.get(reverse("campaign_list"))).count("campaign-card-title") == 1
    page = text(client.get(reverse("campaign", args=[umbrella.pk])))
    assert school.school.name in page
    assert "还没开始" in page
    make.sign_in(client, school.principal)
    listed = text(client.get(reverse("campaign_list")))
    assert reverse("campaign", args=[child.pk]) in listed
    assert reverse("campaign", args=[umbrella.pk]) not in listed
    assert "教育局布置的活动" in text(client.get(reverse("campaign", args=[child.pk])))


def test_the_progress_of_schools_costs_the_same_for_one_school_and_for_three(client):
    running.small_school()
    first = running.launched(make.administrator(), None, title="一", shifts=None)
    make.sign_in(client, make.bureau_post("director"))
    one = query_count(lambda: client.get(reverse("campaign", args=[first.pk])))
    running.small_school()
    running.small_school()
    second = running.launched(make.administrator(), None, title="二", shifts=None)
    assert query_count(lambda: client.get(reverse("campaign", args=[second.pk]))) == one
    assert text(client.get(reverse("campaign", args=[second.pk]))).count("还没开始</span>") == 3


# Preparing


def test_a_principal_prepares_and_launches_a_campaign_in_four_steps(client):
    school = running.small_school()
    make.sign_in(client, school.principal)
    assert client.get(reverse("campaign_new")).status_code == 200
    made = client.post(reverse("campaign_new"), about())
    campaign = Campaign.unscoped.get()
    assert campaign.school_id == school.school.pk
    assert made.url == reverse("campaign_rules", args=[campaign.pk])

    page = text(client.get(made.url))
    assert "上门至少两位老师同行" in page
    evening = f"{today() + dt.timedelta(1)}.evening"
    made = client.post(made.url, rules_of(campaign, max_stops_per_trip=4, shift=[evening]))
    campaign.refresh_from_db()
    assert campaign.typed_rules.max_stops_per_trip == 4
    assert [str(s.date) for s in Shift.unscoped.filter(campaign=campaign)] == [str(today() + dt.timedelta(1))]
    assert made.url == reverse("campaign_focus", args=[campaign.pk])

    cohort = school.classes[0].cohort
    assert "建议稿" in text(client.get(made.url))
    made = client.post(made.url, {f"c{cohort.pk}-topics": "新环境适应", f"c{cohort.pk}-due": ""})
    assert CohortFocus.unscoped.get(campaign=campaign).topics == "新环境适应"
    assert made.url == reverse("campaign_launch", args=[campaign.pk])

    assert "新环境适应" in text(client.get(made.url))
    made = client.post(made.url)
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.LAUNCHED
    page = text(client.get(made.url))
    assert "活动已启动" in page
    assert "0 / 6" in page


def test_a_campaign_without_a_title_is_named_after_term_and_tier(client):
    school = running.small_school()
    make.TermFactory(name="第一学期")
    make.sign_in(client, school.principal)
    client.post(reverse("campaign_new"), about(title=""))
    assert Campaign.unscoped.get().title.endswith("第一学期教师家访")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"end": (today() - dt.timedelta(1)).isoformat()}, "结束日期不能早于开始日期"),
        ({"end": (today() + dt.timedelta(400)).isoformat()}, "一次活动最多 200 天"),
        ({"start": "下周一"}, "tone"),
        ({"tier": "bureau_principal"}, "还没有保存"),
        ({"tier": "教师"}, "还没有保存"),
        ({"title": "长" * 101}, "还没有保存"),
    ],
)
def test_bad_input_makes_no_campaign_and_keeps_what_was_typed(client, changed, said):
    school = running.small_school()
    make.sign_in(client, school.principal)
    answer = client.post(reverse("campaign_new"), about(**changed))
    assert answer.status_code == 422
    assert said in text(answer)
    assert "多听少说" in text(answer)
    assert not Campaign.unscoped.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"max_stops_per_trip": 99}, "应在 1 到 8 之间"),
        ({"onsite_minutes": "半小时"}, "还没有保存"),
        ({"shift": []}, "请至少选一个晚上或半天"),
        ({"shift": ["2001-01-01.evening"]}, "还没有保存"),
        ({"evening_end": "18:00"}, "要晚于开始的时间"),
        ({"default_channel": "telepathy"}, "还没有保存"),
    ],
)
def test_rules_that_make_no_sense_are_told_and_change_nothing(client, changed, said):
    school = running.small_school()
    campaign = running.campaign(school.by, school.school)
    before = list(Shift.unscoped.filter(campaign=campaign).values_list("pk", "start", "end"))
    make.sign_in(client, school.principal)
    answer = client.post(reverse("campaign_rules", args=[campaign.pk]), rules_of(campaign, **changed))
    assert answer.status_code == 422
    assert said in text(answer)
    assert list(Shift.unscoped.filter(campaign=campaign).values_list("pk", "start", "end")) == before
    campaign.refresh_from_db()
    assert campaign.typed_rules.max_stops_per_trip == 3


def test_a_changed_time_of_the_evening_changes_every_evening(client):
    school = running.small_school()
    campaign = running.campaign(school.by, school.school)
    make.sign_in(client, school.principal)
    wanted = rules_of(campaign, evening_start="19:00", evening_end="20:45")
    client.post(reverse("campaign_rules", args=[campaign.pk]), wanted)
    times = set(Shift.unscoped.filter(campaign=campaign).values_list("start", "end"))
    assert times == {(dt.time(19), dt.time(20, 45))}


def test_whoever_takes_out_an_evening_with_promises_is_asked_and_led_to_planning_anew(client):
    school = running.small_school()
    campaign = running.published(school.by, school.school)
    meeting = Appointment.unscoped.filter(campaign=campaign).first()
    left = Appointment.unscoped.filter(shift=meeting.shift).count()
    evenings = [key for key in rules_of(campaign)["shift"] if not key.startswith(meeting.shift.date.isoformat())]
    make.sign_in(client, school.principal)
    url, wanted = reverse("campaign_rules", args=[campaign.pk]), rules_of(campaign, shift=evenings, onsite_minutes=40)
    asked = client.post(url, wanted)
    assert asked.status_code == 422
    assert f"{left} 次家访已经告诉大家" in text(asked)
    campaign.refresh_from_db()
    assert campaign.typed_rules.onsite_minutes != 40
    assert Appointment.unscoped.get(pk=meeting.pk).state == Appointment.State.PROPOSED
    answer = client.post(url, {**wanted, "despite": "on"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("campaign_plan", args=[campaign.pk])
    assert f"有 {left} 位的时段取消了" in text(answer)
    assert "全部排上" not in text(answer)
    running.planned_at_once(campaign)
    assert "位的时段取消了" not in text(client.get(reverse("campaign_plan", args=[campaign.pk])))


def test_without_a_new_time_whose_evening_was_called_off_stays_in_sight(client):
    school = running.small_school(classes=1, students=1)
    campaign = running.published(school.by, school.school)
    set_shifts(by=school.by, campaign=campaign, shifts=running.evenings(1, first=9), despite=True)
    set_unavailable(by=school.by, campaign=campaign, visitor=school.homeroom[0], shifts=list(campaign.shifts.all()))
    running.planned_at_once(campaign)
    make.sign_in(client, school.principal)
    assert "有 1 位的时段取消了" in text(client.get(reverse("campaign_plan", args=[campaign.pk])))


def test_an_evening_with_a_time_of_its_own_keeps_it(client):
    school = running.small_school()
    campaign = running.campaign(school.by, school.school)
    own = Shift.unscoped.filter(campaign=campaign).first()
    Shift.unscoped.filter(pk=own.pk).update(start=dt.time(20, 30), end=dt.time(21, 30))
    make.sign_in(client, school.principal)
    assert "20:30–21:30" in text(client.get(reverse("campaign_rules", args=[campaign.pk])))
    client.post(reverse("campaign_rules", args=[campaign.pk]), rules_of(campaign))
    own.refresh_from_db()
    assert (own.start, own.end) == (dt.time(20, 30), dt.time(21, 30))
    assert Shift.unscoped.filter(campaign=campaign, start=dt.time(18, 30)).count() == 5


def test_a_focus_without_topics_is_told_at_its_card(client):
    school = running.small_school()
    campaign = running.campaign(school.by, school.school)
    cohort = school.classes[0].cohort
    make.sign_in(client, school.principal)
    typed = {f"c{cohort.pk}-topics": "", f"c{cohort.pk}-talking_points": "先说优点"}
    answer = client.post(reverse("campaign_focus", args=[campaign.pk]), typed)
    assert answer.status_code == 422
    assert "请写一句这个年段的家访重点" in text(answer)
    assert "先说优点" in text(answer)
    assert not CohortFocus.unscoped.exists()


def test_a_final_year_is_advised_to_be_met_early(client):
    school = running.small_school(stages=["senior"])
    cohort = school.classes[0].cohort
    cohort.entry_year -= 2
    cohort.save()
    campaign = running.campaign(school.by, school.school)
    make.sign_in(client, school.principal)
    assert "毕业年段" in text(client.get(reverse("campaign_focus", args=[campaign.pk])))


def test_a_cohort_lead_writes_the_own_focus_and_no_other(client):
    school = running.small_school()
    other_cohort = make.GradeCohortFactory(school=school.school, entry_year=2020)
    make.SchoolClassFactory(cohort=other_cohort)
    campaign = running.campaign(school.by, school.school)
    cohort = school.classes[0].cohort
    make.sign_in(client, make.cohort_lead(cohort), "cohort_lead")
    url = reverse("campaign_focus", args=[campaign.pk])
    assert f"c{other_cohort.pk}-topics" not in text(client.get(url))
    client.post(url, {f"c{cohort.pk}-topics": "本年段", f"c{other_cohort.pk}-topics": "别的年段"})
    assert [f.cohort_id for f in CohortFocus.unscoped.all()] == [cohort.pk]


# The basis document


def test_the_basis_document_comes_back_as_a_download_with_its_true_type(client):
    school = running.small_school()
    make.sign_in(client, school.principal)
    upload = SimpleUploadedFile("通知.exe", PDF, content_type="text/html")
    client.post(reverse("campaign_new"), about(basis_file=upload, basis_number="示教〔2026〕1号"))
    campaign = Campaign.unscoped.get()
    assert campaign.basis_file_name == "通知.pdf"
    answer = client.get(reverse("campaign_basis", args=[campaign.pk]))
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script>", b"PK\x03\x04 no word file", b"MZ\x90"])
def test_a_basis_document_of_another_type_is_refused_by_its_content(client, content):
    school = running.small_school()
    make.sign_in(client, school.principal)
    answer = client.post(reverse("campaign_new"), about(basis_file=SimpleUploadedFile("通知.pdf", content)))
    assert answer.status_code == 422
    assert "只收 PDF" in text(answer)
    assert not Campaign.unscoped.exists()


def test_a_basis_document_that_is_too_large_is_refused(client):
    school = running.small_school()
    make.sign_in(client, school.principal)
    large = SimpleUploadedFile("通知.pdf", PDF + b"0" * (10 * 1024 * 1024))
    answer = client.post(reverse("campaign_new"), about(basis_file=large))
    assert "文件太大" in text(answer)
    assert not Campaign.unscoped.exists()


def test_the_basis_document_of_another_school_is_missing(client):
    own, other = running.small_school(), running.small_school()
    foreign = running.campaign(other.by, other.school, basis_file=PDF, basis_file_name="秘密.pdf")
    make.sign_in(client, own.principal)
    assert client.get(reverse("campaign_basis", args=[foreign.pk])).status_code == 404


def test_a_school_hands_out_the_document_of_the_bureau(client):
    school = running.small_school()
    umbrella = running.launched(make.administrator(), None, basis_file=PDF, basis_file_name="通知.pdf", shifts=None)
    child = Campaign.unscoped.get(parent=umbrella, school=school.school)
    make.sign_in(client, school.principal)
    assert "下载文件" in text(client.get(reverse("campaign", args=[child.pk])))
    assert client.get(reverse("campaign_basis", args=[child.pk])).content == PDF


# Scope


@pytest.mark.parametrize(
    "name", ["campaign", "campaign_edit", "campaign_rules", "campaign_focus", "campaign_launch", "campaign_plan"]
)
def test_pages_of_another_school_are_missing(client, name):
    own, other = running.small_school(), running.small_school()
    foreign = running.launched(other.by, other.school)
    make.sign_in(client, own.principal)
    assert client.get(reverse(name, args=[foreign.pk])).status_code == 404
    make.sign_in(client, make.cohort_lead(own.classes[0].cohort), "cohort_lead")
    assert client.get(reverse(name, args=[foreign.pk])).status_code == 404


@pytest.mark.parametrize("name", ["campaign_launch", "campaign_close", "campaign_plan", "timetable_publish"])
def test_nobody_of_another_school_and_no_teacher_changes_a_campaign(client, name):
    own, other = running.small_school(), running.small_school()
    foreign = running.campaign(other.by, other.school)
    for person, kind in [(own.principal, "principal"), (other.homeroom[0], "teacher")]:
        make.sign_in(client, person, kind)
        assert client.post(reverse(name, args=[foreign.pk])).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == Campaign.State.DRAFT


def test_closing_keeps_the_coverage(client):
    school = running.small_school()
    campaign = running.launched(school.by, school.school)
    make.sign_in(client, school.principal)
    client.post(reverse("campaign_close", args=[campaign.pk]))
    page = text(client.get(reverse("campaign", args=[campaign.pk])))
    assert "已结束" in page
    assert "0 / 6" in page


def test_a_class_without_a_homeroom_teacher_is_named_before_launching(client):
    school = running.small_school()
    orphan = make.SchoolClassFactory(cohort=school.classes[0].cohort, name="空班")
    make.student(orphan)
    campaign = running.campaign(school.by, school.school)
    make.sign_in(client, school.principal)
    assert "空班" in text(client.get(reverse("campaign_launch", args=[campaign.pk])))
    client.post(reverse("campaign_launch", args=[campaign.pk]))
    assert "还没有班主任" in text(client.get(reverse("campaign", args=[campaign.pk])))


def test_the_bureau_opens_a_campaign_for_every_school_or_for_one(client):
    school = running.small_school()
    make.sign_in(client, make.bureau_post("director"))
    client.post(reverse("campaign_new"), about(title="全区", school="all"))
    client.post(reverse("campaign_new"), about(title="一校", school=str(school.school.pk)))
    client.post(reverse("campaign_new"), about(title="局里", tier="bureau_principal", school=str(school.school.pk)))
    assert dict(Campaign.unscoped.values_list("title", "school_id")) == {
        "全区": None,
        "一校": school.school.pk,
        "局里": None,
    }
    umbrella = Campaign.unscoped.get(title="全区")
    assert client.get(reverse("campaign_rules", args=[umbrella.pk])).status_code == 404
    assert "每所学校收到一份" in text(client.get(reverse("campaign_launch", args=[umbrella.pk])))
