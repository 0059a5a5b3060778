"""Every rule taken away and widened in turn: `python -m tests.oracle.mutants` names the test that notices each.

A mutant that no test notices survives; there must be none.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from tests.oracle.ground import ground  # isort: skip  # settings come first

from jiafang.access import permissions, registry
from jiafang.access.actor import ALL_KINDS
from jiafang.access.registry import RuleEntry, everything
from tests.oracle.facts import World
from tests.oracle.rule_checks import faults_of_permission, faults_of_rule
from tests.oracle.test_rows import named

Faults = Callable[[World], Iterator[str]]


@dataclass(frozen=True)
class Mutant:
    """One change, what undoes it, and the test that should notice."""

    name: str
    test: str
    change: Callable[[], Any]
    faults: Faults


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


def survives(world: World, mutant: Mutant) -> bool:
    with mutant.change():
        return next(mutant.faults(world), None) is None


def main() -> int:
    started = time.monotonic()
    with ground() as world:
        mutants = [*of_rules(), *of_permissions()]
        unsound = [mutant.test for mutant in mutants if next(mutant.faults(world), None)]
        survivors = []
        for mutant in mutants:
            survived = survives(world, mutant)
            print(f"{mutant.name}: {'SURVIVES' if survived else 'noticed by ' + mutant.test}")
            survivors += [mutant.name] if survived else []
    print(f"{len(mutants)} mutants in {time.monotonic() - started:.0f} s; survivors: {survivors or 'none'}")
    if unsound:
        print(f"These tests fail without any mutant: {sorted(set(unsound))}")
    return 1 if survivors or unsound else 0


if __name__ == "__main__":
    sys.exit(main())
