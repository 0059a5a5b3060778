"""Every page on which staff read about families leaves an audit entry that names whom it showed."""

import itertools
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.accounts.audit import Reading
from jiafang.accounts.models import AuditEntry
from jiafang.config.addresses import addresses
from jiafang.organization.models import Person
from jiafang.organization.services.corrections import ask_correction
from jiafang.web.accounts.confirm import CONFIRMED_AT
from tests.factories import organization as make
from tests.oracle.changes import undone
from tests.oracle.expectation import ANYBODY
from tests.oracle.expected import EXPECTED
from tests.web.growing import Grown, grow

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# What the opening of each page is called. A new address belongs here, or below with the reason why it is no opening.
OPENS: dict[str, set[str]] = {
    "people_list": {Reading.FOUND},
    "person": {Reading.FILE, Reading.PERSON},
    "person_edit": {Reading.CORRECTING},
    "household_edit": {Reading.CORRECTING},
    "person_move": {Reading.CORRECTING},
    "opened": {Reading.OPENINGS},
    "correction_list": {Reading.CORRECTIONS},
    "class": {Reading.CLASS},
    "class_tiles": {Reading.CLASS},
    "student_sheet": {Reading.SHEET},
    "case": {Reading.CASE},
    "case_timeline": {Reading.CASE},
    "case_plan_pdf": {Reading.CASE_PLAN},
    "case_raise": {Reading.FILE, Reading.CLASS},
    "referral": {Reading.CASE},
    "case_board": {Reading.CASES},
    "case_overview": {Reading.CASES},
    "early_signs": {Reading.CLASS},
    "today": {Reading.AGENDA},
    "brief": {Reading.BRIEF},
    "record": {Reading.WRITING},
    "record_unplanned": {Reading.CHOOSING, Reading.WRITING},
    "visit": {Reading.VISIT},
    "visit_edit": {Reading.WRITING},
    "held_list": {Reading.HELD},
    "held_item": {Reading.HELD},
    "api:phone_bundle": {Reading.PHONE},
    "attachment": {Reading.ATTACHMENT},
    "unseen": {Reading.UNSEEN},
    "calendar_feed": {Reading.CALENDAR},
    "campaign_families": {Reading.FAMILIES},
    "duty_windows": {Reading.WINDOWS},
    "campaign_plan": {Reading.PLANNED},
    "plan_run": {Reading.PLANNED},
    "timetable": {Reading.TIMETABLE},
    "timetable_appointment": {Reading.TIMETABLE},
    "timetable_excel": {Reading.EXPORT},
    "timetable_pdf": {Reading.EXPORT},
    "roster_import": {"roster.opened"},
    "roster_columns": {"roster.opened"},
    "roster_faults": {"roster.opened"},
    "roster_changes": {"roster.opened"},
    "roster_marked": {"roster.marked_copy"},
}
# No name of a child or guardian stands on these; the test looks.
SHOWS_NO_FAMILY = {
    "sign_rules",
    "sign_rule",
    "sealed_standing",
    # What is sealed has a trace of its own, outside of what families are told.
    "mandatory_report",
    "sealed_report",
    "home",
    "phone",
    "my_class",
    "notifications",
    "own_cases",
    "school_list",
    "school",
    "school_edit",
    "class_homeroom",
    "pairing_list",
    "village_list",
    "village_edit",
    "question_list",
    "question_example",
    "question_add",
    "question_set",
    "roster_list",
    "roster_template",
    "roster_upload",
    "roster_progress",
    "overview",
    "overview_tier",
    "overview_school",
    "calendar_subscribe",
    "campaign_list",
    "campaign_new",
    "campaign",
    "campaign_basis",
    "campaign_edit",
    "campaign_rules",
    "campaign_focus",
    "campaign_launch",
    "campaign_availability",
    "plan_progress",
    "retention",
    "resources",
    "resource_new",
    "resource_edit",
    "care_tables",
    "care_category_new",
    "care_category",
    "care_section_new",
    "care_section",
    "api:plan_run",
    "api:phone_hello",
    "api:check_move",
    "api:check_move_trip",
}
# The family's own pages, about itself.
OF_THE_FAMILY = {"family", "family_appointment", "family_data", "family_file"}


