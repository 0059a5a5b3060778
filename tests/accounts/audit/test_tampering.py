"""Whatever the owner of the database does to the chained audit is found."""

import random
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from jiafang.accounts.audit import anchor
from jiafang.accounts.audit.chain import head_of
from jiafang.accounts.audit.form import BEFORE_THE_FIRST, COLUMNS, Entry, canonical, linked, sealed
from jiafang.accounts.audit.keys import seal_keys
from jiafang.accounts.audit.verify import verify
from tests.accounts.audit.ground import chain_up, owner, write_entries
from tests.accounts.audit.tampering import WAYS, Connection, empty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anchors(tmp_path: Path, settings: Settings) -> Path:
    """Of an audit of 160 entries in two runs of the sequencer."""
    settings.AUDIT_ANCHOR = tmp_path / "anchors.jsonl"
    for count in (110, 50):
        write_entries(count)
        chain_up(settings.AUDIT_ANCHOR)
    return settings.AUDIT_ANCHOR


def unnoticed(anchors: Path, times: int, seed: int) -> tuple[list[str], Counter[str]]:
    chance, missed, done = random.Random(seed), [], Counter[str]()
    with owner() as connection:
        assert verify(connection, anchors).is_whole
        for number in range(times):
            way = chance.choice(WAYS) if number >= len(WAYS) else WAYS[number]
            with connection.transaction(force_rollback=True):
                what = way(connection, chance)
                if verify(connection, anchors).is_whole:
                    missed.append(f"{way.__name__}: {what}")
            done[way.__name__] += 1
        assert verify(connection, anchors).is_whole
    return missed, done


def test_a_hundred_random_harms_by_the_owner_are_all_found(anchors: Path) -> None:
    missed, _done = unnoticed(anchors, 100, seed=1)
    assert missed == []


@pytest.mark.nightly
def test_ten_thousand_random_harms_by_the_owner_are_all_found(anchors: Path) -> None:
    missed, done = unnoticed(anchors, 10_000, seed=2)
    assert missed == []
    print(dict(done))


def write_anew(connection: Connection, from_number: int, *, with_key: bool) -> None:
    """One entry is changed and every link from there on made to fit, by somebody who even has the key of the seals."""
    rows = connection.execute(
        f"SELECT l.sequence, e.id, {COLUMNS} FROM accounts_auditlink l"
        " JOIN accounts_auditentry e ON e.id = l.entry_id ORDER BY l.sequence"
    ).fetchall()
    previous = BEFORE_THE_FIRST
    for sequence, entry_id, *columns in rows:
        entry = Entry(*columns)
        if sequence == from_number:
            entry = entry._replace(why="harmless")
            seal = sealed(canonical(entry), seal_keys()[0]) if with_key else bytes(entry.seal)
            entry = entry._replace(seal=seal)
            connection.execute(
                "UPDATE accounts_auditentry SET why = 'harmless', seal = %s WHERE id = %s", [seal, entry_id]
            )
        previous = linked(previous, sequence, entry_id, canonical(entry), bytes(entry.seal))
        connection.execute("UPDATE accounts_auditlink SET hash = %s WHERE sequence = %s", [previous, sequence])


@pytest.mark.parametrize("with_key", [True, False])
def test_a_chain_written_anew_is_told_by_the_anchor(anchors: Path, with_key: bool) -> None:
    with owner() as connection:
        write_anew(connection, 60, with_key=with_key)
        faults = verify(connection, anchors).faults
    assert any("number 110 differs from the anchored head" in fault for fault in faults)
    assert any("was changed, or not written by the application" in fault for fault in faults) is not with_key


def test_faults_name_the_numbers(anchors: Path) -> None:
    with owner() as connection:
        connection.execute("DELETE FROM accounts_auditlink WHERE sequence BETWEEN 20 AND 22")
        connection.execute("UPDATE accounts_auditentry SET person_id = 5 WHERE id = %s", [_entry_of(connection, 40)])
        faults = verify(connection, anchors).faults
    assert "numbers 20 to 22 were removed from the chain" in faults
    assert any(fault.startswith("number 40: entry") and "was changed" in fault for fault in faults)


def _entry_of(connection: Connection, sequence: int) -> int:
    row = connection.execute("SELECT entry_id FROM accounts_auditlink WHERE sequence = %s", [sequence]).fetchone()
    assert row
    return int(row[0])


def test_an_anchor_cut_edited_or_signed_by_another_is_told(anchors: Path) -> None:
    lines = anchors.read_text().splitlines(keepends=True)
    with owner() as connection:
        for harmed in (
            lines[0] + lines[1].replace('"sequence":160', '"sequence":150'),
            lines[0].replace('"sequence":110', '"sequence":100') + lines[1],
            lines[1],
            lines[0] + lines[1][:40] + "\n",
            lines[0][:40] + "\n" + lines[1],
            lines[0][:40] + lines[1],
            "",
        ):
            anchors.write_text(harmed)
            assert not verify(connection, anchors).is_whole, harmed
        anchors.write_text("".join(lines))
        assert verify(connection, anchors).is_whole


