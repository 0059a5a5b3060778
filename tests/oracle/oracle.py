"""Who may see what, said a second time: plain Python over plain facts, written from the design and not from the code.

The union of what a capacity may see by any page is computed once; pages only ever show part of it.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jiafang.accounts.audit import Reading
from tests.oracle.care import CareOracle
from tests.oracle.facts import AddedQuestions, Appointment, Campaign, Correction, Duty, Held, Secret, Told, Visit, World

BUREAU_TIERS = ("bureau_principal", "bureau_teacher")
FAMILY = "teacher_family"
TALKS = ("principal_teacher", "bureau_teacher")
PLANNERS = ("administrator", "director", "principal", "cohort_lead")
SCHOOL_KINDS = ("principal", "cohort_lead", "teacher", "counselor")
STAFF = ("administrator", "director", "cadre", *SCHOOL_KINDS)
LEADING_POSTS = {"principal": ("principal", "deputy_principal", "moral_deputy")}
NEVER = {"id_number"}  # shown masked at most
NOT_FOR_FAMILIES = {"talking_points"}
NEAR = dt.timedelta(weeks=2)
CONFIDED = {"note of home", "concern of health", "revision"}  # of a talk with a teacher


@dataclass(frozen=True)
class Subject:
    """Somebody who asks, in one capacity; `kind` is empty for a person without any."""

    name: str
    kind: str
    school: str = ""

    def __str__(self) -> str:
        return f"{self.name} as {self.kind or 'nobody'}"


class Oracle(CareOracle):
    """What one subject may see and do in a world."""

    def __init__(self, world: World, subject: Subject) -> None:
        self.world, self.subject, self.kind = world, subject, subject.kind
        self.me = world.people[subject.name]
        self.school = world.schools[subject.school] if subject.school else None

    @cached_property
    def _my_posts(self) -> list[Any]:
        kinds = {
            "teacher": ("homeroom_teacher", "subject_teacher", "employee"),
            **LEADING_POSTS,
        }.get(self.kind, (self.kind,))
        return [
            p
            for p in self.world.posts
            if p.person == self.me and not p.ended and p.kind in kinds and p.school == self.school
        ]

    @cached_property
    def classes_taught(self) -> set[int]:
        return {p.school_class for p in self._my_posts if p.school_class} if self.kind == "teacher" else set()

    @cached_property
    def classes_led(self) -> set[int]:
        led = {p.school_class for p in self._my_posts if p.kind == "homeroom_teacher"}
        return led if self.kind == "teacher" else set()

    @cached_property
    def cohorts_led(self) -> set[int]:
        return {p.cohort for p in self._my_posts} if self.kind == "cohort_lead" else set()

    @cached_property
    def paired(self) -> set[int]:
        mine = [p for p in self.world.pairings if p.cadre == self.me and not p.ended]
        return {p.school for p in mine} if self.kind == "cadre" else set()

    @cached_property
    def wards(self) -> set[int]:
        """Children seen as a guardian."""
        held = [g for g in self.world.guardianships if g.guardian == self.me and not g.revoked and g.may_see]
        return {g.student for g in held} if self.kind == "guardian" else set()

    @cached_property
    def own_children(self) -> set[int]:
        """Children kept from the subject at work: a guardianship that has ended makes nobody a stranger."""
        return {g.student for g in self.world.guardianships if g.guardian == self.me}

    # People

    def leads_class(self, school_class: int | None) -> bool:
        """Whether the class, its cohort or its school is led by the subject."""
        if school_class is None:
            return False
        if self.kind == "principal":
            return self.world.school_of_class[school_class] == self.school
        return school_class in self.classes_led or self.world.cohort_of_class[school_class] in self.cohorts_led

    def class_now(self, student: int) -> int | None:
        held = (e.school_class for e in self.world.enrollments if e.student == student and not e.ended)
        return next(held, None)

    @cached_property
    def students(self) -> set[int]:
        """Students of today whom the subject answers for, teaches or raises."""
        enrolled = {e.student: e.school_class for e in self.world.enrollments if not e.ended}
        if self.kind == "administrator":
            return set(enrolled)
        return {
            student
            for student, school_class in enrolled.items()
            if self.leads_class(school_class) or school_class in self.classes_taught or student in self.wards
        }

    @cached_property
    def staff(self) -> set[int]:
        held = [p for p in self.world.posts if not p.ended]
        if self.kind in ("administrator", "director"):
            return {p.person for p in held}
        if self.kind == "cadre":
            return {p.person for p in held if p.school in self.paired or p.school is None}
        if self.kind == "guardian":
            classes = {self.class_now(student) for student in self.students}
            return {p.person for p in held if p.school_class and p.school_class in classes}
        return {p.person for p in held if p.school == self.school} if self.kind in SCHOOL_KINDS else set()

    @cached_property
    def people(self) -> set[int]:
        """Persons whose page the subject may open (a guardian: whose facts)."""
        if self.kind == "administrator":
            return set(self.world.people.values())
        if self.kind == "guardian":
            return {self.me} | self.wards | self.staff
        if self.kind not in STAFF:
            return set()
        return {self.me} | self.staff | self.students | self._guardians(self.students)

    def _guardians(self, students: set[int]) -> set[int]:
        return {g.guardian for g in self.world.guardianships if g.student in students and not g.revoked}

    def may_correct(self, person: int) -> bool:
        if self.kind == "principal":
            return person in self.staff | self.students | self._guardians(self.students)
        return self.kind == "administrator"

    def sees_school(self, school: int) -> bool:
        return self.kind in ("administrator", "director") or school == self.school or school in self.paired

    def sees_class(self, school_class: int) -> bool:
        if self.kind in ("administrator", "director") or self.leads_class(school_class):
            return True
        return school_class in self.classes_taught or self.world.school_of_class[school_class] in self.paired

    # Campaigns

    def _crew(self, group: int | None) -> set[int]:
        found = self.world.groups.get(group) if group else None
        return {found.lead, *found.others} if found else set()

    def sees_duty(self, duty: Duty) -> bool:
        campaign = self.world.campaigns[duty.campaign]
        if self.kind == "administrator":
            return True
        if self.kind == "guardian":
            return campaign.tier == FAMILY and duty.person in self.wards
        own = self.me in self._crew(duty.group) or duty.person == self.me
        return own or self._answers_for(duty, campaign)

    def _answers_for(self, duty: Duty, campaign: Campaign) -> bool:
        if self.kind == "director":
            return campaign.tier in BUREAU_TIERS
        if self.kind == "principal":
            return campaign.school == self.school
        if self.kind in ("cohort_lead", "teacher"):
            return campaign.tier == FAMILY and self.leads_class(duty.school_class)
        return False

    def sees_campaign(self, campaign: Campaign) -> bool:
        duties = [d for d in self.world.duties.values() if d.campaign == campaign.pk and self.sees_duty(d)]
        if self.kind in ("administrator", "director"):
            return True
        if self.kind == "guardian":
            return bool(duties) and campaign.state in ("published", "closed")
        joined = any(g.campaign == campaign.pk and self.me in self._crew(g.pk) for g in self.world.groups.values())
        schools = {self.school} if self.kind in SCHOOL_KINDS else self.paired
        parts = [c for c in self.world.campaigns.values() if c.school in schools]
        return bool(duties) or joined or campaign in parts or campaign.pk in {part.parent for part in parts}

    @cached_property
    def begun_for_wards(self) -> set[int]:
        campaigns = {duty.campaign for duty in self.world.duties.values() if self.sees_duty(duty)}
        begun = {pk for pk in campaigns if self.world.campaigns[pk].state != "draft"}
        return begun if self.kind == "guardian" else set()

    def leads_campaign(self, campaign: Campaign) -> bool:
        """May change it as a whole: its school's or the bureau's planner."""
        if self.kind == "cohort_lead":  # the talks of the principal are the principal's
            return campaign.school == self.school and campaign.tier == FAMILY
        return self.kind in ("administrator", "director") or (
            self.kind == "principal" and campaign.school == self.school
        )

    def sees_appointment(self, met: Appointment) -> bool:
        campaign = self.world.campaigns[met.campaign]
        if self.kind == "administrator" or self.plans(met):
            return True
        concerned = any(self.sees_duty(self.world.duties[pk]) for pk in met.duties)
        visits = self.me in met.visitors and self.kind != "guardian"
        here = self.kind == "guardian" or self.works_for(campaign.pk)
        return met.published and (concerned or visits) and here

    def plans(self, met: Appointment) -> bool:
        """Sees the draft because planning it is the subject's work."""
        campaign, group = self.world.campaigns[met.campaign], self.world.groups[met.group]
        if self.kind == "director":
            return campaign.tier in BUREAU_TIERS
        if self.kind == "cohort_lead":
            return campaign.school == self.school and self.leads_class(group.school_class)
        return self.kind == "principal" and campaign.school == self.school

    def sees_plan_run(self, campaign: Campaign) -> bool:
        return self.leads_campaign(campaign) and (self.kind != "director" or campaign.tier in BUREAU_TIERS)

    # Visits

    @property
    def records(self) -> bool:
        return self.kind in STAFF and self.kind != "administrator"

    def works_for(self, campaign: int) -> bool:
        """Bureau and community come along everywhere; others visit for the bureau and where they work."""
        everywhere = self.kind in ("director", "cadre", "community_partner")
        return everywhere or self.world.campaigns[campaign].school in (None, self.school)

    def came_along(self, duty: Duty) -> bool:
        """To a published meeting with whom the duty is about, at whatever school: it can still be written down."""
        meetings = [met for met in self.world.appointments.values() if duty.pk in met.duties and met.published]
        return self.records and any(self.me in met.visitors for met in meetings)

    def visits_in(self, met: Appointment) -> bool:
        """A published appointment of one's own, of the bureau or where one works."""
        return self.records and met.published and self.me in met.visitors and self.works_for(met.campaign)

    def may_answer(self, duty: Duty) -> bool:
        """A duty that the subject may record."""
        campaign = self.world.campaigns[duty.campaign]
        if not self.records or campaign.state == "draft" or duty.person == self.me:
            return False
        visiting = self.came_along(duty)
        led = self.kind in ("teacher", "cohort_lead") and campaign.tier == FAMILY
        return self.me in self._crew(duty.group) or visiting or (led and self.leads_class(duty.school_class))

    def at_hand(self, duty: Duty) -> bool:
        """May be recorded, and is still to be done, was done of late, or is about a meeting of about now."""
        campaign = self.world.campaigns[duty.campaign]
        led = self.kind in ("teacher", "cohort_lead") and campaign.tier == FAMILY and duty.person != self.me
        answers = self.answers(duty) or (led and self.leads_class(duty.school_class))
        if not answers or not self.works_for(duty.campaign):
            return False
        if duty.due and (duty.follow_up or campaign.state in ("launched", "published")):
            return True
        if duty.met_on is not None and self.world.day - duty.met_on <= NEAR:
            return True
        mine = [met for met in self.world.appointments.values() if duty.pk in met.duties and self.visits_in(met)]
        return any(abs(met.day - self.world.day) <= NEAR for met in mine)

    def wrote(self, visit: Visit) -> bool:
        return self.records and (visit.recorded_by == self.me or self.me in visit.visitors)

    def sees_visit(self, visit: Visit) -> bool:
        """Own records, and those of the families answered for; never of own children, never of oneself."""
        if self.wrote(visit):
            return True
        duties = [self.world.duties[pk] for pk in visit.duties]
        if any(duty.person in self.own_children for duty in duties):
            return False
        return any(self._answers_as_reader(duty) for duty in duties)

    def keeps_to_itself(self, visit: Visit) -> bool:
        """A talk with a teacher: what was told of home and health stays with whoever came."""
        return self.world.campaigns[visit.campaign].tier in TALKS and not self.wrote(visit)

    def sees_attachment(self, visit: Visit) -> bool:
        """A file is one piece: where the own child was met, only for who wrote the record."""
        if not self.sees_visit(visit) or self.keeps_to_itself(visit):
            return False
        met = {self.world.duties[pk].person for pk in visit.duties}
        return visit.recorded_by == self.me or not met & self.own_children

    # What phones have sent and could not be taken

    def sees_held(self, held: Held) -> bool:
        return self.sent(held) or self.may_accept(held)

    def sent(self, held: Held) -> bool:
        return self.records and held.writer == self.me

    def may_accept(self, held: Held) -> bool:
        """Of others, about families answered for; the bureau of those it visits; never about an own child."""
        duties = [self.world.duties[pk] for pk in held.duties]
        if held.reason != "out_of_reach" or held.writer == self.me or not duties or not self.records:
            return False
        if any(duty.person in self.own_children for duty in duties):
            return False
        return all(self._answers_as_reader(duty) for duty in duties)

    def _answers_as_reader(self, duty: Duty) -> bool:
        campaign = self.world.campaigns[duty.campaign]
        if self.kind in ("director", "cadre"):
            return self.answers(duty)
        if campaign.tier != FAMILY:
            return False
        if self.kind == "principal":
            return campaign.school == self.school
        return self.kind in ("teacher", "cohort_lead") and self.leads_class(duty.school_class)

    def answers(self, duty: Duty) -> bool:
        """Somebody else's duty that the subject may record, also of a campaign that is over or not begun."""
        answers = self.me in self._crew(duty.group) or self.came_along(duty)
        return self.records and duty.person != self.me and answers

    # What people are told to look at

    def was_told(self, told: Told) -> bool:
        """One's own, in the capacity that it concerns; at a school only what concerns that one, or none."""
        if told.person != self.me or not self.kind:
            return False
        here = told.school is None or self.school is None or told.school == self.school
        return not told.kind or (told.kind == self.kind and here)

    # Corrections that guardians ask for

    def sees_correction(self, correction: Correction) -> bool:
        """One's own about an own child; as staff those about students led, but never about an own child."""
        if self.kind == "guardian":
            return correction.asked_by == self.me and correction.student in self.wards
        return self.answers_correction(correction)

    def answers_correction(self, correction: Correction) -> bool:
        if correction.student in self.own_children:
            return False
        school_class = self.class_now(correction.student)
        if self.kind == "administrator":
            return school_class is not None
        return self.kind in ("principal", "teacher") and self.leads_class(school_class)

    # Questions added to the records of a tier

    def owns_questions(self, added: AddedQuestions) -> bool:
        """The bureau's belong to the administrator and the director, a school's to its principal."""
        if self.kind in ("administrator", "director"):
            return added.school is None
        return self.kind == "principal" and added.school == self.school

    def sees_questions(self, added: AddedQuestions) -> bool:
        """Own ones in every state; what is or was asked, by those who visit on that tier or watch over all."""
        if self.owns_questions(added) or added.state == "draft":
            return self.owns_questions(added)
        if self.kind in ("administrator", "director"):
            return True
        if self.kind == "cadre":
            return added.school is None and added.tier in BUREAU_TIERS
        of_schools = added.tier not in BUREAU_TIERS and added.school in (None, self.school)
        return self.kind in SCHOOL_KINDS and of_schools

    @cached_property
    def to_be_met(self) -> set[int]:
        """Whom the subject is to visit or has just visited: their brief is open."""
        return {d.person for d in self.world.duties.values() if self.at_hand(d)}

    # Secrets

    @cached_property
    def named(self) -> set[int]:
        """Whose name may occur somewhere."""
        world = self.world
        names = {d.person for d in world.duties.values() if self.sees_duty(d)} | self.people | self.to_be_met
        names |= {d.person for d in world.duties.values() if self.may_answer(d)}
        if self.kind:
            names.add(self.me)
        if self.kind == "principal":
            names |= {p.cadre for p in world.pairings if p.school == self.school and not p.ended}
        for met in world.appointments.values():
            if self.sees_appointment(met):
                names |= met.visitors | {world.duties[pk].person for pk in met.duties}
        for group in world.groups.values():
            if self.me in self._crew(group.pk) and self.kind in STAFF:
                names |= self._crew(group.pk)
        for visit in world.visits.values():
            if self.sees_visit(visit):
                names |= visit.visitors | {visit.recorded_by} | {world.duties[pk].person for pk in visit.duties}
        for correction in world.corrections.values():
            if self.sees_correction(correction):
                names |= {correction.student, correction.asked_by}
        names |= self.named_in_cases
        names |= {held.writer for held in world.held.values() if self.sees_held(held)}
        names |= {row["person_id"] for row in self.openings_told.values() if row["person_id"]}
        return names | self._housemates(self.to_be_met) | self._guardians(self.to_be_met) | self._housemates(self.wards)

    @cached_property
    def openings_told(self) -> dict[int, dict[str, Any]]:
        """The entries that say who opened the own file or an own child's."""
        about, told = {self.me} | (self.wards if self.kind == "guardian" else set()), set(Reading.values)
        rows = self.world.tables["accounts.auditentry"].items()
        return {pk: row for pk, row in rows if self.kind and row["action"] in told and about & set(row["subjects"])}

    def _housemates(self, people: set[int]) -> set[int]:
        houses = {self.world.household_of.get(p) for p in people} - {None}
        return {p for p, house in self.world.household_of.items() if house in houses}

    @cached_property
    def called(self) -> set[int]:
        """Whose telephone number may occur."""
        contacts = {
            g.guardian
            for g in self.world.guardianships
            if g.student in self.to_be_met and not g.revoked and g.may_contact
        }
        visitors = {p for a in self.world.appointments.values() if self.sees_appointment(a) for p in a.visitors}
        of_visitors = visitors if self.kind == "guardian" else set()
        return self.people | self.to_be_met | contacts | of_visitors

    def may_know(self, secret: Secret) -> bool:
        """Whether an answer to the subject may hold the secret."""
        if secret.field in NEVER:
            return False
        if not self.kind:  # signed in without a post or a child: a phone is told whose it is
            return secret.kind == "person" and secret.field == "name" and secret.owner == self.me
        if self.kind == "guardian" and secret.field in NOT_FOR_FAMILIES:
            return False
        return bool(getattr(self, f"_knows_{secret.kind}")(secret))

    def _knows_person(self, secret: Secret) -> bool:
        return secret.owner in (self.named if secret.field == "name" else self.called)

    def _knows_household(self, secret: Secret) -> bool:
        if self.kind == "administrator":
            return True
        near = self.students | self.to_be_met | self.wards
        return any(self.world.household_of.get(person) == secret.owner for person in near)

    def _knows_tag(self, secret: Secret) -> bool:
        tag = next(t for t in self.world.tags if t.pk == secret.owner)
        if self.kind == "administrator":
            return True
        if not tag.restricted:
            return self.kind in STAFF and tag.student in self.students | self.to_be_met
        return self.leads_class(self.class_now(tag.student)) and tag.student not in self.own_children

    def _knows_roster_import(self, secret: Secret) -> bool:
        return self.kind == "administrator"

    def _knows_campaign(self, secret: Secret) -> bool:
        """That a round of visits has begun is no secret to a family that is to be visited in it.

        Nor is it to whoever records for it, also from elsewhere or having left the school since.
        """
        duties = [duty for duty in self.world.duties.values() if duty.campaign == secret.owner]
        if secret.owner in self.begun_for_wards or any(self.may_answer(duty) for duty in duties):
            return True
        return self.sees_campaign(self.world.campaigns[secret.owner])

    def _knows_focus(self, secret: Secret) -> bool:
        return self.sees_campaign(self.world.campaigns[self.world.focuses[secret.owner]])

    def _knows_appointment(self, secret: Secret) -> bool:
        return self.sees_appointment(self.world.appointments[secret.owner])

    def _knows_visit(self, secret: Secret) -> bool:
        visit = self.world.visits[secret.owner]
        kept = secret.field in CONFIDED and self.keeps_to_itself(visit)
        return self.sees_visit(visit) and not kept

    def _knows_attachment(self, secret: Secret) -> bool:
        return self.sees_attachment(self.world.visits[self.world.visit_of_attachment[secret.owner]])

    def _knows_question_set(self, secret: Secret) -> bool:
        return self.sees_questions(self.world.question_sets[secret.owner])

    def _knows_correction(self, secret: Secret) -> bool:
        return self.sees_correction(self.world.corrections[secret.owner])

    def _knows_held(self, secret: Secret) -> bool:
        return self.sees_held(self.world.held[secret.owner])

    def _knows_notification(self, secret: Secret) -> bool:
        return self.was_told(self.world.told[secret.owner])

    def _knows_plan_run(self, secret: Secret) -> bool:
        return self.sees_plan_run(self.world.campaigns[self.world.plan_runs[secret.owner]])
