"""What the owner of the database may do to the audit behind everybody's back, at random."""

import random
from collections.abc import Callable
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]


DELETE_ENTRY = "DELETE FROM accounts_auditentry WHERE id = %(entry)s"
DELETE_LINK = "DELETE FROM accounts_auditlink WHERE sequence = %(sequence)s"


def _some(connection: Connection, chance: random.Random, count: int) -> list[tuple[int, int]]:
    rows = connection.execute("SELECT sequence, entry_id FROM accounts_auditlink ORDER BY sequence").fetchall()
    return chance.sample(rows, count)


def _to_one(connection: Connection, chance: random.Random, *statements: str) -> str:
    """Do this to one link and its entry."""
    (sequence, entry), = _some(connection, chance, 1)  # fmt: skip
    for statement in statements:
        connection.execute(statement, {"sequence": sequence, "entry": entry})
    return f"number {sequence}"


def edit_entry(connection: Connection, chance: random.Random) -> str:
    (sequence, entry), = _some(connection, chance, 1)  # fmt: skip
    column, value = chance.choice(
        [
            ("at", "at + interval '1 microsecond'"),
            ("user_id", "coalesce(user_id, 0) + 1"),
            ("person_id", "coalesce(person_id, 0) + 1"),
            ("capacity", "capacity || 'x'"),
            ("action", "action || '.'"),
            ("object_kind", "object_kind || 'x'"),
            ("object_id", "object_id || '0'"),
            ("why", "why || ' '"),
            ("subjects", "subjects || 9999::bigint"),
            ("details", "details || '{\"more\": 1}'"),
            ("seal", "decode(repeat('00', 32), 'hex')"),
        ]
    )
    connection.execute(f"UPDATE accounts_auditentry SET {column} = {value} WHERE id = {entry}")
    return f"{column} of {sequence}"


def _exchange(connection: Connection, statement: str, one: int, other: int) -> None:
    for before, after in ((one, -1), (other, one), (-1, other)):
        connection.execute(statement, [after, before])


def swap_entries(connection: Connection, chance: random.Random) -> str:
    (_s, one), (_t, other) = _some(connection, chance, 2)
    _exchange(connection, "UPDATE accounts_auditentry SET id = %s WHERE id = %s", one, other)
    return f"entries {one} and {other} change places"


def swap_links(connection: Connection, chance: random.Random) -> str:
    (one, entry), (other, other_entry) = _some(connection, chance, 2)
    for sequence, new in ((one, -1), (other, entry), (one, other_entry)):
        connection.execute("UPDATE accounts_auditlink SET entry_id = %s WHERE sequence = %s", [new, sequence])
    return f"numbers {one} and {other} name each other's entry"


def swap_numbers(connection: Connection, chance: random.Random) -> str:
    (one, _e), (other, _f) = _some(connection, chance, 2)
    _exchange(connection, "UPDATE accounts_auditlink SET sequence = %s WHERE sequence = %s", one, other)
    return f"numbers {one} and {other} change places"


def delete_entry(connection: Connection, chance: random.Random) -> str:
    return _to_one(connection, chance, DELETE_ENTRY)


def delete_link(connection: Connection, chance: random.Random) -> str:
    return _to_one(connection, chance, DELETE_LINK)


def delete_both(connection: Connection, chance: random.Random) -> str:
    return _to_one(connection, chance, DELETE_ENTRY, DELETE_LINK)


def edit_link(connection: Connection, chance: random.Random) -> str:
    changed = "UPDATE accounts_auditlink SET hash = sha256(hash) WHERE sequence = %(sequence)s"
    return _to_one(connection, chance, changed)


def cut_off(connection: Connection, chance: random.Random) -> str:
    (sequence, _entry), = _some(connection, chance, 1)  # fmt: skip
    if chance.random() < 0.7:
        connection.execute(
            "DELETE FROM accounts_auditentry"
            " WHERE id IN (SELECT entry_id FROM accounts_auditlink WHERE sequence >= %s)",
            [sequence],
        )
    connection.execute("DELETE FROM accounts_auditlink WHERE sequence >= %s", [sequence])
    return f"everything from {sequence} on"


def empty(connection: Connection, chance: random.Random) -> str:
    tables = chance.choice(["accounts_auditentry", "accounts_auditlink", "accounts_auditentry, accounts_auditlink"])
    connection.execute(f"TRUNCATE {tables}")
    return tables


COPIED = "at, user_id, person_id, capacity, action, object_kind, object_id, why, subjects, details, seal"


def invent_entry(connection: Connection, chance: random.Random) -> str:
    (sequence, entry), = _some(connection, chance, 1)  # fmt: skip
    changed = chance.choice([COPIED.replace("person_id", "7"), COPIED.replace("seal", "''::bytea"), COPIED])
    connection.execute(
        f"INSERT INTO accounts_auditentry ({COPIED}) SELECT {changed} FROM accounts_auditentry WHERE id = {entry}"
    )
    return f"an entry like that of {sequence}"


def invent_link(connection: Connection, chance: random.Random) -> str:
    connection.execute("INSERT INTO accounts_auditlink SELECT max(sequence) + 1, 10^12, '' FROM accounts_auditlink")
    return "a link to nothing"


WAYS: list[Callable[[Connection, random.Random], str]] = [
    edit_entry,
    edit_entry,
    edit_entry,
    swap_entries,
    swap_links,
    swap_numbers,
    delete_entry,
    delete_link,
    delete_both,
    edit_link,
    cut_off,
    empty,
    invent_entry,
    invent_link,
]
