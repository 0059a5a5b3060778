"""`jiafang demo`: everything that the demonstration needs, in front of the user until Ctrl-C."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

from jiafang import localdb

HOST = "127.0.0.1"
ANSWER_TIMEOUT_SECONDS = 60
GRACE_SECONDS = 5
FILLING, FILLED = "demo-filling", "demo-filled"
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stopped(BaseException):
    """Ctrl-C, a signal, or the death of the process that started us."""


class _DemoError(Exception):
    """The demonstration cannot run; the message says why."""


def main(arguments: list[str]) -> int:
    if arguments:
        print("Usage: jiafang demo (PORT=8001 in the environment for another port)", file=sys.stderr)
        return 2
    for number in ENDING_SIGNALS:
        signal.signal(number, _stop)
    demonstration = _Demonstration()
    try:
        demonstration.run()
    except _Stopped:
        return 0
    except (_DemoError, localdb.LocalDatabaseError) as error:
        print(f"\njiafang demo: {error}", file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not leave half of it running.
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        demonstration.stop()
    return 0


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise _Stopped


class _Demonstration:
    """The processes that belong to one run, and the wish to leave none behind."""

    def __init__(self) -> None:
        self.port = _port()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.started_by = os.getppid()
        self.handled_by_starter = _handled_signals(self.started_by)
        self.state = localdb.state_folder(create=True)
        self.log = self.state / "demo.log"

    def run(self) -> None:
        began = time.monotonic()
        _require_free(self.port)
        self._forget_half_filled()
        localdb.ensure()
        self.log.write_bytes(b"")
        self._finish("bringing the database up to date", "migrate", "--verbosity", "0")
        self._fill()
        self._start("worker", "-m", "jiafang", "procrastinate", "worker")
        if localdb.addresses().sequencer_url:
            self._start("sequencer of the audit", "-m", "jiafang", "chain-audit")
        self._start(
            "web server", "-m", "gunicorn", "-c", "python:jiafang.config.gunicorn",
            "--bind", f"{HOST}:{self.port}", "--workers", "1", "--log-level", "warning", "--no-control-socket",
            "--access-logfile", os.devnull,
        )  # fmt: skip
        self._wait_for_answer()
        print(f"\nJiafang 佳访: http://{HOST}:{self.port}/   ({time.monotonic() - began:.0f} s)\n", flush=True)
        self._finish("", "demo-logins")
        print("\nCtrl-C ends it. PORT=8001 make demo uses another port; make demo-reset starts over.", flush=True)
        while True:
            self._watch()

    def _forget_half_filled(self) -> None:
        """A filling that was interrupted is begun anew, from an empty database."""
        if (self.state / FILLING).exists() and not os.environ.get("DATABASE_URL"):
            print("· The demonstration was interrupted while it was filled; starting over", flush=True)
            localdb.remove()
            localdb.state_folder(create=True)

    def _fill(self) -> None:
        if os.environ.get("DATABASE_URL"):
            self._finish("filling the demonstration district where it is empty", "demo-fill")
        elif not (self.state / FILLED).exists():
            (self.state / FILLING).touch()
            self._finish("filling the demonstration district (once)", "demo-fill")
            (self.state / FILLED).touch()
            (self.state / FILLING).unlink()

    def _environment(self) -> dict[str, str]:
        of_ours = {"DJANGO_SETTINGS_MODULE": "jiafang.config.settings", "JIAFANG_DEMONSTRATION": "1"}
        return os.environ | of_ours | {"PYTHONUNBUFFERED": "1"}

    def _popen(self, arguments: tuple[str, ...], *, to_log: bool) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log if to_log else None,
                stderr=log if to_log else None,
                cwd=localdb.CHECKOUT,
                env=self._environment(),
                # A session of its own: Ctrl-C reaches only us, and we end everything in order.
                start_new_session=True,
            )

    def _finish(self, what: str, *command: str) -> None:
        """Run a command of ours to its end."""
        if what:
            print(f"· {what[0].upper()}{what[1:]}", flush=True)
        child = self._popen(("-m", "jiafang", *command), to_log=False)
        self.children[command[0]] = child
        while child.poll() is None:
            self._pause()
        del self.children[command[0]]
        if child.returncode != 0:
            raise _DemoError(f"`jiafang {' '.join(command)}` failed (exit {child.returncode}); its message is above.")

    def _start(self, name: str, *arguments: str) -> None:
        self.children[name] = self._popen(arguments, to_log=True)

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + ANSWER_TIMEOUT_SECONDS
        while not _answers(self.port):
            self._watch()
            if time.monotonic() > deadline:
                raise _DemoError(f"The page did not answer within {ANSWER_TIMEOUT_SECONDS} s.\n{_end_of(self.log)}")

    def _watch(self) -> None:
        self._pause()
        for name, child in self.children.items():
            if child.poll() is not None:
                raise _DemoError(f"The {name} ended unexpectedly (exit {child.returncode}).\n{_end_of(self.log)}")

    def _pause(self) -> None:
        time.sleep(0.2)
        # make keeps a SIGINT to itself and waits for us; on its way out it gives up handling that signal.
        if os.getppid() != self.started_by or self.handled_by_starter & ~_handled_signals(self.started_by):
            raise _Stopped

    def stop(self) -> None:
        """End every child with all that it started, then the database unless somebody else uses it."""
        with contextlib.suppress(OSError):
            print("\nStopping …", flush=True)
        for child in self.children.values():
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, deadline - time.monotonic()))
            _signal_group(child, signal.SIGKILL)
            child.wait()
        localdb.stop()


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        print(f"jiafang demo: PORT={text} is not a port (1 to 65535).", file=sys.stderr)
        sys.exit(2)
    return int(text)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise _DemoError(
                f"Port {port} on {HOST} cannot be used ({error.strerror}). "
                f"Choose another one: PORT={port % 65535 + 1} make demo"
            ) from None


def _answers(port: int) -> bool:
    """Whether the first page (or the sign-in page that it leads to) is served without an error."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=30):
            return True
    except (OSError, http.client.HTTPException):
        return False


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    # The group outlives its first process when that one leaves children behind.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-15:]
    return "\n".join([*lines, f"(whole log: {log})"])


def _handled_signals(process: int) -> int:
    """Which of the ending signals a process handles itself, as the kernel shows it (none where it shows nothing)."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    handled = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return int(handled, 16) & sum(1 << (number - 1) for number in ENDING_SIGNALS)
