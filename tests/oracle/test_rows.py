"""Row by row: what each rule of the registry selects is what the oracle says, and every rule matters in this world."""

import pytest

from jiafang.access import registry
from jiafang.access.permissions import permissions
from jiafang.access.registry import RuleEntry
from tests.oracle.facts import World
from tests.oracle.oracle import STAFF, Oracle
from tests.oracle.permissions import HOLDERS
from tests.oracle.reaching import reaches
from tests.oracle.rows import LINKS, READING, Rows
from tests.oracle.rule_checks import faults_of_permission, faults_of_rule, is_idle, named
from tests.oracle.subjects import SUBJECTS


@pytest.mark.parametrize("entry", registry.rules(), ids=named)
def test_a_rule_selects_what_the_oracle_expects(world: World, entry: RuleEntry) -> None:
    assert list(faults_of_rule(world, entry)) == []


@pytest.mark.parametrize("permission", sorted(permissions() | HOLDERS))
def test_a_permission_is_held_by_whom_the_oracle_expects(world: World, permission: str) -> None:
    assert permission in permissions(), "nobody declares this permission any more"
    assert permission in HOLDERS, "say in tests/oracle/permissions.py who holds it"
    assert list(faults_of_permission(world, permission)) == []


def test_every_rule_matters_in_this_world(world: World) -> None:
    """Each has a row within and one beyond: else nobody would see it widened or gone."""
    assert [named(entry) for entry in registry.rules() if is_idle(world, entry)] == []


def test_where_there_is_no_rule_the_oracle_expects_no_row(world: World) -> None:
    ruled = {(entry.model._meta.label_lower, entry.kind, entry.purpose) for entry in registry.rules()}
    beyond = {
        (label, reach.subject.kind, purpose)
        for reach in reaches(world)
        for label in world.tables
        if label not in LINKS
        for purpose in READING
        if reach.rows.within(label, purpose)
    }
    assert beyond - ruled == set()


def test_every_capacity_is_held_by_somebody_of_this_world(world: World) -> None:
    assert {reach.subject.kind for reach in reaches(world)} == {*STAFF, "guardian", "community_partner"}


def test_a_subject_without_a_capacity_reaches_nothing(world: World) -> None:
    nobody = [Rows(Oracle(world, subject)) for subject in SUBJECTS if not subject.kind]
    assert nobody
    assert all(rows.within(label, purpose) == set() for rows in nobody for label in world.tables for purpose in READING)
