"""Whose account runs the server, and the one error of the local database."""

import contextlib
import dataclasses
import os
import pwd

# An unprivileged account that every system already has; PostgreSQL refuses to run as root.
UNPRIVILEGED_ACCOUNTS = ("nobody", "daemon", "postgres")


class LocalDatabaseError(Exception):
    """The local PostgreSQL cannot be used; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Account:
    """The unprivileged account that runs the server when root asks for one."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account to run the server as: none when this is already an ordinary user."""
    if os.getuid() != 0:
        return None
    for name in UNPRIVILEGED_ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalDatabaseError(
        "PostgreSQL does not run as root and this system has none of the accounts "
        f"{', '.join(UNPRIVILEGED_ACCOUNTS)}: run as an ordinary user or set DATABASE_URL."
    )
