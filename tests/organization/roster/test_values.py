"""Grades, classes and posts as schools write them."""

import pytest

from jiafang.organization.roster.headers.words import meaning
from jiafang.organization.roster.schema import Kind
from jiafang.organization.roster.values.grades import read_grade
from jiafang.organization.roster.values.posts import read_posts
from jiafang.organization.roster.values.titles import search_class


@pytest.mark.parametrize(
    ("text", "stages", "expected"),
    [
        ("高一(3)班", (), ("senior", 1, None, "3班")),
        ("高一12", (), ("senior", 1, None, "12班")),
        ("七(2)班", (), ("junior", 1, None, "2班")),
        ("三年二班", (), ("primary", 3, None, "2班")),
        ("初中一年级(1)班", (), ("junior", 1, None, "1班")),
        ("301班", ("primary",), ("primary", 3, None, "1班")),
        ("301", ("junior",), ("junior", 3, None, "1班")),
        ("701班", ("junior",), ("junior", 1, None, "1班")),
        ("2023级1班", ("senior",), ("senior", None, 2023, "1班")),
        ("高2023级3班", (), ("senior", None, 2023, "3班")),
        ("小一班", ("kindergarten",), ("kindergarten", 1, None, "1班")),
        ("大二班", ("kindergarten",), ("kindergarten", 3, None, "2班")),
        ("大班1班", ("kindergarten",), ("kindergarten", 3, None, "1班")),
        ("一年级", ("vocational",), ("vocational", 1, None, "")),
        ("向日葵班", (), ("", None, None, "向日葵班")),
    ],
)
def test_a_class_is_read_as_it_is_written(text: str, stages: tuple[str, ...], expected: tuple) -> None:
    found = read_grade(text, stages)
    assert (found.stage, found.grade, found.entry_year, found.class_name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("校长、数学教师", ["principal", "subject_teacher 数学"]),
        ("高一1班班主任,高一2班语文", ["homeroom_teacher 高一1班", "subject_teacher 高一2班语文"]),
        ("高一(1、2)班语文", ["subject_teacher 高一1班语文", "subject_teacher 高一2班语文"]),
        ("语文:高一1、高一3", ["subject_teacher 高一1班语文", "subject_teacher 高一3班语文"]),
        ("英语(高一1班、高一2班)", ["subject_teacher 高一1班英语", "subject_teacher 高一2班英语"]),
        (
            "高一(1)班班主任兼高一(1)(2)班物理",
            ["homeroom_teacher 高一1班", "subject_teacher 高一1班物理", "subject_teacher 高一2班物理"],
        ),
        ("高一1班班主任、语文", ["homeroom_teacher 高一1班", "subject_teacher 高一1班语文"]),
        ("高一1-3班英语", [f"subject_teacher 高一{n}班英语" for n in (1, 2, 3)]),
        ("高一年段长", ["cohort_lead 高一"]),
        ("年段长(高一)", ["cohort_lead 高一"]),
        ("德育处主任", ["moral_deputy"]),
        ("副校长兼高一3班语文", ["deputy_principal", "subject_teacher 高一3班语文"]),
        ("专职心理教师", ["counselor"]),
        ("教师", []),
    ],
)
def test_several_posts_in_one_cell(text: str, expected: list[str]) -> None:
    found = [
        f"{duty.kind} {'高一' if duty.where.grade else ''}{duty.where.class_name}{duty.subject}".strip()
        for duty in read_posts(text).duties
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("title", "grade", "name"),
    [
        ("云溪中学2025-2026学年高一(3)班学生花名册", 1, "3班"),
        ("2025年秋季七年级2班名单", 1, "2班"),
        ("云溪二小301班", 3, "1班"),
        ("高一年段教师名单 第一学期", 1, ""),
        ("Sheet1", None, ""),
    ],
)
def test_a_title_names_the_class(title: str, grade: int | None, name: str) -> None:
    found = search_class(title)
    assert (found.grade, found.class_name) == (grade, name)


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("全国学籍号", "registry_number"),
        ("学籍辅号", "-"),
        ("成员2联系电话", "member:成员2:.phone"),
        ("家庭成员或监护人姓名1", "member:成员1:.name"),
        ("父亲电话", "member:father:father.phone"),
        ("是否农村留守儿童", "tag:留守儿童"),
        ("残疾人类型", "tag:残疾"),
        ("民族", "-"),
        ("与幼儿关系", "nearest:relation"),
        ("奇怪的列", ""),
    ],
)
def test_a_header_of_a_student_table_is_known(header: str, target: str) -> None:
    assert meaning(header, Kind.STUDENTS) == target