def test_a_line_torn_by_a_crash_is_told_and_the_writer_goes_on_below_it(anchors: Path) -> None:
    lines = anchors.read_bytes().splitlines(keepends=True)
    with owner() as connection:
        for torn in (lines[1][:1], lines[1][:40], lines[1][:-3], b"\0" * 60):
            anchors.write_bytes(lines[0] + torn)
            report = verify(connection, anchors)
            assert (report.faults, report.anchored) == ([], 110)
            assert "anchor line 2 is torn" in report.notices[0]
            head = head_of(connection)
            anchor.write(anchors, head.sequence, head.hash)
            report = verify(connection, anchors)
            assert (report.faults, report.anchored) == ([], 160)
            assert "anchor line 2 is torn" in report.notices[0], "it stays told"
            whole = anchors.read_bytes()
            anchors.write_bytes(whole.replace(torn + b"\n", b"[\n", 1))
            assert not verify(connection, anchors).is_whole, "what was torn is vouched for as it was"
            anchors.write_bytes(whole.replace(torn + b"\n", b"", 1))
            assert not verify(connection, anchors).is_whole, "and does not go unseen"
        anchors.write_bytes(lines[0] + lines[1].rstrip(b"\n"))
        anchor.write(anchors, head.sequence, head.hash)
        report = verify(connection, anchors)
        assert (report.faults, report.notices) == ([], []), "nothing but the end of the line was lost"


def test_a_torn_line_hides_no_cut_of_what_was_anchored_before_it(anchors: Path) -> None:
    lines = anchors.read_bytes().splitlines(keepends=True)
    anchors.write_bytes(lines[0] + lines[1][:40])
    with owner() as connection:
        connection.execute("DELETE FROM accounts_auditlink WHERE sequence > 100")
        assert "number 110 was anchored; the chain ends at 100" in verify(connection, anchors).faults
        anchor.write(anchors, 100, head_of(connection).hash)
        assert not verify(connection, anchors).is_whole


def test_nothing_but_a_torn_line_is_no_anchor(anchors: Path) -> None:
    anchors.write_bytes(anchors.read_bytes()[:40])
    with owner() as connection:
        assert not verify(connection, anchors).is_whole


def test_a_line_that_somebody_ended_is_not_torn_though_the_writer_goes_on_below_it(anchors: Path) -> None:
    """A crash leaves no end of line behind what it tore."""
    lines = anchors.read_bytes().splitlines(keepends=True)
    anchors.write_bytes(lines[0] + lines[1][:40] + b"\n")
    with owner() as connection:
        head = head_of(connection)
        anchor.write(anchors, head.sequence, head.hash)
        assert "anchor line 2 cannot be read" in verify(connection, anchors).faults


def test_another_key_makes_no_anchor(anchors: Path, settings: Settings) -> None:
    ours = settings.AUDIT_KEYS
    with owner() as connection:
        head = head_of(connection)
        settings.AUDIT_KEYS = ["A" * 43 + "="]
        anchor.write(anchors, head.sequence, head.hash)
        settings.AUDIT_KEYS = ours
        assert not verify(connection, anchors).is_whole


def test_seals_of_an_earlier_key_are_still_ours(anchors: Path, settings: Settings) -> None:
    settings.AUDIT_KEYS = ["A" * 43 + "=", *settings.AUDIT_KEYS]
    write_entries(4)
    chain_up(anchors)
    with owner() as connection:
        assert verify(connection, anchors).is_whole


def test_a_restore_gives_up_what_came_after_it_and_says_so(anchors: Path) -> None:
    with owner() as connection:
        kept = connection.execute("SELECT hash FROM accounts_auditlink WHERE sequence = 110").fetchone()
        last = _entry_of(connection, 110)
        connection.execute("DELETE FROM accounts_auditlink WHERE sequence > 110")
        connection.execute("DELETE FROM accounts_auditentry WHERE id > %s", [last])
        assert not verify(connection, anchors).is_whole
        assert kept
        anchor.write(anchors, 110, bytes(kept[0]), anchor.RESTORED)
        report = verify(connection, anchors)
        assert report.is_whole
        assert "111 to 160" in report.notices[0]
        write_entries(3)
        chain_up(anchors)
        assert verify(connection, anchors).is_whole


def test_an_entry_removed_before_it_is_chained_leaves_a_number_that_nobody_has(anchors: Path) -> None:
    with owner() as connection:
        before = verify(connection, anchors).never_committed
        write_entries(1)
        connection.execute("DELETE FROM accounts_auditentry WHERE id = (SELECT max(id) FROM accounts_auditentry)")
        assert verify(connection, anchors).never_committed == before + 1


def test_the_command_ends_with_one_when_something_is_wrong(anchors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    assert "160 entries, 160 in the chain, anchored up to 160" in capsys.readouterr().out
    with owner() as connection:
        empty(connection, random.Random(1))
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")
    assert ended.value.code == 1
    assert "THE AUDIT IS NOT WHOLE" in capsys.readouterr().out
