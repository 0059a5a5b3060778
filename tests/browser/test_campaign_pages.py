"""The campaign pages in a browser: a trip dragged and moved by keyboard, a plan watched, nothing for axe to find."""

import pytest
from django.urls import reverse

from jiafang.campaigns.models import Appointment, PlanRun, Shift, Trip
from tests.factories import campaigns as running
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def planned():
    """A school with one class whose campaign is planned: a trip and calls."""
    school = running.small_school(classes=1)
    make.CareTagFactory(student=school.students[0][0], kind="left_behind")
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    return school, campaign


def everything(campaign):
    return reverse("timetable", args=[campaign.pk]) + "?week=all"


def free_evening(campaign):
    taken = Appointment.unscoped.filter(campaign=campaign).values("shift_id")
    return Shift.unscoped.filter(campaign=campaign).exclude(pk__in=taken).first()


def test_a_trip_is_dragged_to_another_evening(planned, open_page):
    school, campaign = planned
    evening, trip = free_evening(campaign), Trip.unscoped.get(campaign=campaign)
    page = open_page(school.principal, everything(campaign))
    block = page.locator(f".timetable-grid [data-trip='trip-{trip.pk}']")
    target = page.locator(f".timetable-grid [data-drop][data-evening='{evening.pk}']")
    block.drag_to(target)
    page.get_by_text("已换到").wait_for()
    assert {a.shift_id for a in Appointment.unscoped.filter(campaign=campaign, trip__isnull=False)} == {evening.pk}


def test_a_trip_lands_where_it_is_let_go_and_not_where_it_was_last_looked_at(planned, open_page):
    school, campaign = planned
    trip = Trip.unscoped.get(campaign=campaign)
    taken = Appointment.unscoped.filter(campaign=campaign).values("shift_id")
    looked_at, let_go = Shift.unscoped.filter(campaign=campaign).exclude(pk__in=taken)[:2]
    page = open_page(school.principal, everything(campaign))
    # As after scrolling under a pointer that rests: the cell it is let go over was never dragged over.
    page.evaluate(
        """([block, over, at]) => {
            const data = new DataTransfer();
            const tell = (what, type) =>
                document.querySelector(".timetable-grid " + what).dispatchEvent(
                    new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
            tell(block, "dragstart"); tell(over, "dragover"); tell(at, "drop"); tell(block, "dragend");
        }""",
        [f"[data-trip='trip-{trip.pk}']", *(f"[data-drop][data-evening='{e.pk}']" for e in (looked_at, let_go))],
    )
    page.get_by_text("已换到").wait_for()
    assert {a.shift_id for a in Appointment.unscoped.filter(campaign=campaign, trip__isnull=False)} == {let_go.pk}


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_call_is_moved_by_its_dialog(planned, open_page, size):
    school, campaign = planned
    evening = free_evening(campaign)
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    page = open_page(school.principal, everything(campaign), size=size)
    place = ".timetable-list" if size == "phone" else ".timetable-grid"
    page.locator(f"{place} [data-trip='appointment-{call.pk}'] [data-move-trip]").click()
    page.locator("#move-evening").select_option(str(evening.pk))
    page.get_by_role("button", name="换到这里").click()
    page.get_by_text("已换到").wait_for()
    call.refresh_from_db()
    assert call.shift_id == evening.pk


def test_a_plan_is_watched_until_its_outcome_appears(open_page):
    school = running.small_school(classes=1)
    campaign = running.launched(school.by, school.school)
    page = open_page(school.principal, reverse("campaign_plan", args=[campaign.pk]))
    page.get_by_role("button", name="自动排表").click()
    page.get_by_text("可以关掉这个页面").wait_for()
    running.run_jobs()
    page.get_by_text("全部排上").wait_for()
    assert PlanRun.unscoped.get().state == PlanRun.State.DONE


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_axe_finds_nothing_on_the_campaign_pages(planned, open_page, axe_faults, size):
    school, campaign = planned
    make.TermFactory()
    draft = running.campaign(school.by, school.school, basis_file=b"%PDF-1", basis_file_name="通知.pdf")
    duty = running.duty_of(campaign, school.students[0][0])
    appointment = Appointment.unscoped.filter(campaign=campaign).first()
    names = ["campaign", "campaign_edit", "campaign_rules", "campaign_focus", "campaign_launch"]
    addresses = [reverse("campaign_list"), reverse("campaign_new"), *(reverse(n, args=[draft.pk]) for n in names)]
    running_names = ["campaign", "campaign_availability", "campaign_families", "campaign_plan"]
    addresses += [reverse(name, args=[campaign.pk]) for name in running_names]
    addresses += [everything(campaign), everything(campaign) + "&view=list"]
    addresses += [
        reverse("duty_windows", args=[duty.pk]),
        reverse("timetable_appointment", args=[appointment.pk]),
    ]
    page = open_page(school.principal, addresses[0], size=size)
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
        assert axe_faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
