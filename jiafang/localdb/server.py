"""The server: made, started, opened to the two roles, stopped."""

import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from jiafang.localdb.account import Account, LocalDatabaseError, server_account
from jiafang.localdb.programs import Installation, data_folder, installation_for, run, utf8_locale
from jiafang.localdb.state import own_folder, socket_folder, write_private

DATABASE = "jiafang"
ADMIN, OWNER, APP, SEQUENCER = "jiafang_admin", "jiafang_owner", "jiafang_app", "jiafang_sequencer"
ROLES = {OWNER: "CREATEDB", APP: "NOCREATEDB", SEQUENCER: "NOCREATEDB"}
START_TIMEOUT_SECONDS = 60

SERVER_SETTINGS = """\
listen_addresses = ''
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
jit = off
synchronous_commit = off
max_wal_size = 2GB
checkpoint_timeout = 30min
wal_level = minimal
max_wal_senders = 0
timezone = 'UTC'
log_timezone = 'UTC'
log_min_error_statement = panic
log_error_verbosity = terse
"""


def url_of(state: Path, role: str, passwords: dict[str, str], *, database: str = DATABASE) -> str:
    host = quote(str(socket_folder(state)), safe="")
    return f"postgresql://{role}:{passwords.get(role, '')}@/{database}?host={host}"


def read_passwords(state: Path) -> dict[str, str]:
    path = state / "passwords.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _passwords(state: Path) -> dict[str, str]:
    existing = read_passwords(state)
    if existing:
        return existing
    created = {role: secrets.token_urlsafe(24) for role in (ADMIN, *ROLES)}
    write_private(state / "passwords.json", json.dumps(created))
    return created


def answers(state: Path) -> bool:
    if not (state / "ready").exists():
        return False
    try:
        psycopg.connect(url_of(state, APP, read_passwords(state)), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def start(state: Path) -> None:
    account = server_account()
    installation = installation_for(state, account)
    data = data_folder(state, installation)
    passwords = _passwords(state)
    if not data.exists():
        (state / "ready").unlink(missing_ok=True)
        _initialize(state, installation, account, passwords)
    sockets = own_folder(socket_folder(state), account)
    (data / "jiafang.conf").write_text(f"{SERVER_SETTINGS}unix_socket_directories = '{sockets}'\n")
    (data / "jiafang.conf").chmod(0o644)
    logs = own_folder(state / "log", account)
    if _forget_dead_server(data):
        (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    started = run(
        installation.programs, "pg_ctl", "start", "-w", "-s", "-t", str(START_TIMEOUT_SECONDS),
        "-D", data, "-l", logs / "postgresql.log", account=account,
    )  # fmt: skip
    if started.returncode != 0 and not _becomes_ready(sockets, passwords):
        raise LocalDatabaseError(
            f"PostgreSQL did not start: {started.stdout.strip()}\n{_last_lines(logs / 'postgresql.log')}\n"
            "`make demo-reset` starts over with an empty database."
        )
    if not (state / "ready").exists():
        _create_database(state, passwords)
        (state / "ready").touch()


def _initialize(state: Path, installation: Installation, account: Account | None, passwords: dict[str, str]) -> None:
    making = own_folder(Path(tempfile.mkdtemp(dir=state)), account)
    password_file = making / "password"
    write_private(password_file, passwords[ADMIN])
    if account:
        os.chown(password_file, account.uid, account.gid)
    done = run(
        installation.programs, "initdb", "--no-sync", "--encoding=UTF8", f"--locale={utf8_locale()}",
        f"--username={ADMIN}", "--auth=scram-sha-256", f"--pwfile={password_file}", "-D", making / "data",
        account=account,
    )  # fmt: skip
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise LocalDatabaseError(f"PostgreSQL could not make its data folder: {done.stdout.strip()}")
    with (making / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("include_if_exists = 'jiafang.conf'\n")
    (making / "data").rename(data_folder(state, installation))
    shutil.rmtree(making, ignore_errors=True)


def _becomes_ready(sockets: Path, passwords: dict[str, str]) -> bool:
    """Wait for a server that another process of ours is starting or that is still recovering."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS / 4
    while (sockets / ".s.PGSQL.5432").exists() and time.monotonic() < deadline:
        try:
            psycopg.connect(host=str(sockets), user=ADMIN, password=passwords[ADMIN], dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.2)
        else:
            return True
    return False


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""


def _create_database(state: Path, passwords: dict[str, str]) -> None:
    admin = url_of(state, ADMIN, passwords, database="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        _make_roles(connection, passwords, ROLES)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
    open_to_app(url_of(state, OWNER, passwords), APP)


def _make_roles(connection: psycopg.Connection, passwords: dict[str, str], wanted: Iterable[str]) -> None:
    existing = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    for role in wanted:
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS {} PASSWORD {}").format(
                sql.SQL("ALTER" if role in existing else "CREATE"),
                sql.Identifier(role),
                sql.SQL(ROLES[role]),
                passwords[role],
            )
        )


def add_missing_roles(state: Path) -> None:
    """Make the roles that a database of an earlier version lacks; the server answers already."""
    passwords = read_passwords(state)
    missing = [role for role in ROLES if role not in passwords]
    if missing:
        passwords |= {role: secrets.token_urlsafe(24) for role in missing}
        with psycopg.connect(url_of(state, ADMIN, passwords, database="postgres"), autocommit=True) as connection:
            _make_roles(connection, passwords, missing)
        write_private(state / "passwords.json", json.dumps(passwords))


def open_to_app(owner_url: str, app_role: str) -> None:
    """Let the application role use whatever the owner makes in this database, and own nothing of it."""
    rights = {"TABLES": "SELECT, INSERT, UPDATE, DELETE", "SEQUENCES": "USAGE, SELECT", "FUNCTIONS": "EXECUTE"}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for what, right in rights.items():
            connection.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {} ON {} TO {}").format(
                    sql.SQL(right), sql.SQL(what), sql.Identifier(app_role)
                )
            )


def drop_database(owner: psycopg.Connection, name: str) -> None:
    """Drop a database and whoever is connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        owner.execute(statement + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        # Autovacuum is there, which only a superuser may end by force; without force the server sends it away.
        owner.execute(statement)


def _forget_dead_server(data: Path) -> bool:
    """Tell whether the server that this data folder names is dead; PostgreSQL itself cannot where its number lives on.

    After a restart the number may belong to another program, and without an init process the dead stay as zombies.
    """
    lock = data / "postmaster.pid"
    try:
        number, *rest = lock.read_text().splitlines()
        status = Path(f"/proc/{number}/stat").read_text()
    except (OSError, ValueError):
        return False
    name, state = re.search(r"\((.*)\) (\w)", status, re.DOTALL).groups()  # type: ignore[union-attr]  # always there
    if name == "postgres" and state != "Z":
        return False
    # Only the number is replaced, by one that no process can have: the shared memory that
    # the file also names still keeps a new server away from survivors of the old one.
    lock.write_text("\n".join([str(2**22 + 1), *rest, ""]))
    return True


def stop(state: Path) -> None:
    account = server_account()
    for data in state.glob("data-*"):
        if not (data / "postmaster.pid").exists() or _forget_dead_server(data):
            continue
        installation = installation_for(state, account)
        stopped = run(installation.programs, "pg_ctl", "stop", "-m", "fast", "-w", "-s", "-D", data, account=account)
        if stopped.returncode != 0:
            raise LocalDatabaseError(f"PostgreSQL did not stop: {stopped.stdout.strip()}")
