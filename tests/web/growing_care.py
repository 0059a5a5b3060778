"""Cases, sealed reports and signs of a small district, each as often as everything else in it."""

import datetime as dt
from typing import Any

from jiafang.care.models import (
    BureauSection,
    CaseAction,
    CaseFile,
    CaseReader,
    CaseStep,
    Category,
    ChecklistTick,
    MandatoryReport,
    Measure,
    Message,
    MessageReceipt,
    Progress,
    Referral,
    ReportAddition,
    Resource,
    SavedFilter,
    SealedReader,
    SectionMember,
    StandingSealedReader,
)
from jiafang.common.clock import now, today
from jiafang.insight.models import Sign, SignRule
from jiafang.insight.signs import ensure_sign_rules
from jiafang.organization.models import Enrollment, Person, School
from tests.factories.care import ensure_categories

SIDES = {"director": "bureau", "cadre": "bureau", "guardian": "family"}
AT_SCHOOL = ("principal", "cohort_lead", "teacher", "counselor")


def grow_care(people: dict[str, Person], ids: dict[str, list[Any]], school: School, child: int, count: int) -> None:
    ensure_categories()
    ensure_sign_rules()
    school_class = Enrollment.unscoped.get(student_id=child, end=None).school_class
    for number in range(count):
        section = BureauSection.objects.create(name=f"科室{number}")
        member = SectionMember.unscoped.create(section=section, person=people["cadre"], start=dt.date(2020, 9, 1))
        ids["section"].append(section.pk)
        ids["section_member"].append(member.pk)
        for owner in (None, school):
            row = Resource.objects.create(kind="hotline", name=f"热线{number}", phone="12355", school=owner)
            ids["resource"].append(row.pk)
        for person in people.values():
            SavedFilter.unscoped.create(person=person, board="cases", name=f"常看{number}", query="state=open")
    ids["case_category"] = list(Category.objects.values_list("pk", flat=True))
    ids["sign_rule"] = list(SignRule.objects.values_list("pk", flat=True))
    ids["saved_filter"] = list(SavedFilter.unscoped.values_list("pk", flat=True))
    for _ in range(count):
        case = _case(people, school, school_class.pk, child, count)
        ids["case"].append(case.pk)
        ids["referral"] += [_referral(people, case, kind).pk for kind in ("counselor", "principal")]
        _sealed(people, ids, school, count)
    Progress(person_id=child, kind="mark", on=today(), label="期中", value="90", by=people["teacher"]).save()
    led = Enrollment.unscoped.filter(school_class=school_class, end=None).order_by("pk")
    for student in led.values_list("student_id", flat=True)[:count]:
        row = Sign.unscoped.create(student_id=student, kind="no_contact", numbers={"days": 99}, found_on=today())
        ids["sign"].append(row.pk)


def _case(people: dict[str, Person], school: School, school_class: int, child: int, count: int) -> CaseFile:
    owner = people["teacher"]
    case = CaseFile(
        subject_kind="student",
        person_id=child,
        school=school,
        school_class_id=school_class,
        category=Category.objects.get(code="life"),
        level="class",
        state="acting",
        text="最近睡不好",
        raised_by=people["guardian"],
        raised_as="guardian",
        confirmer=people["guardian"],
        owner=owner,
        owner_role="homeroom_teacher",
        due=today() - dt.timedelta(days=1),
        on_this_level_since=now(),
        for_meeting=True,
    )
    case.save()
    for kind, person in people.items():
        if kind in SIDES or kind in AT_SCHOOL:
            CaseReader.unscoped.create(
                case=case,
                person=person,
                kind=kind,
                school=school if kind in AT_SCHOOL else None,
                side=SIDES.get(kind, "school"),
                why="owner" if kind == "teacher" else "raiser" if kind == "guardian" else "role",
            )
    for number in range(count):
        for shared in (True, False):
            CaseAction(case=case, kind="talk", on=today(), by=owner, text="谈心", shared=shared).save()
            CaseStep(
                case=case, by=owner, verb="act", to_state="acting", to_level="class", to_owner=owner, internal=shared
            ).save()
        message = Message(
            case=case, author=owner, side="school", audience=["school", "family", "bureau"], text="好些了"
        )
        message.save()
        MessageReceipt.unscoped.create(message=message, person=people["guardian"])
        ChecklistTick.unscoped.create(case=case, tier="green", item=f"item{number}", by=owner)
        Measure(case=case, who="student", on=today() - dt.timedelta(days=number), mood="2", by=owner).save()
    return case


def _referral(people: dict[str, Person], case: CaseFile, kind: str) -> Referral:
    row = Referral(
        case=case,
        about_id=case.person_id,
        asked_by=people["teacher"],
        to_person=people[kind],
        to_role=kind,
        alert_tier="yellow",
        to_school=case.school,
        reason="请看看",
    )
    row.save()
    return row


def _sealed(people: dict[str, Person], ids: dict[str, list[Any]], school: School, count: int) -> None:
    report = MandatoryReport(
        school=school, reported_by=people["teacher"], about="某同学", seen="旧伤", noticed_at=now()
    )
    report.save()
    for kind, person in people.items():
        if kind == "guardian":  # who has written one, and is named in no other
            continue
        SealedReader.unscoped.create(
            report=report, person=person, kind=kind, school=school if kind in AT_SCHOOL else None
        )
    for _ in range(count):
        ReportAddition(report=report, by=people["teacher"], text="已报警").save()
    ids["sealed_report"].append(report.pk)
    own = MandatoryReport(reported_by=people["guardian"], about="某同学", seen="旧伤", noticed_at=now())
    own.save()
    SealedReader.unscoped.create(report=own, person=people["guardian"], kind="guardian")
    ids["sealed_report"].append(own.pk)
    for kind in ("principal", "director"):
        standing, _new = StandingSealedReader.unscoped.get_or_create(
            person=people[kind], kind=kind, school=school if kind == "principal" else None, until=None
        )
        ids["standing_reader"].append(standing.pk)
