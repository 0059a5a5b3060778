"""What an update or a roll-over of the school year finds changed."""

import datetime as dt
from collections import Counter, defaultdict

import pytest

from jiafang.demonstration.changes import evolve, roll_over
from jiafang.demonstration.district import generate
from jiafang.demonstration.model import STAGES, DemoDistrict

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def demo() -> DemoDistrict:
    return generate("small", seed=7, today=TODAY)


@pytest.fixture(scope="module")
def evolved(demo: DemoDistrict) -> DemoDistrict:
    return evolve(demo, seed=3)


@pytest.fixture(scope="module")
def rolled(demo: DemoDistrict) -> DemoDistrict:
    return roll_over(demo)


def assert_whole(demo: DemoDistrict) -> None:
    """Every reference holds and every number is given out once."""
    homes = {household.number: household for household in demo.households}
    assert len(homes) == len(demo.households)
    assert {student.household_number for student in demo.students} == set(homes)
    classes = {school_class.key for school_class in demo.classes}
    assert {student.key for student in demo.students} <= classes
    assert {teaching.key for teaching in demo.teachings} == classes
    registry = Counter(s.registry_number for s in demo.students if s.registry_number)
    assert set(registry.values()) == {1}
    names = Counter((student.key, student.name) for student in demo.students)
    assert set(names.values()) == {1}
    owners = defaultdict(set)
    for name, phone in [(m.name, m.phone) for m in demo.staff] + [
        (g.name, g.phone) for h in demo.households for g in h.guardians if g.phone
    ]:
        owners[phone].add(name)
    assert all(len(people) == 1 for people in owners.values())
    leads = [school_class.homeroom_number for school_class in demo.classes]
    assert len(leads) == len(set(leads))


def test_some_weeks_later_everything_still_fits_together(evolved: DemoDistrict) -> None:
    assert_whole(evolved)


def test_some_weeks_later_there_are_movers_leavers_newcomers_and_new_phones(
    demo: DemoDistrict, evolved: DemoDistrict
) -> None:
    before = {student.number: student for student in demo.students}
    after = {student.number: student for student in evolved.students}
    assert 0 < len(before.keys() - after.keys()) < 30
    newcomers = [after[number] for number in after.keys() - before.keys()]
    assert 0 < len(newcomers) < 30
    assert all("转入" in student.tags for student in newcomers)
    moved = [number for number in before.keys() & after.keys() if before[number].key != after[number].key]
    assert 0 < len(moved) < 30
    phones = {h.number: [g.phone for g in h.guardians] for h in demo.households}
    changed = [
        h for h in evolved.households if h.number in phones and phones[h.number] != [g.phone for g in h.guardians]
    ]
    assert 0 < len(changed) < 60


def test_movers_stay_with_their_age_and_keep_their_name_and_number(demo: DemoDistrict, evolved: DemoDistrict) -> None:
    before = {student.number: student for student in demo.students}
    for student in evolved.students:
        earlier = before.get(student.number)
        if earlier and earlier.key != student.key:
            assert (earlier.key.stage, earlier.key.entry_year) == (student.key.stage, student.key.entry_year)
            assert (earlier.name, earlier.registry_number) == (student.name, student.registry_number)


def test_newcomers_get_numbers_that_nobody_had_before(demo: DemoDistrict, evolved: DemoDistrict) -> None:
    known = {student.registry_number for student in demo.students}
    numbers = {student.number for student in demo.students}
    for student in evolved.students:
        if student.number not in numbers and student.registry_number:
            assert student.registry_number not in known


def test_a_homeroom_teacher_changes_within_the_school(evolved: DemoDistrict, demo: DemoDistrict) -> None:
    before = {c.key: c.homeroom_number for c in demo.classes}
    schools = {member.number: member.school_code for member in demo.staff}
    changed = [c for c in evolved.classes if before[c.key] != c.homeroom_number]
    assert changed
    assert all(schools[c.homeroom_number] == c.key.school_code for c in changed)


def test_changes_depend_on_nothing_but_the_seed(demo: DemoDistrict, evolved: DemoDistrict) -> None:
    assert evolve(demo, seed=3) == evolved
    assert evolve(demo, seed=4).students != evolved.students


def test_after_the_roll_over_everything_still_fits_together(rolled: DemoDistrict) -> None:
    assert_whole(rolled)
    assert rolled.today == dt.date(2027, 9, 1)


def test_the_roll_over_replaces_leaving_cohorts_by_entering_ones(demo: DemoDistrict, rolled: DemoDistrict) -> None:
    for stage, kind in STAGES.items():
        years = {c.key.entry_year for c in rolled.classes if c.key.stage == stage}
        assert years == set() or years == set(range(2027 - kind.years + 1, 2028))
    assert len(rolled.classes) == len(demo.classes)
    assert {(c.school_code, c.stage, c.entry_year) for c in rolled.cohorts} == {c.key[:3] for c in rolled.classes}


def test_who_stays_keeps_the_class_and_who_leaves_goes_on_or_is_gone(demo: DemoDistrict, rolled: DemoDistrict) -> None:
    after = {student.number: student for student in rolled.students}
    went_on = 0
    for student in demo.students:
        leaves = student.key.entry_year + STAGES[student.key.stage].years <= 2027
        if not leaves:
            assert after[student.number].key == student.key
        elif student.number in after:
            went_on += 1
            assert after[student.number].key.stage != student.key.stage
            assert after[student.number].registry_number
    assert went_on > 50


def test_the_classes_that_enter_are_full(rolled: DemoDistrict) -> None:
    sizes = Counter(student.key for student in rolled.students)
    assert all(sizes[c.key] == c.places for c in rolled.classes if c.key.entry_year == 2027)


def test_the_roll_over_can_follow_changes_and_another_roll_over(demo: DemoDistrict, evolved: DemoDistrict) -> None:
    assert_whole(roll_over(evolved))
    assert_whole(evolve(roll_over(roll_over(demo)), seed=1))
