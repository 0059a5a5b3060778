"""Whether every entry and every link is as it was written, up to the head that is anchored outside the database."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg.pq import TransactionStatus

from jiafang.accounts.audit import anchor
from jiafang.accounts.audit.chain import NUMBERS_GIVEN, Connection
from jiafang.accounts.audit.form import BEFORE_THE_FIRST, COLUMNS, HASH_BYTES, Entry, canonical, linked, sealed
from jiafang.accounts.audit.keys import seal_keys

ROWS_AT_ONCE = 5000
FAULTS_TOLD = 200
EVERYTHING = f"""SELECT l.sequence, l.entry_id, l.hash, e.id, {COLUMNS}
    FROM accounts_auditlink l FULL JOIN accounts_auditentry e ON e.id = l.entry_id
    ORDER BY l.sequence NULLS LAST, e.id"""  # noqa: S608  # columns of ours


@dataclass
class Report:
    """What was found; it is whole when there are no faults."""

    entries: int = 0
    links: int = 0
    tail: int = 0
    never_committed: int = 0
    anchored: int = 0
    faults: list[str] = field(default_factory=list)
    faults_untold: int = 0
    notices: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.faults

    def fault(self, words: str) -> None:
        if len(self.faults) < FAULTS_TOLD:
            self.faults.append(words)
        else:
            self.faults_untold += 1


def verify(connection: Connection, anchors: Path) -> Report:
    """Read the whole chain once, as one moment shows it; the connection must see every entry."""
    report = Report()
    told = anchor.read(anchors)
    for words in told.faults:
        report.fault(words)
    report.notices += told.notices
    heads, gone = anchor.standing(told.anchors)
    for first, last, at in gone:
        report.notices.append(f"numbers {first} to {last} were given up by the restore of {at}")
    of_its_own = connection.info.transaction_status == TransactionStatus.IDLE
    with connection.transaction():
        if of_its_own:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        given = connection.execute(NUMBERS_GIVEN).fetchone()
        _Walk(report, heads).over(_rows(connection))
    report.never_committed = max(0, (given[0] if given else 0) - report.entries)
    report.anchored = max(heads, default=0)
    if report.links and not told.anchors:
        report.fault(f"no anchored head in {anchors}: a chain cut short could not be told")
    return report


def _rows(connection: Connection) -> Iterator[tuple[Any, ...]]:
    with connection.cursor(name="audit_chain") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        yield from cursor.execute(EVERYTHING)


class _Walk:
    def __init__(self, report: Report, heads: dict[int, bytes]) -> None:
        self.report = report
        self.heads = dict(heads)
        self.keys = seal_keys()
        self.previous = BEFORE_THE_FIRST
        self.expected = 1
        self.seals: set[bytes] = set()

    def over(self, rows: Iterator[tuple[Any, ...]]) -> None:
        for sequence, linked_id, link_hash, entry_id, *columns in rows:
            if sequence is not None and sequence != self.expected:
                self._gap(sequence)
            if entry_id is None:
                self.report.fault(f"number {sequence}: entry {linked_id} was removed")
                self._next(sequence, bytes(link_hash))
                continue
            self.report.entries += 1
            entry = Entry(*columns)
            content, seal = canonical(entry), bytes(entry.seal)
            self._look_at_seal(sequence, entry_id, content, seal)
            if sequence is None:
                self.report.tail += 1
                continue
            found = bytes(link_hash)
            if linked(self.previous, sequence, entry_id, content, seal) != found:
                self.report.fault(f"number {sequence}: entry {entry_id} is not what was linked here")
            self._next(sequence, found)
        for sequence in sorted(self.heads):
            self.report.fault(f"number {sequence} was anchored; the chain ends at {self.expected - 1}")

    def _gap(self, sequence: int) -> None:
        if sequence > self.expected:
            self.report.fault(f"numbers {self.expected} to {sequence - 1} were removed from the chain")
        else:
            self.report.fault(f"number {sequence} was put in before the chain")

    def _next(self, sequence: int, found: bytes) -> None:
        for gone in [number for number in self.heads if number < sequence]:
            self.report.fault(f"number {gone} was anchored and is not in the chain")
            del self.heads[gone]
        anchored = self.heads.pop(sequence, found)
        if anchored != found:
            self.report.fault(f"number {sequence} differs from the anchored head: the chain was written anew")
        self.previous, self.expected = found, sequence + 1
        self.report.links += 1

    def _look_at_seal(self, sequence: int | None, entry_id: int, content: bytes, seal: bytes) -> None:
        where = f"number {sequence}" if sequence is not None else "not in the chain yet"
        if len(seal) != HASH_BYTES or not any(hmac.compare_digest(sealed(content, key), seal) for key in self.keys):
            self.report.fault(f"{where}: entry {entry_id} was changed, or not written by the application")
        short = seal[:8]
        if short in self.seals:
            self.report.fault(f"{where}: entry {entry_id} repeats another entry")
        self.seals.add(short)
