"""Two schools, three cohorts, four classes and their families, in the database and as plain facts."""

import datetime as dt
from typing import Any

from jiafang.accounts.audit import Reading, opened, record
from jiafang.common.clock import now, today
from jiafang.organization.models import CareTag, CareTagKind, CorrectionRequest, RosterImport, Stage, first_year_of
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.services.roster.stored import store
from jiafang.retention.models import PurgeRun
from tests.factories import organization as make
from tests.oracle.facts import Correction, Enrollment, Guardianship, Pairing, Post, Tag, World

LAST_MONTH = dt.timedelta(days=30)


def build_people(world: World) -> None:
    make.DistrictFactory()
    for name, stages in (("one", [Stage.JUNIOR.value]), ("two", [Stage.PRIMARY.value])):
        world.schools[name] = _keep(world, "school", make.SchoolFactory(stages=stages))
    world.others["village"] = [make.VillageFactory().pk for _ in range(2)]
    year = first_year_of(today())
    for name, school, entry_year in (("k1", "one", year), ("k2", "one", year - 1), ("k3", "two", year)):
        row = make.GradeCohortFactory(school=world.rows["school", world.schools[school]], entry_year=entry_year)
        world.others[name] = [_keep(world, "cohort", row)]
        world.school_of_cohort[row.pk] = row.school_id
    for name, cohort in (("1a", "k1"), ("1b", "k1"), ("2a", "k2"), ("3a", "k3"), ("3b", "k3")):
        row = make.SchoolClassFactory(cohort=world.rows["cohort", world.others[cohort][0]])
        world.classes[name] = _keep(world, "class", row)
        world.school_of_class[row.pk], world.cohort_of_class[row.pk] = row.cohort.school_id, row.cohort_id
    _staff(world)
    _families(world)
    _roster_import(world)
    _corrections(world)
    _openings(world)
    PurgeRun.unscoped.create(started_at=now())


def _keep(world: World, kind: str, row: Any) -> Any:
    world.rows[kind, row.pk] = row
    return row.pk


def person(world: World, name: str) -> int:
    """Somebody whose name, phone and identity number are secrets."""
    token, phone = world.word(), world.phone()
    row = make.PersonFactory(name=f"林{token}", phone=phone)
    world.hide(token, "person", "name", row.pk)
    world.hide(phone, "person", "phone", row.pk)
    row.id_number = number = world.word()
    world.hide(number, "person", "id_number", row.pk)
    row.save(update_fields=["id_number"])
    world.people[name] = _keep(world, "person", row)
    return row.pk


def post(world: World, name: str, kind: str, unit: str = "", *, ended: bool = False) -> None:
    """A post at a school (one), cohort (k1) or class (1a), or at the bureau."""
    who = world.rows["person", world.people.get(name) or person(world, name)]
    school = cohort = school_class = None
    if unit in world.classes:
        school_class = world.rows["class", world.classes[unit]]
        cohort, school = school_class.cohort, school_class.cohort.school
    elif unit in world.schools:
        school = world.rows["school", world.schools[unit]]
    elif unit:
        cohort = world.rows["cohort", world.others[unit][0]]
        school = cohort.school
    make.PostFactory(
        person=who,
        kind=kind,
        school=school,
        cohort=cohort,
        school_class=school_class,
        end=today() - LAST_MONTH if ended else None,
    )
    world.posts.append(
        Post(who.pk, kind, school and school.pk, cohort and cohort.pk, school_class and school_class.pk, ended)
    )


