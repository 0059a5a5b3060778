"""The second fence: the database itself knows who acts, and shows nothing to nobody."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from jiafang.access import CHANGE, Actor, Capacity, actor_transaction, claim, reading
from jiafang.access.actor import ADMINISTRATOR, DIRECTOR, PRINCIPAL
from jiafang.common.clock import today
from jiafang.common.errors import NotAllowed
from jiafang.common.models import Scoped
from jiafang.organization.models import Guardianship, Household, Person, Post
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.fence import OPEN_TO_READ, as_in_production

pytestmark = pytest.mark.django_db


def scoped_tables() -> set[str]:
    models = [model for model in apps.get_models() if issubclass(model, Scoped)]
    joined = {field.remote_field.through for model in models for field in model._meta.local_many_to_many}
    return {model._meta.db_table for model in [*models, *joined]}


def fenced_tables() -> set[str]:
    return scoped_tables() | {apps.get_model(label)._meta.db_table for label in OPEN_TO_READ}


def rows(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_every_fenced_table_is_closed_and_its_owner_is_bound_too():
    closed = rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert fenced_tables() - {name for (name,) in closed} == set()
    policies = rows("SELECT tablename, cmd, qual, with_check FROM pg_policies WHERE policyname <> 'owner'")
    assert {name for name, _cmd, _qual, _check in policies} == fenced_tables() | {"accounts_auditentry"}
    for name in fenced_tables():
        assert {cmd for table, cmd, _qual, _check in policies if table == name} == {
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
        }
    assert all(qual or check for _table, _cmd, qual, check in policies)


def test_the_application_cannot_get_around_the_fence():
    ((superuser, bypasses, name),) = rows(
        "SELECT rolsuper, rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user"
    )
    assert (superuser, bypasses) == (False, False)
    owners = rows("SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'fence') AND tableowner = %s", name)
    assert owners == []
    with pytest.raises(ProgrammingError), transaction.atomic():
        rows("ALTER TABLE organization_person DISABLE ROW LEVEL SECURITY")
    with pytest.raises(ProgrammingError), transaction.atomic():
        rows("DROP POLICY reading ON organization_person")


def test_nobody_sees_nothing():
    school = made.small_school()
    made.launched(school.by, school.school)
    # Past the guard of the tests, which tells a page that it forgot to say who acts.
    with as_in_production(), connection.connection.cursor() as cursor:
        seen = {name: cursor.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in fenced_tables()}
    assert set(seen.values()) == {0}
    assert Person.unscoped.count() > 5


@pytest.mark.parametrize("kind", [ADMINISTRATOR, DIRECTOR, PRINCIPAL])
def test_a_capacity_that_is_not_held_opens_nothing(kind):
    school = made.small_school()
    teacher = make.actor_of(school.homeroom[0], "teacher")
    pretender = Actor(teacher.user_id, teacher.person_id, Capacity(kind=kind, school_id=teacher.capacity.school_id))
    with reading(pretender):
        assert list(Person.unscoped.values_list("pk", flat=True)) == [teacher.person_id]
        assert not Household.unscoped.exists()


def test_what_a_post_opened_is_shut_when_the_post_ends():
    school = made.small_school(classes=1, students=2)
    teacher = make.actor_of(school.homeroom[0], "teacher")
    students = {child.pk for child in school.students[0]}

    def seen() -> set[int]:
        with reading(teacher):
            return students & set(Person.unscoped.values_list("pk", flat=True))

    assert seen() == students
    Post.unscoped.filter(person=school.homeroom[0]).update(end=today() - dt.timedelta(days=1))
    assert seen() == set()


def test_a_revoked_guardian_sees_the_child_no_more():
    school = made.small_school(classes=1, students=1)
    child = school.students[0][0]
    guardian = Guardianship.unscoped.filter(student=child).first()
    if guardian is None:
        guardian = make.GuardianshipFactory(student=child)
    actor = make.actor_of(guardian.guardian, "guardian")
    with reading(actor):
        assert Person.unscoped.filter(pk=child.pk).exists()
    Guardianship.unscoped.filter(pk=guardian.pk).update(revoked_on=today())
    with reading(actor):
        assert not Person.unscoped.filter(pk=child.pk).exists()


def test_nothing_is_written_without_a_claim():
    school = made.small_school(classes=1, students=1)
    principal = make.actor_of(school.principal, PRINCIPAL)
    child = school.students[0][0]
    with actor_transaction(principal):
        assert Person.unscoped.filter(pk=child.pk).exists()
        assert Person.unscoped.filter(pk=child.pk).update(name="改名") == 0
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM organization_person WHERE id = %s", [child.pk])
            assert cursor.rowcount == 0
    with pytest.raises(ProgrammingError), actor_transaction(principal):
        Person.unscoped.create(name="新人")
    with actor_transaction(principal):
        claim(principal, child, CHANGE)
        assert Person.unscoped.filter(pk=child.pk).update(name="改名") == 1


def test_a_claim_to_a_row_of_others_is_refused_and_opens_nothing():
    here, there = made.small_school(classes=1, students=1), made.small_school(classes=1, students=1)
    principal = make.actor_of(here.principal, PRINCIPAL)
    child = there.students[0][0]
    with actor_transaction(principal):
        for purpose in (CHANGE, "record", "whatever"):
            with pytest.raises(NotAllowed):
                claim(principal, child, purpose)
        with pytest.raises(NotAllowed):
            claim(principal, [here.students[0][0], child], CHANGE)
        assert Person.unscoped.filter(pk=child.pk).update(name="改名") == 0


def test_a_claim_ends_with_its_transaction():
    school = made.small_school(classes=1, students=1)
    principal = make.actor_of(school.principal, PRINCIPAL)
    child = school.students[0][0]
    with actor_transaction(principal):
        claim(principal, child, CHANGE)
    with actor_transaction(principal):
        assert Person.unscoped.filter(pk=child.pk).update(name="改名") == 0


def test_whoever_acted_before_acts_again():
    here, there = made.small_school(classes=1, students=1), made.small_school(classes=1, students=1)
    outer, inner = (make.actor_of(school.principal, PRINCIPAL) for school in (here, there))
    ours, theirs = here.students[0][0].pk, there.students[0][0].pk
    with reading(outer):
        with reading(inner):
            assert set(Person.unscoped.filter(pk__in=[ours, theirs]).values_list("pk", flat=True)) == {theirs}
        assert set(Person.unscoped.filter(pk__in=[ours, theirs]).values_list("pk", flat=True)) == {ours}
