"""The timetable: grid, list, files for the wall, publishing, moving and agreeing by hand."""

import datetime as dt
import io
import re
from html import unescape

import openpyxl
import pypdf
import pytest
from django.urls import reverse

from jiafang.campaigns.models import Appointment, Campaign, CohortFocus, PlanRun, Shift, Tier, Trip
from jiafang.campaigns.services.availability import set_unavailable, set_windows
from jiafang.campaigns.services.confirm import confirm_appointment
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.common.cells import inert
from jiafang.organization.models import Person
from jiafang.web.timetable.dates import shift_words
from tests.factories import campaigns as running
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db(transaction=True)


def text(response):
    return response.content.decode()


def planned_school(**fields):
    """A school whose campaign has a draft timetable, with some visits on site."""
    school = running.small_school(**fields)
    for children in school.students:
        make.CareTagFactory(student=children[0], kind="left_behind")
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    return school, campaign


def everything(campaign, name="timetable", **query):
    asked = "&".join(f"{k}={v}" for k, v in ({"cohort": "all", "week": "all"} | query).items())
    return f"{reverse(name, args=[campaign.pk])}?{asked}"


def rows_of_page(client, campaign):
    """The cells of the list, as they stand on the page."""
    page = text(client.get(everything(campaign, view="list")))
    body = page.split("data-sheet")[1].split("<tbody>")[1].split("</tbody>")[0]
    return [
        [unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for row in body.split("</tr>")
        if "<td" in row
    ]


# What is shown


def test_the_grid_shows_every_appointment_with_its_teacher_and_stops(client):
    school, campaign = planned_school()
    make.sign_in(client, school.principal)
    page = text(client.get(everything(campaign)))
    for children in school.students:
        for child in children:
            assert child.name in page
    for teacher in school.homeroom:
        assert teacher.name in page
    assert "这是草稿" in page
    assert reverse("api:check_move_trip", args=[Trip.unscoped.first().pk]) in page


def test_the_grid_costs_the_same_for_one_family_and_for_three(client):
    counts = []
    for students in (1, 3):
        school, campaign = planned_school(classes=1, students=students)
        make.sign_in(client, school.principal)
        client.get(everything(campaign))
        counts.append(query_count(lambda: client.get(everything(campaign))))  # noqa: B023
        counts.append(query_count(lambda: client.get(everything(campaign, view="list"))))  # noqa: B023
    assert counts[:2] == counts[2:]


def test_a_trip_of_siblings_stands_in_the_lines_of_both_teachers(client):
    school = running.small_school(students=1)
    household = make.HouseholdFactory()
    siblings = [
        make.student(c, household=household, tags=("left_behind",), name=n)
        for c, n in zip(school.classes, "甲乙", strict=True)
    ]
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    together = Appointment.unscoped.get(duties__person=siblings[0])
    assert together.duties.count() == 2
    make.sign_in(client, school.principal)
    page = text(client.get(everything(campaign)))
    assert page.count(f'data-joint="appointment-{together.pk}"') == 4  # two lines, each in the grid and in the list


def test_a_teacher_sees_the_own_part_once_it_is_published(client):
    school, campaign = planned_school()
    teacher, pupils, others = school.homeroom[0], school.students[0], school.students[1]
    make.sign_in(client, teacher, "teacher")
    page = text(client.get(everything(campaign)))
    assert not any(child.name in page for child in pupils)
    publish_timetable(by=school.by, campaign=campaign)
    page = text(client.get(everything(campaign)))
    assert all(child.name in page for child in pupils)
    assert not any(child.name in page for child in others)


def test_a_cohort_lead_sees_the_own_cohort_only(client):
    school = running.small_school(classes=1)
    other_class = make.SchoolClassFactory(cohort=make.GradeCohortFactory(school=school.school, entry_year=2020))
    make.homeroom_teacher(other_class)
    make.subject_teacher(other_class)
    stranger = make.student(other_class, name="外年段的孩子")
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    lead = make.cohort_lead(school.classes[0].cohort)
    make.sign_in(client, lead, "cohort_lead")
    page = text(client.get(everything(campaign)))
    assert school.students[0][0].name in page
    assert stranger.name not in page
    assert stranger.name not in str(sheet_rows(client, campaign))
    assert client.get(everything(campaign, cohort=other_class.cohort_id)).status_code == 404


@pytest.mark.parametrize("name", ["timetable", "timetable_excel", "timetable_pdf"])
def test_the_timetable_of_another_school_is_missing(client, name):
    own, (_other, campaign) = running.small_school(), planned_school()
    for person, kind in [
        (own.principal, "principal"),
        (make.cohort_lead(own.classes[0].cohort), "cohort_lead"),
        (own.homeroom[0], "teacher"),
    ]:
        make.sign_in(client, person, kind)
        make.confirm(client)
        assert client.get(everything(campaign, name)).status_code == 404


# The files


def sheet_rows(client, campaign):
    make.confirm(client)
    answer = client.get(everything(campaign, "timetable_excel"))
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[cell or "" for cell in row] for row in page.iter_rows(min_row=4, values_only=True)]
    return rows[:-2]  # the last lines are the foot and who exported


