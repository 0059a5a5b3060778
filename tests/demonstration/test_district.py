"""The generated district is whole: everybody has a place, a home and numbers that pass the checks."""

import datetime as dt
import itertools
import re
from collections import Counter, defaultdict

import pytest

from jiafang.demonstration.district import generate
from jiafang.demonstration.model import STAGES, DemoDistrict, Size
from jiafang.demonstration.names import KNOWN_PEOPLE

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module", params=["small", "district"])
def demo(request: pytest.FixtureRequest) -> DemoDistrict:
    size: Size = request.param
    return generate(size, seed=7, today=TODAY)


@pytest.fixture(scope="module")
def small() -> DemoDistrict:
    return generate("small", seed=7, today=TODAY)


def passes_id_check(number: str) -> bool:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    return len(number) == 18 and "10X98765432"[total % 11] == number[17]


def test_the_sizes_are_those_promised(demo: DemoDistrict) -> None:
    counts = len(demo.schools), len(demo.students), len(demo.staff)
    if demo.size == "district":
        assert counts == (120, 60_000, 4_000)
    else:
        assert counts[0] == 4
        assert 1_150 <= counts[1] <= 1_250
        assert 80 <= counts[2] <= 120


def test_every_stage_has_its_schools(demo: DemoDistrict) -> None:
    stages = {stage for school in demo.schools for stage in school.stages}
    assert stages >= {"幼儿园", "小学", "初中", "高中"}
    if demo.size == "district":
        assert stages == set(STAGES)


def test_school_sizes_reach_from_a_village_school_to_a_large_senior_high() -> None:
    demo = generate("district", seed=7, today=TODAY)
    sizes = Counter(student.key.school_code for student in demo.students)
    smallest_primary = min(sizes[s.code] for s in demo.schools if s.stages == ("小学",))
    largest_senior = max(sizes[s.code] for s in demo.schools if s.stages == ("高中",))
    assert smallest_primary <= 65
    assert 2_500 <= largest_senior <= 3_100


def test_every_student_has_an_existing_class_of_the_right_age(demo: DemoDistrict) -> None:
    classes = {school_class.key for school_class in demo.classes}
    for student in demo.students:
        assert student.key in classes
        age_at_entry = student.key.entry_year - student.born.year
        assert age_at_entry - STAGES[student.key.stage].entry_age in {0, 1}


def test_classes_are_full_and_no_two_classmates_share_a_name(demo: DemoDistrict) -> None:
    names = defaultdict(list)
    for student in demo.students:
        names[student.key].append(student.name)
    for school_class in demo.classes:
        assert len(names[school_class.key]) == school_class.places
        assert len(set(names[school_class.key])) == school_class.places


def test_every_phone_has_a_valid_format_and_belongs_to_one_person(demo: DemoDistrict) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for member in demo.staff:
        owners[member.phone].add(member.name)
    for household in demo.households:
        for guardian in household.guardians:
            if guardian.phone:
                owners[guardian.phone].add(guardian.name)
    for phone, names in owners.items():
        assert re.fullmatch(r"1[3-9]\d{9}", phone)
        assert len(names) == 1


def test_registry_numbers_are_valid_and_unique_and_kindergarten_children_have_none(demo: DemoDistrict) -> None:
    numbers = [s.registry_number for s in demo.students if s.key.stage != "幼儿园"]
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"G\d{17}[\dX]", number) and passes_id_check(number[1:]) for number in numbers)
    assert not any(s.registry_number for s in demo.students if s.key.stage == "幼儿园")


def test_the_few_id_numbers_are_valid_and_of_no_real_county(demo: DemoDistrict) -> None:
    numbers = [s.id_number for s in demo.students if s.id_number]
    numbers += [m.id_number for m in demo.staff if m.id_number]
    assert 0 < len(numbers) < 0.1 * len(demo.students)
    assert len(numbers) == len(set(numbers))
    assert all(passes_id_check(number) and number.startswith("359901") for number in numbers)


