"""A whole small district: brought in, moved about in the year, rolled over into the next."""

import datetime as dt
from pathlib import Path

import pytest

from jiafang.access import Actor
from jiafang.demonstration.changes import evolve, roll_over
from jiafang.demonstration.district import generate
from jiafang.demonstration.model import DemoDistrict
from jiafang.demonstration.workbook import write_workbooks
from jiafang.organization.models import Enrollment, RosterImport
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.services.roster import import_files

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = dt.date(2026, 11, 23)
WHOLE = {"students_complete": ["all"], "staff_complete": ["all"], "siblings": ["guardian"], "decisions": {"*": "new"}}


def files_of(demo: DemoDistrict, folder: Path) -> list[SourceFile]:
    return [SourceFile(path.name, path.read_bytes()) for path in write_workbooks(demo, folder)]


def in_class() -> int:
    return Enrollment.unscoped.filter(end=None).count()


def test_a_year_in_a_district(importer: Actor, tmp_path: Path) -> None:
    demo = generate("small", seed=7, today=TODAY)
    year = demo.school_year
    import_files(by=importer, files=files_of(demo, tmp_path / "a"), school_year=year, choices=WHOLE)
    assert in_class() == len(demo.students)
    again = import_files(by=importer, files=files_of(demo, tmp_path / "a"), school_year=year, choices=WHOLE)
    assert again.preview["empty"], again.preview["report"]["counts"]
    later = evolve(demo, seed=3)
    moved = import_files(by=importer, files=files_of(later, tmp_path / "b"), school_year=year, choices=WHOLE)
    assert moved.preview["report"]["counts"]["students.moved"] > 0
    assert in_class() == len(later.students)
    next_year = roll_over(later)
    rolled = import_files(
        by=importer,
        files=files_of(next_year, tmp_path / "c"),
        kind=RosterImport.Kind.ROLL_OVER,
        school_year=year + 1,
        choices=WHOLE,
    )
    assert rolled.preview["report"]["counts"]["students.new"] > 0
    assert in_class() == len(next_year.students)
    same = import_files(
        by=importer,
        files=files_of(next_year, tmp_path / "c"),
        kind=RosterImport.Kind.ROLL_OVER,
        school_year=year + 1,
        choices=WHOLE,
    )
    assert same.preview["empty"], same.preview["report"]["counts"]