def test_the_excel_file_equals_the_page(client):
    school, campaign = planned_school()
    CohortFocus.unscoped.create(campaign=campaign, cohort=school.classes[0].cohort, topics="新环境适应\n作息")
    make.sign_in(client, school.principal)
    rows = sheet_rows(client, campaign)
    assert rows == rows_of_page(client, campaign)
    assert len(rows) == Appointment.unscoped.filter(campaign=campaign).count() == 6
    assert {row[6] for row in rows} == {child.name for children in school.students for child in children}
    assert {row[9] for row in rows} == {"新环境适应 作息"}


def test_the_excel_file_is_ready_for_the_wall(client):
    school, campaign = planned_school()
    make.sign_in(client, school.principal)
    make.confirm(client)
    answer = client.get(everything(campaign, "timetable_excel"))
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert page["A1"].value.startswith(school.school.name)
    assert page["A1"].value.endswith("年段教师家访安排表")
    assert "A1:K1" in {str(merged) for merged in page.merged_cells.ranges}
    assert page.page_setup.orientation == "landscape"
    assert int(page.page_setup.paperSize) == 9
    assert page.print_title_rows == "$1:$3"
    assert "&P" in page.oddFooter.center.text
    assert [cell.value for cell in page[3]][:7] == ["日期", "星期", "时间", "班级", "家访教师", "同行教师", "学生"]


def test_the_pdf_file_says_what_the_page_says(client):
    school, campaign = planned_school()
    make.sign_in(client, school.principal)
    make.confirm(client)
    answer = client.get(everything(campaign, "timetable_pdf"))
    said = "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages).split())
    for row in rows_of_page(client, campaign):
        assert all("".join(cell.split()) in said for cell in row), row
    assert "年段教师家访安排表" in said
    assert "共1页" in said


def test_a_wall_shows_no_address_no_phone_and_no_tag(client):
    school, campaign = planned_school()
    child = school.students[0][0]
    household = child.households.get().household
    make.sign_in(client, school.principal)
    said = str(sheet_rows(client, campaign)) + text(client.get(everything(campaign)))
    assert household.village.name in said
    assert household.address not in said
    assert child.phone not in said
    assert "留守" not in said


def test_a_name_that_looks_like_a_formula_stays_text(client):
    school, campaign = planned_school(classes=1, students=1)
    Person.unscoped.filter(pk=school.students[0][0].pk).update(name="=HYPERLINK(1)")
    make.sign_in(client, school.principal)
    assert sheet_rows(client, campaign)[0][6] == "'=HYPERLINK(1)"
    assert [inert(t)[0] for t in ("=1", "+1", "-1", "@a", "\ta")] == ["'"] * 5


