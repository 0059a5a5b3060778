"""The engine of the phone, the real one, in Node: driven over a line of JSON, its requests answered by the test."""

import base64
import functools
import itertools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.front_end import FRONT_END, npm_program

HARNESS = Path(__file__).parent / "harness.ts"
CRASHED = {"crashed": True}


@dataclass(frozen=True)
class Asked:
    """What a phone asks of the server."""

    device: str
    tab: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """None as status: the line was cut before an answer came."""

    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


CUT = Answer(None)
Serve = Callable[[Asked], Answer]


class NotDone(AssertionError):
    """The engine refused; `str` is its code or the error."""

    def expected(self, *codes: str) -> None:
        """Only for these reasons; anything else is a fault of the engine."""
        if str(self) not in codes:
            raise self


@functools.cache
def built() -> str:
    """The harness with the engine in it, as one script for Node."""
    out = Path(tempfile.mkdtemp(prefix="phone-engine-")) / "harness.cjs"
    script = FRONT_END / "node_modules" / "esbuild" / "bin" / "esbuild"
    arguments = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning", f"--outfile={out}"]
    environment = npm_program()[1] | {"NODE_PATH": str(FRONT_END / "node_modules")}
    subprocess.run([script, HARNESS, *arguments], check=True, env=environment)
    return str(out)


def node() -> str:
    """The Node that the set-up found."""
    found = shutil.which("node", path=npm_program()[1].get("PATH"))
    assert found is not None
    return found


class Phones:
    """Several phones in one process; `serve` answers for the server."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self.serve: Serve = lambda asked: CUT

    def __call__(self, device: str, do: str, **more: Any) -> Any:
        """One command on one phone, to its end."""
        return self.together({"device": device, "do": do} | more)[0]

    def together(self, *commands: dict[str, Any]) -> list[Any]:
        """Commands begun at once, as in two tabs."""
        numbers = [next(self._numbers) for _command in commands]
        for number, command in zip(numbers, commands, strict=True):
            self._tell({"command": number} | command)
        done: dict[int, Any] = {}
        while len(done) < len(commands):
            line = self._hear()
            if "ask" in line:
                self._answer(line)
            elif line["done"] in numbers:
                done[line["done"]] = line
        for line in done.values():
            if "error" in line:
                raise NotDone(line["error"])
        return [done[number]["result"] for number in numbers]

    def reset(self) -> None:
        self("", "reset")

    def _answer(self, line: dict[str, Any]) -> None:
        asked = Asked(
            line["device"], line["tab"], line["method"], line["path"], line["headers"], base64.b64decode(line["body"])
        )
        answer = self.serve(asked)
        if answer.status is None:
            self._tell({"answer": line["ask"], "cut": True})
        else:
            body = base64.b64encode(answer.body).decode()
            self._tell({"answer": line["ask"], "status": answer.status, "headers": answer.headers, "body": body})

    def _tell(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the phones' process has ended"
        return json.loads(line)


@contextmanager
def running_phones() -> Iterator[Phones]:
    process = subprocess.Popen(
        [node(), "--max-old-space-size=1024", built()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        phones = Phones(process)
        assert phones._hear() == {"ready": True}
        yield phones
    finally:
        process.kill()
        process.wait()