def staff_pages() -> set[str]:
    """Addresses that a member of staff can read; signing in, languages and the parts on show hold no family."""
    return {
        one.name
        for one in addresses()
        if "GET" in one.methods
        and not one.name.startswith(("account_", "look", "switch_", "second_factor", "api:api-root"))
        and one.name not in ("alive", "device_list", "mfa_authenticate", "phone_manifest", "phone_worker")
    }


def test_it_is_said_of_every_address_whether_it_opens_something() -> None:
    decided = [*OPENS, *SHOWS_NO_FAMILY, *OF_THE_FAMILY]
    assert len(decided) == len(set(decided))
    assert staff_pages() - set(decided) == set(), "say in this file what these show"
    assert set(decided) - staff_pages() == set(), "these are gone"


EVERY_DAY = ["administrator", "principal", "teacher", "counselor"]
MORE = ["director", "cadre", "cohort_lead", "community_partner"]


def families() -> dict[str, int]:
    """Names of children and guardians who have no post: whoever reads one has read about a family."""
    rows = Person.unscoped.filter(posts=None).exclude(name="")
    return {row.name: row.pk for row in rows}


def password_in_hand(client: Client) -> None:
    session = client.session
    session[CONFIRMED_AT] = time.time()
    session.save()


def answers(grown: Grown, kind: str, name: str) -> list[Any]:
    """Every answer of an address to somebody, over the objects that the district has."""
    expected = EXPECTED.get(name)
    if expected is None or (expected.kinds != ANYBODY and kind not in expected.kinds):
        return []
    client = Client()
    make.sign_in(client, grown.people[kind], kind)
    password_in_hand(client)
    found = []
    for chosen in itertools.product(*(grown.ids[of] for of in expected.parameters.values())):
        before = AuditEntry.objects.count()
        response = client.get(reverse(name, kwargs=dict(zip(expected.parameters, chosen, strict=True))))
        if response.status_code == 200:
            found.append((response, list(AuditEntry.objects.order_by("id")[before:])))
            if name != "person":
                break
    return found


def ask_about_a_child(grown: Grown) -> None:
    by = make.actor_of(grown.people["guardian"], "guardian")
    ask_correction(by=by, student_id=grown.ids["person"][0], about="other", wrong="写错了", right="写对了")


def unnamed(kinds: list[str]) -> tuple[list[str], set[str]]:
    """Pages that show a family and name it in no entry, and pages whose opening was never told."""
    faults, never = [], set(OPENS)
    with undone():
        grown = grow(1)
        known = families()
        ask_about_a_child(grown)
        for kind, name in itertools.product(kinds, sorted(staff_pages() - OF_THE_FAMILY)):
            own = grown.people[kind].pk
            for response, entries in answers(grown, kind, name):
                content = b"".join(response) if response.streaming else response.content
                text = content.decode(errors="ignore")
                shown = {pk for one, pk in known.items() if one in text} - {own}
                told = {entry.action for entry in entries}
                named = {pk for entry in entries for pk in entry.subjects}
                if told & OPENS.get(name, set()):
                    never.discard(name)
                if shown and not told & OPENS.get(name, set()):
                    faults.append(f"{name} as {kind} shows a family and leaves no entry (left: {sorted(told)})")
                elif shown - named and not name.startswith("roster_"):
                    faults.append(f"{name} as {kind} shows {sorted(shown - named)} and names {sorted(named)}")
    return sorted(faults), never


def test_whoever_of_the_staff_reads_about_a_family_leaves_an_entry_that_names_it() -> None:
    faults, never = unnamed(EVERY_DAY)
    assert not faults, "\n".join(faults)
    assert not never, f"never opened: {sorted(never)}"


@pytest.mark.nightly
def test_the_others_of_the_staff_leave_entries_as_well() -> None:
    assert unnamed(MORE)[0] == []


def test_the_rule_about_openings_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiafang.web.visits.class_views.note_opened", lambda *given, **more: None)
    monkeypatch.setattr(f"{__name__}.staff_pages", lambda: {"class_tiles"})
    faults, never = unnamed(["teacher"])
    assert faults == ["class_tiles as teacher shows a family and leaves no entry (left: [])"]
    assert "class_tiles" in never