def test_the_bureau_tier_uses_the_same_page_and_files(client):
    school = running.small_school()
    cadre = make.bureau_post("cadre")
    make.PairingFactory(school=school.school, cadre=cadre)
    admin = make.administrator()
    campaign = running.launched(admin, None, Tier.BUREAU_PRINCIPAL)
    running.planned(admin, campaign)
    make.sign_in(client, make.bureau_post("director"))
    page = text(client.get(everything(campaign)))
    assert cadre.name in page
    assert school.principal.name in page
    rows = sheet_rows(client, campaign)
    assert rows == rows_of_page(client, campaign)
    assert rows[0][3:7] == [cadre.name, "", school.principal.name, school.school.name]


def test_talks_of_the_principal_use_the_same_page_and_files(client):
    school = running.small_school()
    campaign = running.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER)
    running.planned(school.by, campaign)
    make.sign_in(client, school.principal)
    assert "走访人" in text(client.get(everything(campaign)))
    rows = sheet_rows(client, campaign)
    assert rows == rows_of_page(client, campaign)
    assert {row[5] for row in rows} == {teacher.name for teacher in [*school.homeroom, *school.subject]}
    assert "上门至少两位老师同行" not in text(client.get(reverse("campaign", args=[campaign.pk])))


# Publishing, moving, agreeing


def test_publishing_tells_and_then_the_draft_is_gone(client):
    school, campaign = planned_school()
    make.sign_in(client, school.principal)
    page = text(client.post(reverse("timetable_publish", args=[campaign.pk]), follow=True))
    assert "安排表已发布" in page
    assert "这是草稿" not in page
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PUBLISHED


def test_publishing_without_a_plan_says_what_to_do_first(client):
    school = running.small_school()
    campaign = running.launched(school.by, school.school)
    make.sign_in(client, school.principal)
    page = text(client.post(reverse("timetable_publish", args=[campaign.pk]), follow=True))
    assert "请先自动排表" in page


def test_an_appointment_is_moved_by_its_form(client):
    school, campaign = planned_school(classes=1, students=1)
    appointment = Appointment.unscoped.get(campaign=campaign)
    other = Shift.unscoped.filter(campaign=campaign).exclude(pk=appointment.shift_id).last()
    make.sign_in(client, school.principal)
    url = reverse("timetable_appointment", args=[appointment.pk])
    assert school.students[0][0].name in text(client.get(url))
    client.post(url, {"shift": other.pk})
    appointment.refresh_from_db()
    assert appointment.shift_id == other.pk
    assert "手动换过" in text(client.get(url))


def test_a_move_that_the_family_did_not_ask_for_is_asked_once_more(client):
    school, campaign = planned_school(classes=1, students=1)
    appointment = Appointment.unscoped.get(campaign=campaign)
    other = Shift.unscoped.filter(campaign=campaign).exclude(pk=appointment.shift_id).last()
    duty = running.duty_of(campaign, school.students[0][0])
    set_windows(by=school.by, duty=duty, windows=[(appointment.shift, dt.time(18, 30), dt.time(20, 0))])
    make.sign_in(client, school.principal)
    url = reverse("timetable_appointment", args=[appointment.pk])
    answer = client.post(url, {"shift": other.pk})
    assert answer.status_code == 422
    assert "我知道,仍然换" in text(answer)
    appointment.refresh_from_db()
    assert appointment.shift_id != other.pk
    client.post(url, {"shift": other.pk, "despite": "on"})
    appointment.refresh_from_db()
    assert appointment.shift_id == other.pk


def test_a_published_appointment_is_agreed_and_then_stays_fixed(client):
    school, campaign = planned_school(classes=1, students=1)
    publish_timetable(by=school.by, campaign=campaign)
    appointment = Appointment.unscoped.get(campaign=campaign)
    make.sign_in(client, school.principal)
    page = text(client.post(reverse("timetable_confirm", args=[appointment.pk]), follow=True))
    assert "约好了" in page
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.CONFIRMED
    assert "已约好,不动" in text(client.get(everything(campaign)))


