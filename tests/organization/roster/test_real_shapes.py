"""Files as bureaus and schools have them are understood with nothing or little asked."""

import pytest

from jiafang.access import Actor
from jiafang.organization.models import CareTag, Enrollment, Guardianship, Person, Post, School
from jiafang.organization.roster.interpret.directory import Directory, SchoolInfo
from jiafang.organization.roster.interpret.read import read_roster
from jiafang.organization.services.roster import import_files
from tests.factories import organization as make
from tests.organization.roster.real_shapes import SENIOR_SCHOOL, class_lists, registry_export, staff_list

CLICKS_ALLOWED = 5


@pytest.mark.parametrize("source", [registry_export(), class_lists(), staff_list()], ids=lambda source: source.name)
def test_at_most_five_questions_are_asked(source) -> None:
    directory = Directory(
        [SchoolInfo(SENIOR_SCHOOL, "云溪高级中学", ("senior",)), SchoolInfo("3135020301", "云溪中学")]
    )
    reading = read_roster([source], directory=directory, school_year=2026)
    assert sum(len(table.questions) for table in reading.tables) <= CLICKS_ALLOWED
    assert not [fault for fault in reading.faults if fault.severity == "error"]


@pytest.mark.django_db(transaction=True)
def test_a_registry_export_founds_an_empty_district(importer: Actor) -> None:
    done = import_files(by=importer, files=[registry_export()], school_year=2026)
    counts = done.preview["report"]["counts"]
    assert (counts["schools.new"], counts["students.new"]) == (2, 4)
    assert {school.name: school.stages for school in School.unscoped.all()} == {
        "云溪中学": ["junior"],
        "云溪县双桥小学": ["primary"],
    }
    places = {
        enrollment.student.name: (
            enrollment.school_class.cohort.entry_year,
            enrollment.school_class.name,
            enrollment.boarding,
        )
        for enrollment in Enrollment.unscoped.select_related("student", "school_class__cohort")
    }
    assert places == {
        "陈一帆": (2026, "1班", False),
        "陈一诺": (2024, "2班", False),
        "许嘉禾": (2025, "2班", True),
        "叶雨桐": (2024, "3班", False),
    }
    tags = {(tag.student.name, tag.kind.name) for tag in CareTag.unscoped.select_related("student", "kind")}
    assert tags == {("许嘉禾", "留守儿童"), ("叶雨桐", "残疾")}
    assert Guardianship.unscoped.filter(guardian__name="陈致远", relation="father").count() == 2
    assert Guardianship.unscoped.filter(guardian__name="苏书瑶", relation="grandmother", is_guardian=False).count() == 2
    not_kept = {header for table in done.preview["tables"] for header in table["not_kept"]}
    assert {"民族", "成员1工作单位", "学籍辅号"} <= not_kept


@pytest.mark.django_db(transaction=True)
def test_class_lists_and_a_staff_list_fill_a_school_together(importer: Actor) -> None:
    make.SchoolFactory(code=SENIOR_SCHOOL, name="云溪高级中学", stages=["senior"])
    done = import_files(by=importer, files=[class_lists(), staff_list()], school_year=2026)
    assert done.preview["report"]["counts"]["students.new"] == 4
    child = Enrollment.unscoped.select_related("school_class__cohort").get(student__name="洪景行")
    assert (child.school_class.cohort.entry_year, child.school_class.name) == (2026, "2班")
    assert Person.unscoped.get(name="洪立言").phone == "13800000221"
    posts = {
        (post.person.name, post.kind, post.school_class.name if post.school_class else "", post.subject)
        for post in Post.unscoped.exclude(kind="employee").select_related("person", "school_class")
    }
    assert posts == {
        ("陈致远", "principal", "", ""),
        ("许若水", "moral_deputy", "", ""),
        ("许若水", "subject_teacher", "1班", "政治"),
        ("林知秋", "homeroom_teacher", "1班", ""),
        ("林知秋", "subject_teacher", "2班", "语文"),
        ("郑文澜", "homeroom_teacher", "2班", ""),
        ("郑文澜", "cohort_lead", "", ""),
        ("郑文澜", "subject_teacher", "1班", "数学"),
        ("郑文澜", "subject_teacher", "2班", "数学"),
        ("苏书瑶", "counselor", "", ""),
        ("蔡明溪", "subject_teacher", "1班", "英语"),
        ("蔡明溪", "subject_teacher", "2班", "英语"),
    }
    assert Post.unscoped.filter(kind="employee").count() == 7


@pytest.mark.django_db(transaction=True)
def test_the_same_real_files_again_change_nothing(importer: Actor) -> None:
    make.SchoolFactory(code=SENIOR_SCHOOL, name="云溪高级中学", stages=["senior"])
    import_files(by=importer, files=[class_lists(), staff_list()], school_year=2026)
    again = import_files(by=importer, files=[class_lists(), staff_list()], school_year=2026)
    assert again.preview["empty"], again.preview["report"]["counts"]
