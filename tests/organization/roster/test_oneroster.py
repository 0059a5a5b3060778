"""OneRoster bundles of both versions bring in the same school."""

import pytest

from jiafang.access import Actor
from jiafang.organization.models import Enrollment, Guardianship, Person, Post
from jiafang.organization.services.roster import import_files
from tests.organization.roster.oneroster_bundle import bundle
from tests.organization.roster.workbooks import registry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_bundle_is_brought_in(importer: Actor, version: str) -> None:
    done = import_files(by=importer, files=[bundle(version)], school_year=2026)
    assert done.preview["fault_counts"]["error"] == 0
    places = {
        enrollment.student.name: (enrollment.school_class.cohort.entry_year, enrollment.school_class.name)
        for enrollment in Enrollment.unscoped.select_related("student", "school_class__cohort")
    }
    assert places == {"陈一帆": (2026, "1班"), "许嘉禾": (2026, "2班")}
    assert Person.unscoped.get(name="陈一帆").registry_number == registry(serial=11)
    relations = {(row.guardian.name, row.relation) for row in Guardianship.unscoped.select_related("guardian")}
    assert relations == {("陈致远", "father"), ("许若水", "mother")}
    posts = {
        (post.person.name, post.kind, post.school_class.name if post.school_class else "", post.subject)
        for post in Post.unscoped.exclude(kind="employee").select_related("person", "school_class")
    }
    classes = {
        ("林知秋", "homeroom_teacher", "1班", ""),
        ("郑文澜", "homeroom_teacher", "2班", ""),
        ("郑文澜", "subject_teacher", "1班", "语文"),
    }
    assert posts == classes | ({("蔡明溪", "principal", "", "")} if version == "1.2" else set())
    again = import_files(by=importer, files=[bundle(version)], school_year=2026)
    assert again.preview["empty"], again.preview["report"]["counts"]