def _staff(world: World) -> None:
    for name in ("administrator", "director", "community_partner"):
        post(world, name, name)
    for name in ("cadre one", "cadre two"):
        post(world, name, "cadre")
    for unit in ("one", "two"):
        post(world, f"principal {unit}", "principal", unit)
        post(world, f"principal {unit}", "employee", unit)
    post(world, "moral deputy", "moral_deputy", "one")
    post(world, "counselor", "counselor", "one")
    post(world, "lead k1", "cohort_lead", "k1")
    for name, kind, unit in (
        ("homeroom 1a", "homeroom_teacher", "1a"),
        ("homeroom 1b", "homeroom_teacher", "1b"),
        ("subject", "subject_teacher", "1a"),
        ("subject", "subject_teacher", "2a"),
        ("moved away", "homeroom_teacher", "3a"),
        ("subject two", "subject_teacher", "3a"),
        ("homeroom 3b", "homeroom_teacher", "3b"),
        # One person with two capacities of staff at once.
        ("counselor", "subject_teacher", "1b"),
    ):
        post(world, name, kind, unit)
    # Led class 1a until last month, and has worked at the other school since.
    post(world, "moved away", "homeroom_teacher", "1a", ended=True)
    post(world, "moved away", "employee", "one", ended=True)
    post(world, "retired", "principal", "one", ended=True)
    for name, unit in (("moral deputy", "one"), ("counselor", "one"), ("lead k1", "one"), ("homeroom 1a", "one"),
                       ("homeroom 1b", "one"), ("subject", "one"), ("moved away", "two"), ("subject two", "two"),
                       ("homeroom 3b", "two"), ("clerk", "one")):  # fmt: skip
        post(world, name, "employee", unit)
    for cadre, unit, ended in (("cadre one", "one", False), ("cadre two", "two", False), ("cadre two", "one", True)):
        row = make.PairingFactory(
            cadre=world.rows["person", world.people[cadre]],
            school=world.rows["school", world.schools[unit]],
            end=today() - LAST_MONTH if ended else None,
        )
        world.pairings.append(Pairing(row.pk, row.cadre_id, row.school_id, ended))


def _families(world: World) -> None:
    household(world, "house a")
    for name, unit in (("a1", "1a"), ("a2", "3a")):  # brother and sister in two schools
        student(world, name, unit, "house a")
    student(world, "a3", "1a", household(world, "house c"))
    student(world, "b1", "1b", household(world, "house of homeroom 1a"))  # whose mother leads class 1a
    student(world, "b2", "1b", household(world, "house of homeroom 1b"))  # whose mother leads this very class
    student(world, "c1", "2a", household(world, "house d"))
    student(world, "c2", "2a", household(world, "house h"))
    student(world, "d1", "3a", household(world, "house e"))
    student(world, "e1", "3b", household(world, "house i"))
    student(world, "e2", "3b", "house i")
    student(world, "gone", "1a", household(world, "house f"), left=True)
    # Was in class 1a until last month, is in the other school now.
    student(world, "moved", "1a", household(world, "house g"), left=True)
    enroll(world, "moved", "3a")
    for guardian, child, more in (
        ("mother a", "a1", {"is_primary": True}),
        ("mother a", "a2", {"is_primary": True}),
        ("father a", "a1", {"revoked": True}),
        ("caregiver", "a3", {"is_primary": True, "may_see": False}),
        ("homeroom 1a", "b1", {"is_primary": True}),
        ("homeroom 1b", "b2", {"is_primary": True}),
        ("father b", "b2", {"may_contact": False}),
        # Led and answered for at school by those who were a guardian once.
        ("homeroom 1b", "b1", {"revoked": True}),
        ("moral deputy", "b2", {"revoked": True}),
        ("lead k1", "a3", {}),  # a colleague wrote about this visit
        ("mother c", "c1", {"is_primary": True}),
        ("mother d", "d1", {"is_primary": True}),
        ("mother gone", "gone", {"is_primary": True}),
        ("mother moved", "moved", {"is_primary": True}),
        ("mother c2", "c2", {"is_primary": True}),
        ("mother e", "e1", {"is_primary": True}),
        ("mother e", "e2", {"is_primary": True}),
    ):
        guardian_of(world, guardian, child, **more)
    for name in ("a1", "a2", "b2", "c2", "e1", "moved"):
        tag(world, name, restricted=True)
    for name in ("a1", "c1", "c2", "e1"):
        tag(world, name, restricted=False)
    # Lived elsewhere until last month.
    make.HouseholdMembershipFactory(
        person=world.rows["person", world.people["a3"]],
        household=world.rows["household", world.others["house e"][0]],
        end=today() - LAST_MONTH,
    )
    for house in ("house a", "house d", "house e", "house i"):
        make.SeasonalResidenceFactory(household=world.rows["household", world.others[house][0]])


