"""PostgreSQL's own pg_dump and pg_restore: found, run, listened to."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict

from jiafang import localdb
from jiafang.rescue.errors import RescueError

LAST_LINES = 5


def program(name: str, server_major: int) -> Path:
    """The program of the oldest version that understands the server."""
    found = {major(folder / name): folder / name for folder in localdb.client_folders(name)}
    usable = [version for version in found if version >= server_major]
    if not usable:
        raise RescueError(
            f"No {name} of PostgreSQL {server_major} or later was found: run `make setup`, "
            f"or install the client programs of PostgreSQL {server_major}."
        )
    return found[min(usable)]


def major(path: Path) -> int:
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(match[1]) if match else 0


def environment(url: str) -> dict[str, str]:
    """How a program of PostgreSQL is told where to go: no password in its command line, which everybody may read."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    given = {names[key]: value for key, value in parts.items() if key in names}
    given |= {f"PG{key.upper()}": value for key, value in parts.items() if key.startswith("ssl")}
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")} | given | {"LC_ALL": "C"}


def run(command: list[str | Path], url: str, heard: Callable[[str], None]) -> None:
    """Run a program to its end; every line that it says is passed on, and its failure is ours."""
    process = subprocess.Popen(
        command, env=environment(url), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    assert process.stderr is not None
    said: list[str] = []
    with _ended(process):
        for line in process.stderr:
            heard(line)
            said = [*said, line.strip()][-LAST_LINES:]
    if process.returncode != 0:
        raise RescueError(f"{Path(command[0]).name} failed: {' / '.join(said)}")


@contextmanager
def reading(command: list[str | Path]) -> Iterator[IO[bytes]]:
    """What a program writes, as a stream; its failure is ours once the stream was read."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    with _ended(process):
        yield process.stdout
    if process.returncode != 0:
        raise RescueError(f"{Path(command[0]).name} cannot read {Path(command[-1]).name}.")


@contextmanager
def _ended(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> Iterator[None]:
    """No program of ours works on when we have been interrupted."""
    try:
        yield
        process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
