"""The checks behind test_rows and test_permissions, so that mutants can be held against them in the same process."""

from collections.abc import Iterator

from jiafang.access import may, scope
from jiafang.access.registry import RuleEntry, everything
from tests.oracle.facts import World
from tests.oracle.permissions import HOLDERS
from tests.oracle.reaching import reaches


def named(entry: RuleEntry) -> str:
    return f"{entry.model.__name__}-{entry.kind}-{entry.purpose}"


def faults_of_rule(world: World, entry: RuleEntry) -> Iterator[str]:
    """Where a rule selects other rows for a subject than the oracle expects, or selects one twice."""
    label = entry.model._meta.label_lower
    for reach in reaches(world, entry.kind):
        got = list(scope(reach.actor, entry.model, entry.purpose).values_list("pk", flat=True))
        wanted = reach.rows.within(label, entry.purpose)
        if len(got) != len(set(got)):
            yield f"{reach.subject}: {label} for {entry.purpose} holds rows twice"
        seen = world.of_this_world(label, got)
        if seen != wanted:
            beyond, kept_back = sorted(seen - wanted, key=str), sorted(wanted - seen, key=str)
            yield f"{reach.subject}: {label} for {entry.purpose} beyond: {beyond}, kept back: {kept_back}"


def is_idle(world: World, entry: RuleEntry) -> bool:
    """Whether a rule could be widened or taken away without anybody of this world noticing."""
    label = entry.model._meta.label_lower
    every = set(world.tables[label])
    wanted = [reach.rows.within(label, entry.purpose) for reach in reaches(world, entry.kind)]
    return not any(wanted) or (entry.rule is not everything and all(rows == every for rows in wanted))


def faults_of_permission(world: World, permission: str) -> Iterator[str]:
    """Who holds a permission and should not, or the other way round."""
    wanted = HOLDERS.get(permission, ())
    held = {reach.subject.kind: may(reach.actor, permission) for reach in reaches(world)}
    for kind, holds in held.items():
        if holds != (kind in wanted):
            yield f"{kind} {'holds' if holds else 'lacks'} {permission}"