def household(world: World, name: str) -> str:
    address, point, times = world.word(), 0.0, ""
    row = make.HouseholdFactory(address=f"石岭村{address}号", village_id=world.others["village"][0])
    world.hide(address, "household", "address", row.pk)
    point = world.point()
    world.hide(point, "household", "point", row.pk)
    times = world.word()
    world.hide(times, "household", "preferred_times", row.pk)
    row.lat, row.lon, row.preferred_times = point, 118.2, f"周末{times}"
    row.save()
    world.others[name] = [_keep(world, "household", row)]
    return name


def student(world: World, name: str, unit: str, house: str, *, left: bool = False) -> None:
    pk = person(world, name)
    enroll(world, name, unit, left=left)
    row = world.rows["household", world.others[house][0]]
    make.HouseholdMembershipFactory(person=world.rows["person", pk], household=row)
    world.household_of[pk] = row.pk


def enroll(world: World, name: str, unit: str, *, left: bool = False) -> None:
    pk, school_class = world.people[name], world.rows["class", world.classes[unit]]
    day = today() - LAST_MONTH
    ending = {"end": day, "end_reason": "left"} if left else {}
    make.EnrollmentFactory(student=world.rows["person", pk], school_class=school_class, **ending)
    world.enrollments.append(Enrollment(pk, school_class.pk, left))


def guardian_of(world: World, guardian: str, child: str, *, revoked: bool = False, **fields: Any) -> None:
    who = world.people.get(guardian) or person(world, guardian)
    row = make.GuardianshipFactory(
        guardian=world.rows["person", who],
        student=world.rows["person", world.people[child]],
        revoked_on=today() - LAST_MONTH if revoked else None,
        **{"is_primary": False, **fields},
    )
    world.guardianships.append(
        Guardianship(row.pk, who, row.student_id, revoked, row.may_see, row.may_contact),
    )


def tag(world: World, name: str, *, restricted: bool) -> None:
    """A care tag of a kind that only this child has, so that its name gives it away."""
    token, pk = world.word(), world.people[name]
    kind = CareTagKind.objects.create(code=token, name=f"标签{token}", restricted=restricted)
    row = CareTag.unscoped.create(student_id=pk, kind=kind, source="班主任", since=make.LONG_AGO)
    world.hide(token, "tag", "kind", row.pk)
    world.tags.append(Tag(row.pk, pk, restricted))


def _corrections(world: World) -> None:
    """Every guardian has asked for something, also those who are none any more."""
    for link in world.guardianships:
        wrong, right = world.word(), world.word()
        row = CorrectionRequest(
            student_id=link.student, asked_by_id=link.guardian, about="other", wrong=wrong, right=right
        )
        row.save()
        world.corrections[row.pk] = Correction(row.pk, link.student, link.guardian)
        world.hide(wrong, "correction", "wrong", row.pk)
        world.hide(right, "correction", "right", row.pk)


def _openings(world: World) -> None:
    """Everybody's file has been opened, and sealed things have been done with it of which nobody is told."""
    by = make.actor_of(world.rows["person", world.people["cadre one"]], "cadre")
    for pk in world.people.values():
        opened(by=by, reading=Reading.FILE, students=[pk])
        record(by=by, action="sealed.read", of=None, subjects=[pk])


def _roster_import(world: World) -> None:
    """A file that could not be read; its name and the reason name people."""
    error, name = world.word(), world.word()
    row = RosterImport.unscoped.create(state=RosterImport.State.FAILED, error=error)
    store(row, [SourceFile(f"{name}.csv", f"姓名\n{name}\n".encode())])
    world.hide(error, "roster_import", "error", row.pk)
    world.hide(name, "roster_import", "file", row.pk)
    world.others["roster_import"] = [row.pk]
    world.others["roster_group"], world.others["roster_change"] = ["students"], ["new"]