def test_school_codes_have_ten_digits_and_parents_exist(demo: DemoDistrict) -> None:
    codes = [school.code for school in demo.schools]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"\d{10}", code) for code in codes)
    parents = [school.parent_code for school in demo.schools if school.parent_code]
    assert parents
    assert set(parents) <= set(codes)


def test_siblings_share_an_address_that_no_other_household_has(demo: DemoDistrict) -> None:
    addresses = [(h.township, h.address) for h in demo.households]
    assert len(addresses) == len(set(addresses))
    children = Counter(student.household_number for student in demo.students)
    assert set(children) == {h.number for h in demo.households}
    assert set(children.values()) == {1, 2, 3}


def test_some_siblings_go_to_different_schools_and_some_to_the_same(demo: DemoDistrict) -> None:
    schools = defaultdict(list)
    for student in demo.students:
        schools[student.household_number].append(student.key.school_code)
    shared = [codes for codes in schools.values() if len(codes) > 1]
    assert any(len(set(codes)) > 1 for codes in shared)
    assert any(len(set(codes)) < len(codes) for codes in shared)


def test_siblings_are_born_apart_unless_they_are_twins(demo: DemoDistrict) -> None:
    births = defaultdict(set)
    for student in demo.students:
        births[student.household_number].add(student.born)
    for dates in births.values():
        ordered = sorted(dates)
        assert all((later - earlier).days > 270 for earlier, later in itertools.pairwise(ordered))


def test_teachers_who_are_parents_stand_on_both_sheets_with_one_phone_and_home(demo: DemoDistrict) -> None:
    staff = {(member.name, member.phone): member for member in demo.staff}
    at_home = [
        (staff[guardian.name, guardian.phone], guardian, household)
        for household in demo.households
        for guardian in household.guardians
        if (guardian.name, guardian.phone) in staff
    ]
    assert len(at_home) >= 0.1 * len(demo.staff)
    assert len({member.number for member, _, _ in at_home}) == len(at_home)
    for member, guardian, household in at_home:
        assert guardian.id_number == member.id_number
        assert (household.township, household.village) == (member.township, member.village)
        assert guardian.relation == ("母亲" if member.sex == "女" else "父亲")


def test_no_homeroom_teacher_leads_the_class_of_an_own_child(demo: DemoDistrict) -> None:
    staff = {(m.name, m.phone): m.number for m in demo.staff}
    leads = {c.key: c.homeroom_number for c in demo.classes}
    homes = {h.number: h for h in demo.households}
    for student in demo.students:
        parents = {staff.get((g.name, g.phone)) for g in homes[student.household_number].guardians}
        assert leads[student.key] not in parents


def test_every_household_has_one_primary_contact_who_can_be_reached(demo: DemoDistrict) -> None:
    for household in demo.households:
        primary = [guardian for guardian in household.guardians if guardian.is_primary]
        assert len(primary) == 1
        assert primary[0].phone


def test_left_behind_children_have_a_caregiver_and_some_of_these_no_smartphone(demo: DemoDistrict) -> None:
    caregivers = []
    for household in demo.households:
        entrusted = [g for g in household.guardians if not g.is_guardian]
        if "留守儿童" in household.tags:
            assert len(entrusted) == 1
        caregivers += entrusted
    assert any(not caregiver.has_smartphone for caregiver in caregivers)
    assert any(not caregiver.phone for caregiver in caregivers)


def test_every_kind_of_care_occurs(demo: DemoDistrict) -> None:
    tags = {tag for household in demo.households for tag in household.tags}
    tags |= {tag for student in demo.students for tag in student.tags}
    assert tags >= {"留守儿童", "单亲家庭", "困难家庭", "残疾", "临水居住", "转入", "小候鸟", "心理关注"}


def test_seniors_board_and_small_children_do_not(demo: DemoDistrict) -> None:
    assert any(s.boards for s in demo.students if s.key.stage == "高中")
    assert not any(s.boards for s in demo.students if s.key.stage in {"幼儿园", "小学"})