def test_a_cancelled_appointment_leaves_the_timetable(client):
    school, campaign = planned_school(classes=1, students=1)
    appointment = Appointment.unscoped.get(campaign=campaign)
    make.sign_in(client, school.principal)
    client.post(reverse("timetable_cancel", args=[appointment.pk]), {"by": "family"})
    assert school.students[0][0].name not in text(client.get(everything(campaign)))


def test_appointments_of_another_school_are_missing(client):
    own, (_other, campaign) = running.small_school(), planned_school(classes=1, students=1)
    appointment = Appointment.unscoped.get(campaign=campaign)
    make.sign_in(client, own.principal)
    assert client.get(reverse("timetable_appointment", args=[appointment.pk])).status_code == 404
    for name in ("timetable_confirm", "timetable_cancel"):
        assert client.post(reverse(name, args=[appointment.pk])).status_code == 404
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.PROPOSED


# The plan


def test_asking_for_a_plan_shows_its_progress_and_then_its_outcome(client):
    school = running.small_school()
    campaign = running.launched(school.by, school.school)
    make.sign_in(client, school.principal)
    url = reverse("campaign_plan", args=[campaign.pk])
    assert "开始排表" in text(client.get(url))
    page = text(client.post(url, {"effort": "quick"}, follow=True))
    run = PlanRun.unscoped.get()
    assert run.seconds_allowed == 20
    assert reverse("plan_progress", args=[run.pk]) in page
    assert "停止排表" in page
    assert "HX-Refresh" not in client.get(reverse("plan_progress", args=[run.pk])).headers
    running.run_jobs()
    assert client.get(reverse("plan_progress", args=[run.pk])).headers["HX-Refresh"] == "true"
    page = text(client.get(url))
    assert "全部排上" in page
    assert "发布安排表" in page
    assert "重新排表(已约好的不动)" in page


def test_a_plan_can_be_called_off(client):
    school = running.small_school()
    campaign = running.launched(school.by, school.school)
    make.sign_in(client, school.principal)
    client.post(reverse("campaign_plan", args=[campaign.pk]))
    run = PlanRun.unscoped.get()
    page = text(client.post(reverse("campaign_cancel_plan", args=[run.pk]), follow=True))
    assert "已停止排表" in page
    run.refresh_from_db()
    assert run.state == PlanRun.State.CANCELLED


def test_each_unplaced_family_has_its_reason_in_words_and_where_to_mend_it(client):
    school = running.small_school(classes=1, students=2)
    campaign = running.launched(school.by, school.school)
    shifts = list(Shift.unscoped.filter(campaign=campaign))
    set_unavailable(by=school.by, campaign=campaign, visitor=school.homeroom[0], shifts=shifts)
    running.planned(school.by, campaign)
    make.sign_in(client, school.principal)
    page = text(client.get(reverse("campaign_plan", args=[campaign.pk])))
    assert "2 家暂时排不上" in page
    assert f"家里有空的时候,{school.homeroom[0].name} 都来不了" in page
    assert "等 6 个时段" in page
    assert reverse("campaign_availability", args=[campaign.pk]) in page


def test_who_has_another_time_is_named_with_both_times_and_the_reason_to_those_who_may_know(client):
    school = running.small_school(classes=2, students=2)
    school.classes[1].cohort = make.GradeCohortFactory(
        school=school.school, entry_year=school.classes[0].cohort.entry_year - 1
    )
    school.classes[1].save()
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    publish_timetable(by=school.by, campaign=campaign)
    moved = Appointment.unscoped.filter(campaign=campaign, group__lead=school.homeroom[0]).order_by("starts_at")[0]
    was = shift_words(moved.shift.date, moved.shift.kind)
    set_unavailable(by=school.by, campaign=campaign, visitor=school.homeroom[0], shifts=[moved.shift])
    run = running.planned(school.by, campaign)
    names = [duty.person.name for duty in moved.duties.all()]
    url = reverse("plan_run", args=[run.pk])
    make.sign_in(client, school.principal)
    page = text(client.get(url))
    assert all(name in page for name in names)
    assert f"原来:</span>{was}" in page
    assert "负责走访的人那时没空" in page
    assert f"{len(run.moved)} 家换了时间" in page
    make.sign_in(client, make.cohort_lead(school.classes[1].cohort), "cohort_lead")
    answer = client.get(url)
    assert answer.status_code == 200
    assert not any(name in text(answer) for name in names)
    assert "在您的范围之外" in text(answer)


