"""What stands between a preview and its commit."""

import pytest

from jiafang.access import Actor
from jiafang.common.errors import Conflict, NotAllowed, NotReady
from jiafang.organization import changes
from jiafang.organization.models import Person, RosterImport
from jiafang.organization.roster.schema import Kind
from jiafang.organization.services.roster import (
    check_import,
    choose,
    commit_import,
    confirm,
    import_files,
    upload_roster,
)
from tests.factories import organization as make
from tests.organization.roster.workbooks import ours, small_school

pytestmark = pytest.mark.django_db(transaction=True)


def previewed(importer: Actor, tables: dict) -> RosterImport:
    row = upload_roster(by=importer, files=[ours(tables)], school_year=2026)
    return check_import(by=importer, import_id=row.pk)


def test_what_changed_since_the_preview_stops_the_commit(importer: Actor) -> None:
    import_files(by=importer, files=[ours(small_school())], school_year=2026)
    tables = small_school()
    tables[Kind.STUDENTS] = [{**row, "sex": "男"} for row in tables[Kind.STUDENTS]]
    row = previewed(importer, tables)
    confirm(by=importer, import_id=row.pk)
    Person.unscoped.filter(name="许嘉禾").update(sex="m")
    with pytest.raises(Conflict):
        commit_import(by=importer, import_id=row.pk)
    row.refresh_from_db()
    assert row.state == RosterImport.State.FAILED
    assert "重新预览" in row.error
    assert Person.unscoped.get(name="陈一诺").sex == "f"


def test_a_failing_follower_takes_the_whole_import_with_it(importer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(by: Actor, announced: object) -> None:
        raise RuntimeError("the timetable could not follow")

    monkeypatch.setattr(changes, "_subscribers", [refuse])
    row = previewed(importer, small_school())
    confirm(by=importer, import_id=row.pk)
    with pytest.raises(RuntimeError):
        commit_import(by=importer, import_id=row.pk)
    assert not Person.unscoped.exists()
    row.refresh_from_db()
    assert row.state == RosterImport.State.FAILED


def test_followers_hear_of_moves_leavers_and_posts(importer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[changes.Change] = []
    monkeypatch.setattr(changes, "_subscribers", [lambda by, announced: heard.extend(announced)])
    import_files(by=importer, files=[ours(small_school())], school_year=2026)
    assert sum(isinstance(change, changes.Transferred) and change.from_class_id is None for change in heard) == 3
    heard.clear()
    tables = small_school()
    first, second, _leaver = tables[Kind.STUDENTS]
    tables[Kind.STUDENTS] = [{**first, "class_name": "2班"}, second]
    tables[Kind.GUARDIANS] = tables[Kind.GUARDIANS][:2]
    tables[Kind.CLASSES] = [
        {**tables[Kind.CLASSES][0], "homeroom": "T2"},
        {**tables[Kind.CLASSES][1], "homeroom": "T1"},
    ]
    import_files(by=importer, files=[ours(tables)], school_year=2026, choices={"students_complete": ["all"]})
    kinds = [type(change).__name__ for change in heard]
    assert sorted(kinds) == ["Left", "PostBegan", "PostBegan", "PostEnded", "PostEnded", "Transferred"]
    moved = next(change for change in heard if isinstance(change, changes.Transferred))
    assert moved.from_class_id not in (None, moved.to_class_id)


def test_errors_must_be_mended_or_skipped(importer: Actor) -> None:
    tables = small_school()
    tables[Kind.STUDENTS] = [{**tables[Kind.STUDENTS][0], "class_name": "9班"}, *tables[Kind.STUDENTS][1:]]
    row = previewed(importer, tables)
    with pytest.raises(NotReady):
        confirm(by=importer, import_id=row.pk)
    choose(by=importer, import_id=row.pk, choices={"new_classes": True})
    check_import(by=importer, import_id=row.pk)
    confirm(by=importer, import_id=row.pk)
    commit_import(by=importer, import_id=row.pk)
    assert Person.unscoped.filter(name="陈一帆").exists()


def nearly_the_same_child(importer: Actor) -> RosterImport:
    """A kindergarten child without a number, known elsewhere by the same name and birth date."""
    tables = small_school()
    known = {**tables[Kind.STUDENTS][2], "registry_number": "", "name": "叶雨桐"}
    tables[Kind.STUDENTS], tables[Kind.GUARDIANS] = [known], []
    import_files(by=importer, files=[ours(tables)], school_year=2026)
    moved = {**known, "school": "3135020302", "class_name": "1班"}
    tables[Kind.STUDENTS] = [moved]
    return previewed(importer, tables)


@pytest.mark.parametrize(("decision", "people"), [("same", 1), ("new", 2)])
def test_possibly_the_same_is_decided_by_a_person(importer: Actor, decision: str, people: int) -> None:
    row = nearly_the_same_child(importer)
    assert row.preview["undecided"] == 1
    with pytest.raises(NotReady):
        confirm(by=importer, import_id=row.pk)
    key = row.preview["report"]["doubts"][0]["key"]
    choose(by=importer, import_id=row.pk, choices={"decisions": {key: decision}})
    check_import(by=importer, import_id=row.pk)
    confirm(by=importer, import_id=row.pk)
    commit_import(by=importer, import_id=row.pk)
    assert Person.unscoped.filter(name="叶雨桐").count() == people


def test_only_an_administrator_may_import() -> None:
    principal = make.actor_of(make.school_post("principal", make.SchoolFactory()), "principal")
    with pytest.raises(NotAllowed):
        upload_roster(by=principal, files=[ours(small_school())])
