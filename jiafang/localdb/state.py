"""Where the local database keeps its files, who may enter there, and who takes part in it."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from jiafang.localdb.account import Account, LocalDatabaseError, server_account

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LONGEST_SOCKET_FOLDER = 85


def state_folder(*, create: bool = False) -> Path:
    """The folder of this checkout's local state: outside the checkout, one for each clone."""
    identity = CHECKOUT / ".local" / "id"
    if create and not identity.exists():
        write_once(identity, secrets.token_hex(8))
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
    account = server_account()
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


def own_folder(folder: Path, account: Account | None) -> Path:
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


def write_private(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    os.replace(file.name, path)


def write_once(path: Path, text: str) -> None:
    """Write a file that many may try to write at once: the first one wins, whole."""
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(text)
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def open_lock(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")


@contextlib.contextmanager
def exclusive(state: Path) -> Iterator[None]:
    with open_lock(state / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
