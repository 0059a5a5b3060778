"""A Chromium of one's own on a profile, spoken to through pipes, that can be killed with all its processes at once."""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.chromium import find_chromium

LEAN = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--headless",
    "--remote-debugging-pipe",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-component-extensions-with-background-pages",
    "--disable-breakpad",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-hang-monitor",
    "--hide-scrollbars",
    "--disable-features=Translate,MediaRouter,OptimizationHints,BackForwardCache",
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
    "--lang=zh-CN",
    "--window-size=390,844",
]
FREE = 64  # file descriptors below are wanted at fixed places


class Gone(Exception):
    """The browser is no longer there."""


class Stuck(Exception):
    """The page does not do what it should, or not in time."""


class Chromium:
    """One start of the browser. Its processes are one group, which `kill` ends as a phone without power would."""

    def __init__(self, profile: Path) -> None:
        inward, told = _pipe()
        heard, outward = _pipe()
        self._told, self._heard = told, heard
        self._buffer = b""
        self._serial = 0
        self._session: str | None = None
        self._word = ""
        self._over = False
        self.heed: Callable[[str], None] = lambda word: None

        def pipes() -> None:
            os.dup2(inward, 3)
            os.dup2(outward, 4)

        command = [str(find_chromium()), *LEAN, f"--user-data-dir={profile}", "about:blank"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=pipes, pass_fds=(3, 4), start_new_session=True
        )
        for end in (inward, outward):
            os.close(end)

    def attach(self) -> None:
        """Speak with its one page."""
        for _try in range(200):
            pages = [one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page"]
            if pages:
                break
            time.sleep(0.01)
        attached = self.ask("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.ask("Page.enable")

    def watch(self) -> None:
        """From the next page on, `toldToTheTest` and a `debugger` after it make the page wait until it is heeded."""
        self.ask("Runtime.enable")
        self.ask("Runtime.addBinding", name="toldToTheTest")
        self.ask("Debugger.enable")

    def ask(self, method: str, *, patience: float = 60, **parameters: Any) -> dict[str, Any]:
        number = self._send(method, parameters)
        until = time.monotonic() + patience
        while True:
            answer = self._next(until)
            if answer is None:
                raise Stuck(f"no answer: {method}")
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise Stuck(f"{method}: {answer['error']}")
            result: dict[str, Any] = answer["result"]
            return result

    def value(self, expression: str, *, patience: float = 60) -> Any:
        """What an expression of the page comes to, promises awaited."""
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = self.ask("Runtime.evaluate", patience=patience, **asked)
        if "exceptionDetails" in answer:
            raise Stuck(answer["exceptionDetails"].get("exception", {}).get("description", str(answer)))
        return answer["result"].get("value")

    def wait_for(self, expression: str, *, patience: float = 60) -> Any:
        """The first value of the expression that is something, looked at with every frame."""
        return self.value(
            f"""new Promise((done, fail) => {{
                const until = performance.now() + {patience * 1000};
                const look = () => {{
                    const found = ({expression});
                    if (found) done(found);
                    else if (performance.now() > until) fail(new Error("never: " + document.body.innerText));
                    else setTimeout(look, 15);
                }};
                look();
            }})""",
            patience=patience + 10,
        )

    def gone_within(self, seconds: float) -> bool:
        """Wait until somebody has killed it."""
        until = time.monotonic() + seconds
        try:
            while self._next(until) is not None:
                pass
        except Gone:
            return True
        return False

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._serial += 1
        message = {"id": self._serial, "method": method, "params": parameters}
        if self._session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        try:
            os.write(self._told, json.dumps(message).encode() + b"\0")
        except OSError as error:
            raise Gone from error
        return self._serial

    def _next(self, until: float) -> dict[str, Any] | None:
        while b"\0" not in self._buffer:
            ready, _w, _x = select.select([self._heard], [], [], max(0, until - time.monotonic()))
            if not ready:
                return None
            block = os.read(self._heard, 1 << 16)
            if not block:
                raise Gone
            self._buffer += block
        message, self._buffer = self._buffer.split(b"\0", 1)
        told: dict[str, Any] = json.loads(message)
        if told.get("method") == "Runtime.bindingCalled":
            self._word = told["params"]["payload"]
        elif told.get("method") == "Debugger.paused":
            # The page stands still until it has been heard, so that nothing happens between its word and what follows.
            self.heed(self._word)
            self._send("Debugger.resume", {})
        return told

    def kill(self) -> None:
        """All processes of the group, with no time to put anything down. May be called from another thread."""
        with contextlib.suppress(ProcessLookupError):
            if not self._over:
                os.killpg(self.process.pid, signal.SIGKILL)

    def buried(self) -> None:
        """After the end: nothing of it runs any more, and the pipes are closed."""
        self.process.wait()
        while _alive(self.process.pid):
            time.sleep(0.005)
        self._over = True  # the number of the group may be somebody else's from now on
        os.close(self._told)
        os.close(self._heard)

    def close(self) -> None:
        """As a person closes it: what it has not put down yet, it does now."""
        with contextlib.suppress(Gone, TimeoutError):
            self.ask("Browser.close", patience=5)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()
        self.buried()


def _pipe() -> list[int]:
    """A pipe whose ends leave the lowest numbers free."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, FREE) for end in ends]
    for end in ends:
        os.close(end)
    return high


def _alive(group: int) -> bool:
    """Whether a process of the group still runs; one that is dead and not yet taken away does not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, of_group = stat.read_text("latin-1").rpartition(")")[2].split()[:3]
            if int(of_group) == group and state not in "ZX":
                return True
    return False
