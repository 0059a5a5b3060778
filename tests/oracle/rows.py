"""Which rows of every table a subject may reach for every purpose, from the plain facts; nothing of access/ is used.

`within` says it for one purpose, as the registry must; `expected_rows` for all purposes together, as the policies of
the database must.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from tests.oracle.facts import World
from tests.oracle.oracle import BUREAU_TIERS, FAMILY, PLANNERS, SCHOOL_KINDS, STAFF, Oracle
from tests.oracle.rows_care import ANSWER, CONFIRM, LEAD, WORK, CareRows

VIEW, CHANGE, RECORD, BRIEF, COUNT, ACCEPT = "view", "change", "record", "brief", "count", "accept"
READING = (VIEW, CHANGE, RECORD, BRIEF, COUNT, ACCEPT, CONFIRM, LEAD, WORK, ANSWER)
VISITORS = frozenset(STAFF) - {"administrator"}
CLASS_KINDS = ("principal", "cohort_lead", "teacher")
Pks = set[Any]


class Rows(CareRows):
    """The rows within reach of one subject."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle, self.world, self.kind, self.me = oracle, oracle.world, oracle.kind, oracle.me

    def within(self, label: str, purpose: str) -> Pks:
        """The keys of the rows of a table (`organization.person`) that may be reached for a purpose."""
        if not self.kind:
            return set()
        said: Callable[[str], Iterable[Any]] | None = getattr(self, label.partition(".")[2], None)
        return set(said(purpose)) if said else set()

    def _all(self, label: str) -> Pks:
        return set(self.world.tables[label])

    def _where(self, label: str, holds: Callable[[dict[str, Any]], bool]) -> Pks:
        return {pk for pk, row in self.world.tables[label].items() if holds(row)}

    @property
    def _rules_all(self) -> bool:
        return self.kind == "administrator"

    # Units

    def school(self, purpose: str) -> Pks:
        if purpose == CHANGE:
            return self._all("organization.school") if self._rules_all else set()
        if purpose != VIEW:
            return set()
        if self.kind == "guardian":
            return {self.world.school_of_class[one] for one in self._classes_of_wards}
        return {pk for pk in self._all("organization.school") if self.oracle.sees_school(pk)}

    def gradecohort(self, purpose: str) -> Pks:
        if purpose != VIEW:
            return set()
        if self.kind == "guardian":
            return {self.world.cohort_of_class[one] for one in self._classes_of_wards}
        return {pk for pk, school in self.world.school_of_cohort.items() if self.oracle.sees_school(school)}

    def schoolclass(self, purpose: str) -> Pks:
        if purpose != VIEW or self.kind in ("counselor", "community_partner"):
            return set()
        if self.kind == "guardian":
            return self._classes_of_wards
        return {pk for pk in self._all("organization.schoolclass") if self.oracle.sees_class(pk)}

    @cached_property
    def _classes_of_wards(self) -> Pks:
        classes = {self.oracle.class_now(child) for child in self.oracle.students}
        return {one for one in classes if one}

    # People

    def correctionrequest(self, purpose: str) -> Pks:
        asked = self.world.corrections.values()
        if purpose == CHANGE:
            return {one.pk for one in asked if self.oracle.answers_correction(one)}
        return {one.pk for one in asked if self.oracle.sees_correction(one)} if purpose == VIEW else set()

    def notification(self, purpose: str) -> Pks:
        may = purpose in (VIEW, CHANGE)
        return {pk for pk, one in self.world.told.items() if may and self.oracle.was_told(one)}

    def auditentry(self, purpose: str) -> Pks:
        if purpose != VIEW:
            return set()
        if self._rules_all:
            return self._all("accounts.auditentry")
        return set(self.oracle.openings_told)

    def purgerun(self, purpose: str) -> Pks:
        return self._all("retention.purgerun") if purpose == VIEW and self._rules_all else set()

    def person(self, purpose: str) -> Pks:
        if purpose == CHANGE:
            return {pk for pk in self._all("organization.person") if self.oracle.may_correct(pk)}
        return self.oracle.people if purpose == VIEW else set()

    def post(self, purpose: str) -> Pks:
        if purpose == BRIEF and self.kind in VISITORS:
            return self._where("organization.post", lambda row: row["person_id"] in self._met)
        if purpose != VIEW:
            return set()
        if self.kind in ("administrator", "director"):
            return self._all("organization.post")
        return self._where("organization.post", lambda row: row["person_id"] in self.oracle.staff | {self.me})

    def pairing(self, purpose: str) -> Pks:
        if self._rules_all and purpose in (VIEW, CHANGE):
            return self._all("organization.pairing")
        if purpose != VIEW:
            return set()
        return self._where(
            "organization.pairing",
            lambda row: (
                self.kind == "director"
                or (self.kind == "cadre" and row["cadre_id"] == self.me)
                or (self.kind == "principal" and row["school_id"] == self.oracle.school)
            ),
        )

    def enrollment(self, purpose: str) -> Pks:
        rows = self.world.tables["organization.enrollment"]
        if purpose == COUNT:
            return {pk for pk, row in rows.items() if self._counts(row["school_class_id"])}
        if purpose == BRIEF and self.kind in VISITORS:
            near = self._met | self._mates(self._met)
            return {pk for pk, row in rows.items() if row["student_id"] in near}
        return self._of_students("organization.enrollment") if purpose == VIEW else set()

    def guardianship(self, purpose: str) -> Pks:
        if purpose == BRIEF and self.kind in VISITORS:
            rows = self.world.tables["organization.guardianship"]
            return {pk for pk, row in rows.items() if row["student_id"] in self._met and not row["revoked_on"]}
        may = purpose == VIEW or (purpose == CHANGE and self.kind in ("administrator", "principal"))
        return self._of_students("organization.guardianship") if may else set()

    def _of_students(self, label: str) -> Pks:
        """Rows about students of today whom the subject answers for, teaches or raises."""
        if self._rules_all:
            return self._all(label)
        return self._where(label, lambda row: row["student_id"] in self.oracle.students)

    def caretag(self, purpose: str) -> Pks:
        if purpose == VIEW and self._rules_all:
            return self._all("organization.caretag")
        near = {VIEW: self.oracle.students if self.kind in CLASS_KINDS else set(), BRIEF: self._met}.get(purpose, set())
        if self.kind not in VISITORS:
            return set()
        return {
            tag.pk
            for tag in self.world.tags
            if tag.student in near
            and (
                not tag.restricted
                or (self.oracle.leads_class(self._class(tag.student)) and tag.student not in self.oracle.own_children)
            )
        }

    def _class(self, student: int) -> int | None:
        return self.oracle.class_now(student)

    def household(self, purpose: str) -> Pks:
        if self._rules_all:
            return self._all("organization.household") if purpose in (VIEW, CHANGE) else set()
        may = (purpose == VIEW and self.kind in (*CLASS_KINDS, "guardian")) or (
            purpose == CHANGE and self.kind == "principal"
        )
        return self._homes(self.oracle.students | {self.me}) if may else set()

    def _homes(self, people: Pks) -> Pks:
        """The households in which they live today."""
        rows = self.world.tables["organization.householdmembership"].values()
        return {row["household_id"] for row in rows if row["person_id"] in people and _holds(self.world, row)}

    def householdmembership(self, purpose: str) -> Pks:
        label = "organization.householdmembership"
        if purpose == VIEW and self._rules_all:
            return self._all(label)
        if purpose == VIEW and self.kind in (*CLASS_KINDS, "guardian"):
            return self._where(label, lambda row: row["person_id"] in self.oracle.students | {self.me})
        if purpose == BRIEF and self.kind in VISITORS:
            return self._where(label, lambda row: row["household_id"] in self._homes(self._met))
        return set()

    def seasonalresidence(self, purpose: str) -> Pks:
        homes = self.household(purpose) if purpose == VIEW else set()
        return self._where("organization.seasonalresidence", lambda row: row["household_id"] in homes)

    def rosterimport(self, purpose: str) -> Pks:
        may = self._rules_all and purpose in (VIEW, CHANGE)
        return self._all("organization.rosterimport") if may else set()

    def rosterfile(self, purpose: str) -> Pks:
        return self._all("organization.rosterfile") if self._rules_all and purpose == VIEW else set()

    # Campaigns

    def campaign(self, purpose: str) -> Pks:
        said = {VIEW: self.oracle.sees_campaign, CHANGE: self.oracle.leads_campaign}.get(purpose)
        return {pk for pk, one in self.world.campaigns.items() if said and said(one)}

    def cohortfocus(self, purpose: str) -> Pks:
        if purpose == BRIEF and self.kind in VISITORS:
            campaigns = {duty.campaign for duty in self.world.duties.values() if self.oracle.at_hand(duty)}
        elif purpose == VIEW or (purpose == CHANGE and self._rules_all):
            campaigns = self.campaign(VIEW)
        else:
            return set()
        return {pk for pk, campaign in self.world.focuses.items() if campaign in campaigns}

    def shift(self, purpose: str) -> Pks:
        if purpose == VIEW or (purpose == CHANGE and self._rules_all):
            return {pk for pk, campaign in self.world.campaign_of_shift.items() if campaign in self.campaign(VIEW)}
        return set()

    def roadtable(self, purpose: str) -> Pks:
        if purpose == VIEW or (purpose == CHANGE and self._rules_all):
            return {pk for pk, campaign in self.world.campaign_of_roads.items() if campaign in self.campaign(VIEW)}
        return set()

    def visitgroup(self, purpose: str) -> Pks:
        if self._rules_all:
            return set(self.world.groups) if purpose in (VIEW, CHANGE) else set()
        if purpose != VIEW or self.kind not in STAFF:
            return set()
        return {pk for pk in self.world.groups if self._sees_group(pk)}

    def _sees_group(self, pk: int) -> bool:
        group = self.world.groups[pk]
        campaign = self.world.campaigns[group.campaign]
        if self.kind == "director":  # plans the bureau's own tiers
            return campaign.tier in BUREAU_TIERS
        if self.me in {group.lead, *group.others}:
            return True
        if self.kind == "cohort_lead":
            cohort = self.world.cohort_of_class.get(group.school_class) if group.school_class else None
            return campaign.school == self.oracle.school and cohort in self.oracle.cohorts_led
        return self.kind == "principal" and campaign.school == self.oracle.school

    def duty(self, purpose: str) -> Pks:
        said: dict[str, Callable[[Any], bool]] = {VIEW: self.oracle.sees_duty}
        if self.kind in PLANNERS:
            said[CHANGE] = self.oracle.sees_duty
        if self.kind in VISITORS:
            said[RECORD], said[BRIEF] = self._answers, self.oracle.at_hand
        return {pk for pk, one in self.world.duties.items() if purpose in said and said[purpose](one)}

    def _answers(self, duty: Any) -> bool:
        """Answers for somebody else's duty: leads or joins the group, visits, leads the class or cohort."""
        campaign = self.world.campaigns[duty.campaign]
        if not self.oracle.records or duty.person == self.me:
            return False
        visits = self.oracle.came_along(duty)
        leads = self.kind in ("teacher", "cohort_lead") and campaign.tier == FAMILY
        group = self.world.groups.get(duty.group) if duty.group else None
        crew = {group.lead, *group.others} if group else set()
        return self.me in crew or visits or (leads and self.oracle.leads_class(duty.school_class))

    @cached_property
    def _met(self) -> Pks:
        return {duty.person for duty in self.world.duties.values() if self.oracle.at_hand(duty)}

    def _mates(self, people: Pks) -> Pks:
        """Everybody who lives today where they live."""
        homes = self._homes(people)
        rows = self.world.tables["organization.householdmembership"].values()
        return {row["person_id"] for row in rows if row["household_id"] in homes and _holds(self.world, row)}

    def familywindow(self, purpose: str) -> Pks:
        may = purpose == VIEW or (purpose == CHANGE and self._rules_all)
        return self._where("campaigns.familywindow", lambda row: may and row["duty_id"] in self.duty(VIEW))

    def unavailability(self, purpose: str) -> Pks:
        if self._rules_all:
            return self._all("campaigns.unavailability") if purpose in (VIEW, CHANGE) else set()
        if purpose != VIEW or self.kind not in STAFF:
            return set()
        return self._where("campaigns.unavailability", self._sees_unavailability)

    def _sees_unavailability(self, row: dict[str, Any]) -> bool:
        campaign = self.world.campaigns[self.world.campaign_of_shift[row["shift_id"]]]
        if self.kind == "director" and campaign.tier in BUREAU_TIERS:
            return True
        plans = self.kind in ("principal", "cohort_lead") and campaign.school == self.oracle.school
        return row["visitor_id"] == self.me or plans

    def planrun(self, purpose: str) -> Pks:
        if purpose not in (VIEW, CHANGE) or (purpose == CHANGE and not self._rules_all):
            return set()
        seen = self.oracle.sees_plan_run
        return {pk for pk, campaign in self.world.plan_runs.items() if seen(self.world.campaigns[campaign])}

    def appointment(self, purpose: str) -> Pks:
        said: dict[str, Callable[[Any], bool]] = {
            VIEW: self.oracle.sees_appointment,
            CHANGE: self._changes,
            RECORD: self.oracle.visits_in,
            BRIEF: self.oracle.visits_in,
        }
        return {pk for pk, one in self.world.appointments.items() if purpose in said and said[purpose](one)}

    def _changes(self, met: Any) -> bool:
        """Plans it, or leads the group of teachers that agrees on it with the families."""
        leads = self.kind == "teacher" and met.published and self.world.groups[met.group].lead == self.me
        leads = leads and self.oracle.works_for(met.campaign)
        return self._rules_all or self.oracle.plans(met) or leads

    def trip(self, purpose: str) -> Pks:
        stops: dict[int, list[Any]] = {}
        for met in self.world.appointments.values():
            if met.trip:
                stops.setdefault(met.trip, []).append(met)
        if self._rules_all:
            return set(self.world.tables["campaigns.trip"]) if purpose in (VIEW, CHANGE) else set()
        if purpose == VIEW:
            return {pk for pk, mets in stops.items() if any(self.oracle.sees_appointment(met) for met in mets)}
        if purpose == CHANGE and self.kind in (*PLANNERS, "teacher"):
            return {pk for pk, mets in stops.items() if all(self._changes(met) for met in mets)}
        return set()

    def dutytally(self, purpose: str) -> Pks:
        unit = {"cadre": "school_id", "principal": "school_id", "cohort_lead": "cohort_id"}.get(
            self.kind, "school_class_id"
        )
        own = {
            "cadre": self.oracle.paired,
            "principal": {self.oracle.school},
            "cohort_lead": self.oracle.cohorts_led,
            "teacher": self.oracle.classes_led,
        }.get(self.kind, set())
        every = self.kind in ("administrator", "director")
        return self._where("insight.dutytally", lambda row: purpose == VIEW and (every or row[unit] in own))

    # Visits

    def visit(self, purpose: str) -> Pks:
        said = {VIEW: self._reads, CHANGE: self.oracle.wrote}.get(purpose)
        return {pk for pk, one in self.world.visits.items() if said and said(one)}

    def _reads(self, visit: Any) -> bool:
        """Own records, those of the families answered for, and for the bureau those of own duties."""
        if self.oracle.sees_visit(visit):
            return True
        duties = [self.world.duties[pk] for pk in visit.duties]
        own_child = any(duty.person in self.oracle.own_children for duty in duties)
        return self.kind in ("director", "cadre") and not own_child and any(self._answers(duty) for duty in duties)

    def participant(self, purpose: str) -> Pks:
        return self._of_visits("visits.participant", purpose)

    def visitrevision(self, purpose: str) -> Pks:
        """Kept as one piece: for those who may read every part of it."""
        rows = self.world.tables["visits.visitrevision"]
        return {pk for pk in self._of_visits("visits.visitrevision", purpose) if self._every_part(rows[pk]["visit_id"])}

    def _every_part(self, visit: Any) -> bool:
        about = [self.world.duties[duty].person for duty in self.world.visits[visit].duties]
        return not self._confided(visit) and all(self._of_other_children(visit, person) for person in about)

    def attachment(self, purpose: str) -> Pks:
        seen = self.visit(VIEW) if purpose in (VIEW, CHANGE) and self.oracle.records else set()
        return self._where(
            "visits.attachment",
            lambda row: (
                row["visit_id"] in seen
                and self._every_part(row["visit_id"])
                and (purpose == VIEW or self.oracle.wrote(self.world.visits[row["visit_id"]]))
            ),
        )

    def questionset(self, purpose: str) -> Pks:
        said = {VIEW: self.oracle.sees_questions, CHANGE: self.oracle.owns_questions}.get(purpose)
        return {pk for pk, one in self.world.question_sets.items() if said and said(one)}

    def note(self, purpose: str) -> Pks:
        shared = {"teaching"}
        return self._told("visits.note", purpose, lambda row: row["axis"] in shared)

    def raisedconcern(self, purpose: str) -> Pks:
        shared = {"study", "teaching", "conditions", "safety", "tutoring"}
        return self._told("visits.raisedconcern", purpose, lambda row: row["category"] in shared)

    def _told(self, label: str, purpose: str, shared: Callable[[Any], bool]) -> Pks:
        """What was heard about somebody: with the record, but of a teacher's home only by whoever came."""
        seen = self.visit(VIEW) if purpose == VIEW and self.oracle.records else set()
        return self._where(
            label,
            lambda row: (
                row["visit_id"] in seen
                and (shared(row) or not self._confided(row["visit_id"]))
                and self._of_other_children(row["visit_id"], row["person_id"])
            ),
        )

    def _confided(self, visit: Any) -> bool:
        found = self.world.visits[visit]
        talks = self.world.campaigns[found.campaign].tier in ("principal_teacher", "bureau_teacher")
        return talks and not self.oracle.wrote(found)

    def _of_other_children(self, visit: Any, person: int) -> bool:
        """Of an own child only what one wrote oneself."""
        return person not in self.oracle.own_children or self.world.visits[visit].recorded_by == self.me

    def _of_visits(self, label: str, purpose: str) -> Pks:
        may = purpose == VIEW and self.kind in ("director", "cadre", *CLASS_KINDS)
        return self._where(label, lambda row: may and row["visit_id"] in self.visit(VIEW))

    def receipt(self, purpose: str) -> Pks:
        mine = self.oracle.records and purpose == VIEW
        return self._where("visits.receipt", lambda row: mine and row["person_id"] == self.me)

    def helditem(self, purpose: str) -> Pks:
        if self._rules_all:
            return self._all("visits.helditem") if purpose == VIEW else set()
        said = {VIEW: self.oracle.sees_held, CHANGE: self.oracle.sent, ACCEPT: self.oracle.may_accept}.get(purpose)
        return {pk for pk, one in self.world.held.items() if said and said(one)}

    def lastcontact(self, purpose: str) -> Pks:
        if purpose == COUNT:  # counted further than seen by name
            return self._where("visits.lastcontact", lambda row: self._counts(self._class(row["person_id"])))
        may = purpose == VIEW and self.kind in CLASS_KINDS
        return self._where(
            "visits.lastcontact", lambda row: may and self.oracle.leads_class(self._class(row["person_id"]))
        )

    def _counts(self, school_class: int | None) -> bool:
        if self.kind in ("administrator", "director"):
            return True
        return school_class is not None and self.world.school_of_class[school_class] in self.oracle.paired


