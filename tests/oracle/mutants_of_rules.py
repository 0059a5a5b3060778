"""Every rule of the registry and every permission, taken away and widened in turn, in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jiafang.access import permissions, registry
from jiafang.access.actor import ALL_KINDS
from jiafang.access.registry import RuleEntry, everything
from tests.oracle.mutant import Faults, Mutant
from tests.oracle.rule_checks import faults_of_permission, faults_of_rule, named


def of_rules() -> Iterator[Mutant]:
    for entry in registry.rules():
        test = f"test_rows.py::test_a_rule_selects_what_the_oracle_expects[{named(entry)}]"
        yield Mutant(f"rule {named(entry)} gone", test, _rule(entry, None), _rule_faults(entry))
        if entry.rule is not everything:
            yield Mutant(f"rule {named(entry)} widened", test, _rule(entry, everything), _rule_faults(entry))


def of_permissions() -> Iterator[Mutant]:
    for name, holders in permissions.permissions().items():
        test = f"test_rows.py::test_a_permission_is_held_by_whom_the_oracle_expects[{name}]"
        if holders:
            yield Mutant(f"permission {name} gone", test, _held_by(name, frozenset()), _permission_faults(name))
        if holders != ALL_KINDS:
            yield Mutant(f"permission {name} widened", test, _held_by(name, ALL_KINDS), _permission_faults(name))


def _rule_faults(entry: RuleEntry) -> Faults:
    return lambda world: faults_of_rule(world, entry)


def _permission_faults(name: str) -> Faults:
    return lambda world: faults_of_permission(world, name)


def _rule(entry: RuleEntry, rule: Any) -> Callable[[], Any]:
    @contextmanager
    def changed() -> Iterator[None]:
        key = (entry.model, entry.kind, entry.purpose)
        if rule is None:
            del registry._rules[key]
        else:
            registry._rules[key] = replace(entry, rule=rule)
        try:
            yield
        finally:
            registry._rules[key] = entry

    return changed


def _held_by(name: str, kinds: frozenset[str]) -> Callable[[], Any]:
    @contextmanager
    def changed() -> Iterator[None]:
        before = permissions._holders[name]
        permissions._holders[name] = kinds
        try:
            yield
        finally:
            permissions._holders[name] = before

    return changed
