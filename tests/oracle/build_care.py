"""Cases of everybody who may have one, with all that hangs on them; sealed reports; early signs.

Each capacity owns a case, confirms another, and is asked about a third; and there are rows that must open nothing:
of guardians who are none any more, of posts that have ended, of staff about their own children.
"""

import datetime as dt
import itertools
import uuid
from typing import Any

from jiafang.care.models import (
    BureauSection,
    CaseAction,
    CaseFile,
    CaseReader,
    CaseStep,
    Category,
    CategoryRule,
    ChecklistTick,
    Escalation,
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
from tests.factories.care import ensure_categories
from tests.oracle.facts import World
from tests.oracle.oracle import Subject
from tests.oracle.subjects import SUBJECTS

READING = ("director", "cadre", "principal", "cohort_lead", "teacher", "counselor", "guardian")
ROLE = {
    "director": "director", "cadre": "section", "principal": "principal", "cohort_lead": "cohort_lead",
    "teacher": "homeroom_teacher", "counselor": "counselor",
}  # fmt: skip
LEVEL = {
    "director": "director", "cadre": "section", "principal": "school", "cohort_lead": "cohort", "teacher": "class",
    "counselor": "school",
}  # fmt: skip
# Before anything of a case was said.
BEGAN = dt.datetime(2020, 9, 1, tzinfo=dt.UTC)
SIDE = {"director": "bureau", "cadre": "bureau", "guardian": "family"}
CLASS_OF = {"a1": "1a", "a2": "3a", "a3": "1a", "b1": "1b", "b2": "1b", "c1": "2a", "c2": "2a", "d1": "3a", "e1": "3b"}


def build_care(world: World) -> None:
    ensure_categories()
    ensure_sign_rules()
    section = BureauSection.objects.create(name="基教科")
    world.others["section"] = [section.pk]
    for cadre in ("cadre one", "cadre two"):
        row = SectionMember.unscoped.create(
            section=section, person_id=world.people[cadre], head=cadre == "cadre one", start=dt.date(2020, 9, 1)
        )
        world.others["section_member"].append(row.pk)
    world.others["case_category"] = list(Category.objects.values_list("pk", flat=True))
    CategoryRule.objects.create(category=Category.objects.get(code="life"), level="class", owner="homeroom_teacher")
    world.others["resource"] = [
        Resource.objects.create(
            kind="hotline", name=name, phone="12355", school_id=world.schools[school] if school else None
        ).pk
        for name, school in (("县热线", None), ("一校热线", "one"), ("二校热线", "two"))
    ]
    subjects = [one for one in SUBJECTS if one.kind in READING]
    children = itertools.cycle(CLASS_OF)
    for subject in subjects:
        if subject.kind != "guardian":
            child = next(one for one in children if _fits(world, subject, one))
            owned = case(world, child, owner=subject, confirmer="mother c")
            read(world, owned, subject, "owner")
            read(world, owned, Subject("mother c", "guardian"), "concerned", side="family")
            if subject.name == "principal one":
                read(world, owned, Subject("counselor", "counselor", "one"), "named")
                read(world, owned, Subject("moral deputy", "principal", "one"), "former")
        confirmed(world, subject, children)
        SavedFilter.unscoped.create(person_id=world.people[subject.name], board="cases", name=subject.kind, query="a=b")
    _must_open_nothing(world)
    _came_later(world)
    _own_matter(world)
    _progress(world)
    _sealed(world)
    _signs(world)
    world.others["referral"] = list(Referral.unscoped.values_list("pk", flat=True))
    world.others["saved_filter"] = list(SavedFilter.unscoped.values_list("pk", flat=True))
    world.others["sign_rule"] = list(SignRule.objects.values_list("pk", flat=True))
    world.others["sign"] = list(Sign.unscoped.values_list("pk", flat=True))
    world.others["case"] = list(CaseFile.unscoped.order_by("pk").values_list("pk", flat=True))
    world.others["case_reader"] = _some_readers()
    world.others["sealed_report"] = list(MandatoryReport.unscoped.values_list("pk", flat=True))
    world.others["standing_reader"] = list(StandingSealedReader.unscoped.values_list("pk", flat=True))


def _some_readers() -> list[int]:
    """Everybody who was named, and of each other reason one."""
    rows = CaseReader.unscoped.order_by("pk").values_list("pk", "why")
    named = [pk for pk, why in rows if why == "named"]
    return sorted({*named, *{why: pk for pk, why in rows}.values()})


def confirmed(world: World, subject: Subject, children: Any) -> None:
    """A case that the subject confirms, and one of which it is asked whether to take it."""
    child = _ward(world, subject) if subject.kind == "guardian" else next(
        one for one in children if _fits(world, subject, one)
    )  # fmt: skip
    if child is None:
        return
    made = case(world, child, owner=Subject("lead k1", "cohort_lead", "one"), confirmer=subject.name)
    read(world, made, subject, "raiser", side=SIDE.get(subject.kind, "teacher"))
    if subject.kind in ROLE:
        asked = case(world, child, owner=Subject("principal two", "principal", "two"), confirmer="mother d")
        reason = world.word()
        row = Referral(
            case_id=asked, about_id=world.people[child], asked_by_id=world.people["principal two"],
            to_person_id=world.people[subject.name], to_role=ROLE[subject.kind],
            to_school_id=world.schools[subject.school] if subject.school else None, reason=reason,
            alert_tier="yellow",
        )  # fmt: skip
        row.save()
        world.hide(reason, "referral", "reason", row.pk)


def _ward(world: World, subject: Subject) -> str | None:
    mine = [g for g in world.guardianships if g.guardian == world.people[subject.name] and not g.revoked and g.may_see]
    return world.name_of(mine[0].student) if mine else None


def _fits(world: World, subject: Subject, child: str) -> bool:
    """Not an own child of the subject."""
    held = {(g.guardian, g.student) for g in world.guardianships if not g.revoked}
    return (world.people[subject.name], world.people[child]) not in held


def case(world: World, child: str, *, owner: Subject, confirmer: str, **fields: Any) -> int:
    """A case about a student with one of everything that hangs on it, each with a word of its own."""
    text, words = world.word(), world.word()
    school_class = world.classes[CLASS_OF[child]] if child in CLASS_OF else None
    made = CaseFile(
        **{
            "subject_kind": "student",
            "person_id": world.people[child],
            "school_id": world.school_of_class[school_class] if school_class else world.schools["one"],
            "school_class_id": school_class,
            # Of its own, so that wherever a case is named in few words it is seen which one.
            "category": Category.objects.create(code=uuid.uuid4().hex[:20], subjects=["student"], active=False),
            "level": LEVEL[owner.kind],
            "section_id": world.others["section"][0] if LEVEL[owner.kind] == "section" else None,
            "state": "awaiting",
            "awaiting_since": now(),
            "result": "solved",
            "text": text,
            "result_words": words,
            "raised_by_id": world.people[confirmer],
            "raised_as": "teacher",
            "confirmer_id": world.people[confirmer],
            "owner_id": world.people[owner.name],
            "owner_role": ROLE[owner.kind],
            "due": today() + dt.timedelta(days=9),
            "on_this_level_since": now(),
        }
        | fields
    )
    made.save()
    world.hide(text, "case", "text", made.pk)
    world.hide(words, "case", "result", made.pk)
    category = world.word()
    Category.objects.filter(pk=made.category_id).update(name=category)
    world.hide(category, "case_category", "category", made.pk)
    by = world.people[owner.name]
    _done_and_said(world, made, by)
    ChecklistTick.unscoped.create(case=made, tier="green", item="talk", by_id=by)
    Measure(case=made, who="student", on=today(), mood="2", by_id=by).save()
    Escalation.unscoped.create(case=made, level=made.level, due=made.due, announced_at=now(), not_before=now())
    return made.pk


def _done_and_said(world: World, made: CaseFile, by: int) -> None:
    """Actions, steps and messages, some for those of whom the matter is and some for none of them."""
    for shared in (False, True):
        word = world.word()
        row = CaseAction(case=made, kind="talk", on=today(), by_id=by, text=word, shared=shared)
        row.save()
        world.hide(word, "case_action", "text", row.pk)
        word = world.word()
        step = CaseStep(
            case=made, by_id=by, verb="act", to_state="acting", to_level=made.level, to_owner_id=by,
            internal=not shared, note=word,
        )  # fmt: skip
        step.save()
        world.hide(word, "case_step", "note", step.pk)
    for audience in (["school"], ["school", "bureau"], ["school", "family"], ["school", "teacher"]):
        _said(world, made, by, audience)


def _said(world: World, made: CaseFile, by: int, audience: list[str]) -> None:
    word = world.word()
    message = Message(case=made, author_id=by, side=audience[0], audience=audience, text=word)
    message.save()
    MessageReceipt.unscoped.create(message=message, person_id=by)
    world.hide(word, "case_message", "text", message.pk)


def read(world: World, case_id: int, subject: Subject, why: str, *, side: str = "", **unit: Any) -> None:
    CaseReader.unscoped.create(
        case_id=case_id,
        person_id=world.people[subject.name],
        kind=subject.kind,
        school_id=world.schools[subject.school] if subject.school else None,
        side=side or SIDE.get(subject.kind, "school"),
        why=why,
        **unit,
    )
    # They have been there from the start; whoever came later is in `_came_later`.
    CaseReader.unscoped.filter(case_id=case_id, since__gt=BEGAN).update(since=BEGAN)


def _came_later(world: World) -> None:
    """A parent, and a teacher, who came late: what was said to another on their side before they did is not theirs."""
    owner = Subject("principal two", "principal", "two")
    mother, clerk = Subject("mother c", "guardian"), Subject("clerk", "teacher", "one")
    for child, late, side, first in (
        ("c1", mother, "family", Subject("mother d", "guardian")),
        ("c1", mother, "family", None),
        ("b1", clerk, "teacher", Subject("subject", "teacher", "one")),
    ):
        made = CaseFile.unscoped.get(pk=case(world, child, owner=owner, confirmer="mother d"))
        if first:
            read(world, made.pk, first, "concerned", side=side)
        _said(world, made, world.people[late.name], [side, "school"])
        read(world, made.pk, late, "concerned", side=side)
        CaseReader.unscoped.filter(case=made, person_id=world.people[late.name]).update(since=now())
        _done_and_said(world, made, world.people[owner.name])


def _must_open_nothing(world: World) -> None:
    owner = Subject("principal two", "principal", "two")
    class_1a, k1, k2 = world.classes["1a"], world.others["k1"][0], world.others["k2"][0]
    a1 = case(world, "a1", owner=owner, confirmer="mother d")
    read(world, a1, Subject("father a", "guardian"), "concerned", side="family")  # revoked
    read(world, a1, Subject("mother c", "guardian"), "concerned", side="family")  # of another child
    read(world, a1, Subject("moved away", "teacher", "one"), "former", school_class_id=class_1a)  # left the school
    read(world, a1, Subject("retired", "principal", "one"), "former")
    read(world, a1, Subject("homeroom 1b", "teacher", "one"), "role", school_class_id=class_1a)  # another class
    read(world, a1, Subject("lead k1", "cohort_lead", "one"), "role", cohort_id=k2)  # another cohort
    read(world, a1, Subject("clerk", "teacher", "one"), "named", until=now())  # no more
    read(world, a1, Subject("subject", "teacher", "one"), "role", school_class_id=class_1a)  # who teaches it
    b2 = case(world, "b2", owner=owner, confirmer="mother d")
    read(world, b2, Subject("homeroom 1b", "teacher", "one"), "owner")  # whose own child it is
    read(world, b2, Subject("lead k1", "cohort_lead", "one"), "role", cohort_id=k1)
    a3 = case(world, "a3", owner=owner, confirmer="mother d")
    read(world, a3, Subject("lead k1", "cohort_lead", "one"), "owner", cohort_id=k1)  # guardian of this one
    row = Referral(
        case_id=a3, about_id=world.people["a3"], asked_by_id=world.people["principal two"], reason=world.word(),
        to_person_id=world.people["lead k1"], to_role="cohort_lead", to_school_id=world.schools["one"],
        alert_tier="yellow",
    )  # fmt: skip
    row.save()


def _own_matter(world: World) -> None:
    """What a teacher and a school have raised: read at school, by the teacher what concerns them."""
    owner = Subject("principal one", "principal", "one")
    matter = case(
        world, "clerk", owner=owner, confirmer="clerk", subject_kind="teacher", school_id=world.schools["one"]
    )
    read(world, matter, owner, "owner")
    read(world, matter, Subject("clerk", "teacher", "one"), "concerned", side="teacher")
    boiler = case(
        world, "clerk", owner=Subject("director", "director"), confirmer="principal two", subject_kind="school",
        person_id=None, school_id=world.schools["two"],
    )  # fmt: skip
    read(world, boiler, Subject("director", "director"), "owner")
    read(world, boiler, Subject("principal two", "principal", "two"), "concerned", side="school")


def _progress(world: World) -> None:
    for child in CLASS_OF:
        value = world.phone()  # a number, as marks are
        row = Progress(
            person_id=world.people[child], kind="mark", on=today(), label="期中", value=value,
            by_id=world.people["principal one"],
        )  # fmt: skip
        row.save()
        world.hide(value, "progress", "value", row.pk)


def _sealed(world: World) -> None:
    """Everybody has written one; of two kinds others were named, and one whose post has ended."""
    for subject in (one for one in SUBJECTS if one.kind):
        about, seen = world.word(), world.word()
        school_id = world.schools[subject.school] if subject.school else None
        report = MandatoryReport(
            origin=uuid.uuid4(), school_id=school_id, reported_by_id=world.people[subject.name], about=about, seen=seen,
            noticed_at=now(),
        )  # fmt: skip
        report.save()
        world.hide(about, "sealed", "about", report.pk)
        world.hide(seen, "sealed", "seen", report.pk)
        readers = [(subject.name, subject.kind, school_id, "")]
        if subject.school == "two":
            readers += [
                ("principal two", "principal", school_id, "principal"),
                ("director", "director", None, "director"),
            ]
        readers += [("retired", "principal", world.schools["one"], "principal")]
        for name, kind, reads_at, role in readers:
            SealedReader.unscoped.create(
                report=report, person_id=world.people[name], kind=kind, school_id=reads_at, role=role
            )
        word = world.word()
        addition = ReportAddition(report=report, by_id=world.people[subject.name], text=word)
        addition.save()
        world.hide(word, "sealed", "addition", report.pk)
    for name, kind, school in (
        ("principal one", "principal", "one"),
        ("principal two", "principal", "two"),
        ("director", "director", None),
    ):
        StandingSealedReader.unscoped.create(
            person_id=world.people[name], kind=kind, role=kind, school_id=world.schools[school] if school else None
        )


def _signs(world: World) -> None:
    for child in CLASS_OF:
        Sign.unscoped.create(student_id=world.people[child], kind="no_contact", numbers={"days": 99}, found_on=today())