# Rows that only link two others are reached with the row that they hang on.
LINKS = {
    "campaigns.visitgroup_co_visitors": ("campaigns.visitgroup", "visitgroup_id"),
    "campaigns.trip_groups": ("campaigns.trip", "trip_id"),
    "campaigns.trip_crew": ("campaigns.trip", "trip_id"),
    "campaigns.appointment_duties": ("campaigns.appointment", "appointment_id"),
    "campaigns.appointment_visitors": ("campaigns.appointment", "appointment_id"),
    "visits.visit_duties": ("visits.visit", "visit_id"),
    "visits.visit_visitors": ("visits.visit", "visit_id"),
}


def expected_rows(oracle: Oracle, label: str) -> Pks:
    """All that may be read of a table, for whatever purpose: what the second fence must let through, and no more."""
    rows = Rows(oracle)
    if label in LINKS:
        parent, column = LINKS[label]
        parents = expected_rows(oracle, parent)
        return rows._where(label, lambda row: row[column] in parents)
    return {pk for purpose in READING for pk in rows.within(label, purpose)}


def _holds(world: World, row: dict[str, Any]) -> bool:
    return row["start"] <= world.day and (row["end"] is None or row["end"] > world.day)


__all__ = ["LINKS", "READING", "SCHOOL_KINDS", "Rows", "expected_rows"]
