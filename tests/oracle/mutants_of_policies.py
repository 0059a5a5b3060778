"""Every policy of the database and every rule of a claim, dropped or widened in turn by the owner of the tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql

from tests.oracle.building import fenced_tables
from tests.oracle.facts import World
from tests.oracle.mutant import Mutant
from tests.oracle.second_fence import claim_faults, machine_faults, owner_faults, read_faults, write_faults

TEST = "test_second_fence.py::test_"
SHOWS, WRITES, CLAIMS = (
    f"{TEST}the_database_shows_what_the_oracle_expects",
    f"{TEST}nothing_is_written_without_a_claim",
    f"{TEST}the_database_agrees_to_the_claims_that_the_oracle_expects",
)
LETS = f"{TEST}the_machine_reaches_every_row"
OWNS = "second_fence.py::owner_faults"  # on a connection of the owner, which these commands have
_POLICIES = """
    SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies
    WHERE schemaname = 'public' ORDER BY tablename, policyname
"""
_FUNCTIONS = """
    SELECT proname, pg_get_functiondef(oid), format('fence.%I(%s)', proname, pg_get_function_identity_arguments(oid)),
        pg_get_function_result(oid)
    FROM pg_proc WHERE pronamespace = 'fence'::regnamespace AND prokind = 'f' AND (
        proname LIKE 'may\\_%' OR proname IN (SELECT name FROM fence.remembered)) ORDER BY proname
"""


# Nobody has the right to change or remove a trace, whatever its policies say; who writes its chain is tested with it.
BEHIND_A_RIGHT = {("accounts_auditentry", name) for name in ("changing", "removing", "chaining")}


@dataclass(frozen=True)
class Policy:
    table: str
    name: str
    permissive: str
    roles: list[str]
    command: str
    using: str | None
    check: str | None

    def drop(self) -> sql.Composed:
        return sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(self.name), sql.Identifier(self.table))

    def create(self, using: str | None, check: str | None) -> sql.Composed:
        roles = [sql.SQL("PUBLIC") if role == "public" else sql.Identifier(role) for role in self.roles]
        parts = [
            sql.SQL("CREATE POLICY {} ON {} AS {} FOR {} TO {}").format(
                sql.Identifier(self.name),
                sql.Identifier(self.table),
                sql.SQL(self.permissive),  # type: ignore[arg-type]  # a word of PostgreSQL's own catalogue
                sql.SQL(self.command),  # type: ignore[arg-type]
                sql.SQL(", ").join(roles),
            )
        ]
        if using is not None:
            parts.append(sql.SQL("USING ({})").format(sql.SQL(using)))  # type: ignore[arg-type]
        if check is not None:
            parts.append(sql.SQL("WITH CHECK ({})").format(sql.SQL(check)))  # type: ignore[arg-type]
        return sql.SQL(" ").join(parts)


def of_policies(owner: psycopg.Connection[Any]) -> Iterator[Mutant]:
    models = {model._meta.db_table: model for model in fenced_tables()}
    for values in owner.execute(_POLICIES).fetchall():
        policy = Policy(*values)
        model = models.get(policy.table)
        if model is None or (policy.table, policy.name) in BEHIND_A_RIGHT:
            continue
        label = model._meta.label_lower
        reads = policy.command in ("SELECT", "ALL")
        if policy.name == "owner":
            # Asked of the owner alone: rules that are not let through ask each other until the database gives up.
            yield Mutant(
                f"policy owner of {policy.table} gone",
                f"{OWNS}[{label}]",
                _policy(owner, policy, policy.drop()),
                _owned(owner, model),
            )
            continue
        yield Mutant(
            f"policy {policy.name} of {policy.table} gone",
            f"{SHOWS if reads else LETS}[{label}]",
            _policy(owner, policy, policy.drop()),
            _faults_of(owner, model, shows=reads, lets=True),
        )
        if "true" not in (policy.using, policy.check):
            widened = policy.create(policy.using and "true", policy.check and "true")
            yield Mutant(
                f"policy {policy.name} of {policy.table} widened",
                f"{SHOWS if reads else WRITES}[{label}]",
                _policy(owner, policy, policy.drop(), widened),
                _faults_of(owner, model, shows=reads, writes=True),
            )


def _faults_of(
    owner: psycopg.Connection[Any], model: Any, *, shows: bool = False, writes: bool = False, lets: bool = False
) -> Callable[[World], Iterator[str]]:
    def faults(world: World) -> Iterator[str]:
        return chain(
            read_faults(world, model) if shows else (),
            write_faults(world, model) if writes else (),
            machine_faults(world, model) if lets else (),
            owner_faults(world, model, owner) if lets else (),
        )

    return faults


def _owned(owner: psycopg.Connection[Any], model: Any) -> Callable[[World], Iterator[str]]:
    return lambda world: owner_faults(world, model, owner)


def _policy(owner: psycopg.Connection[Any], policy: Policy, *statements: sql.Composed) -> Callable[[], Any]:
    @contextmanager
    def changed() -> Iterator[None]:
        for statement in statements:
            owner.execute(statement)
        try:
            yield
        finally:
            if len(statements) > 1:
                owner.execute(policy.drop())
            owner.execute(policy.create(policy.using, policy.check))

    return changed


def of_fence_functions(owner: psycopg.Connection[Any]) -> Iterator[Mutant]:
    """Rules of claims turned to yes and no; what an actor reaches turned to nothing."""
    for name, definition, signature, result in owner.execute(_FUNCTIONS).fetchall():
        if not name.startswith("may_"):
            empty = f"SELECT '{{}}'::{result}"
            yield Mutant(
                f"{name} finds nothing", f"{SHOWS}[…]", _function(owner, signature, result, empty, definition), _shown
            )
            continue
        purpose, table = name.split("_", 2)[1:]
        for answer in ("true", "false"):
            changed = _function(owner, _with_names(definition, signature), result, f"SELECT {answer}", definition)
            yield Mutant(f"claim {purpose} of {table} always {answer}", CLAIMS, changed, _claimed(purpose, table))


def _shown(world: World) -> Iterator[str]:
    return chain.from_iterable(read_faults(world, model) for model in fenced_tables())


def _claimed(purpose: str, table: str) -> Callable[[World], Iterator[str]]:
    return lambda world: claim_faults(world, purpose, table)


def _with_names(definition: str, signature: str) -> str:
    """The signature as it is written in the definition, parameter names kept."""
    return definition.split("FUNCTION ", 1)[1].split("\n", 1)[0] if definition else signature


def _function(
    owner: psycopg.Connection[Any], signature: str, result: str, body: str, definition: str
) -> Callable[[], Any]:
    @contextmanager
    def changed() -> Iterator[None]:
        owner.execute(f"CREATE OR REPLACE FUNCTION {signature} RETURNS {result} LANGUAGE sql STABLE AS $m$ {body} $m$")
        try:
            yield
        finally:
            owner.execute(definition)  # type: ignore[arg-type]  # as PostgreSQL wrote it down

    return changed