def test_every_class_has_its_own_homeroom_teacher_and_several_who_teach_it(demo: DemoDistrict) -> None:
    leads = [school_class.homeroom_number for school_class in demo.classes]
    assert len(leads) == len(set(leads))
    teachers = defaultdict(set)
    for teaching in demo.teachings:
        teachers[teaching.key].add(teaching.staff_number)
    known = {member.number for member in demo.staff}
    for school_class in demo.classes:
        assert school_class.homeroom_number in teachers[school_class.key]
        assert len(teachers[school_class.key]) >= 2
        assert teachers[school_class.key] <= known


def test_every_school_has_a_head_and_is_paired_with_one_cadre(demo: DemoDistrict) -> None:
    heads = Counter(m.school_code for m in demo.staff if {"校长", "园长"}.intersection(m.duties))
    assert heads == {school.code: 1 for school in demo.schools}
    paired = [code for member in demo.staff for code in member.paired_codes]
    assert sorted(paired) == sorted(heads)


def test_the_bureau_has_a_director_and_a_community_worker(demo: DemoDistrict) -> None:
    duties = Counter(duty for member in demo.staff if not member.school_code for duty in member.duties)
    assert duties["局长"] == 1
    assert duties["局机关干部"] >= 3
    assert duties["社区工作者"] >= 1


def test_a_small_school_without_cohort_leads_has_a_deputy_for_moral_education(small: DemoDistrict) -> None:
    led = {cohort.school_code for cohort in small.cohorts if cohort.lead_number}
    without = {school.code for school in small.schools} - led
    assert len(without) == 1
    assert any(member.school_code in without and "德育副校长" in member.duties for member in small.staff)


def test_cohort_leads_teach_in_their_cohort(demo: DemoDistrict) -> None:
    teachers = defaultdict(set)
    for teaching in demo.teachings:
        teachers[teaching.key[:3]].add(teaching.staff_number)
    leads = [c for c in demo.cohorts if c.lead_number]
    assert leads
    for cohort in leads:
        assert cohort.lead_number in teachers[cohort.school_code, cohort.stage, cohort.entry_year]


def test_homes_and_schools_lie_on_the_map_of_the_county(demo: DemoDistrict) -> None:
    points = [household.point for household in demo.households if household.point]
    assert 0.7 * len(demo.households) < len(points) < len(demo.households)
    points += [(school.lat, school.lon) for school in demo.schools]
    assert all(25.2 < lat < 26.0 and 118.4 < lon < 119.3 for lat, lon in points)


def test_nobody_is_called_like_somebody_in_the_news(demo: DemoDistrict) -> None:
    names = {student.name for student in demo.students} | {member.name for member in demo.staff}
    names |= {guardian.name for household in demo.households for guardian in household.guardians}
    assert not names & KNOWN_PEOPLE
    assert all(2 <= len(name) <= 4 for name in names)


def test_the_same_seed_and_day_give_the_same_district(small: DemoDistrict) -> None:
    assert generate("small", seed=7, today=TODAY) == small


def test_another_seed_gives_another_district(small: DemoDistrict) -> None:
    other = generate("small", seed=8, today=TODAY)
    assert {s.name for s in other.students} != {s.name for s in small.students}


@pytest.mark.parametrize(
    ("day", "first_grade"),
    [(dt.date(2026, 8, 31), 2025), (dt.date(2026, 9, 1), 2026), (dt.date(2028, 2, 29), 2027)],
)
def test_the_classes_are_those_of_the_school_year_of_the_day(day: dt.date, first_grade: int) -> None:
    demo = generate("small", seed=1, today=day)
    for stage, kind in STAGES.items():
        years = {c.key.entry_year for c in demo.classes if c.key.stage == stage}
        assert years == set() or years == set(range(first_grade - kind.years + 1, first_grade + 1))