def test_a_family_that_lost_its_time_is_not_among_those_who_kept_theirs(client):
    school, campaign = planned_school(classes=1, students=2)
    publish_timetable(by=school.by, campaign=campaign)
    every = list(Shift.unscoped.filter(campaign=campaign))
    set_unavailable(by=school.by, campaign=campaign, visitor=school.homeroom[0], shifts=every)
    run = running.planned(school.by, campaign)
    assert (run.objective["moved"], run.moved) == (2, [])
    make.sign_in(client, school.principal)
    page = text(client.get(reverse("campaign_plan", args=[campaign.pk])))
    assert "2 家暂时排不上" in page
    assert "告诉过的时间都没有变" not in page


def test_what_would_place_a_family_is_said_and_is_true(client):
    school = running.small_school(classes=1, students=1)
    campaign = running.launched(school.by, school.school)
    teacher, shifts = school.homeroom[0], list(Shift.unscoped.filter(campaign=campaign).order_by("date"))
    set_unavailable(by=school.by, campaign=campaign, visitor=teacher, shifts=shifts)
    running.planned(school.by, campaign)
    make.sign_in(client, school.principal)
    page = text(client.get(reverse("campaign_plan", args=[campaign.pk])))
    first = shift_words(shifts[0].date, shifts[0].kind)
    assert f"{teacher.name}空出 {first}" in page
    set_unavailable(by=school.by, campaign=campaign, visitor=teacher, shifts=shifts[1:])
    assert running.planned(school.by, campaign).objective["unvisited"] == 0


def test_the_unplaced_page_costs_the_same_for_one_family_and_for_three(client):
    counts = []
    for students in (1, 3):
        school = running.small_school(classes=1, students=students)
        campaign = running.launched(school.by, school.school)
        shifts = list(Shift.unscoped.filter(campaign=campaign))
        set_unavailable(by=school.by, campaign=campaign, visitor=school.homeroom[0], shifts=shifts)
        running.planned(school.by, campaign)
        make.sign_in(client, school.principal)
        url = reverse("campaign_plan", args=[campaign.pk])
        client.get(url)
        counts.append(query_count(lambda: client.get(url)))  # noqa: B023
    assert counts[0] == counts[1]


def test_a_run_of_another_school_is_missing(client):
    own, (_other, _campaign) = running.small_school(), planned_school(classes=1, students=1)
    run = PlanRun.unscoped.get()
    make.sign_in(client, own.principal)
    for name in ("plan_run", "plan_progress"):
        assert client.get(reverse(name, args=[run.pk])).status_code == 404
    assert client.post(reverse("campaign_cancel_plan", args=[run.pk])).status_code == 404


def test_replanning_leaves_what_is_agreed(client):
    school, campaign = planned_school(classes=1, students=2)
    publish_timetable(by=school.by, campaign=campaign)
    agreed = Appointment.unscoped.filter(campaign=campaign).first()
    confirm_appointment(by=school.by, appointment=agreed)
    make.sign_in(client, school.principal)
    url = reverse("campaign_plan", args=[campaign.pk])
    assert "已约好的 1 次保持不变" in text(client.get(url))
    client.post(url)
    running.run_jobs()
    before = (agreed.shift_id, agreed.starts_at)
    agreed.refresh_from_db()
    assert (agreed.shift_id, agreed.starts_at) == before
