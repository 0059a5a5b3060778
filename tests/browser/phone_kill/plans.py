"""When a browser is killed: after a step of the page, at a request, some moments later, or once it has said "saved"."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.browser.phone_kill.line import Asked, Cut, Fate

When = Literal["step", "request", "moment", "said"]
What = Literal["record", "photo", "correct", "open"]
PHASES = ("seen", "sent", "answered", "cut", "passed")
DEFAULT_STEPS = 40


@dataclass(frozen=True)
class Plan:
    """What is done in one run, and when it ends. `open`: nothing is written, what waits is sent."""

    what: What
    when: When
    online: bool
    step: int = 0
    number: int = 0
    phase: str = ""
    share: float = 0
    seconds: float = 0

    def __str__(self) -> str:
        how = {
            "step": f"step {self.step}",
            "request": f"request {self.number} {self.phase} {self.share:.2f}",
            "moment": f"after {self.seconds * 1000:.0f} ms",
            "said": f"{self.seconds * 1000:.0f} ms after it said so",
        }
        return f"{self.what}, {'with' if self.online else 'without'} a line, killed at {how[self.when]}"


class Plans:
    """Draws plans; learns how many steps there are, so that every one of them gets its turn."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.most: dict[tuple[What, bool], int] = {}

    def draw(self, *, waiting: bool, known: bool) -> Plan:
        chance = self.chance
        what: What = "record"
        drawn = chance.random()
        if drawn < 0.2 and waiting:
            what = "open"
        elif drawn < 0.4:
            what = "photo"
        elif drawn < 0.55 and known:
            what = "correct"
        online = what == "open" or chance.random() < 0.6
        steps = self.most.get((what, online), DEFAULT_STEPS)
        when: When = chance.choice(("step", "step", "request" if online else "step", "moment", "said"))
        if what == "open" and when == "said":
            when = "request"
        return Plan(
            what,
            when,
            online,
            step=chance.randint(1, steps) if when == "step" else 0,
            number=min(1 + int(chance.expovariate(0.5)), 8),
            phase=chance.choice(PHASES),
            share=chance.random(),
            seconds=chance.random() * chance.choice((0.01, 0.05, 0.3))
            if when != "said"
            else chance.random() ** 3 * 0.5,
        )

    def learn(self, plan: Plan, steps: int) -> None:
        """Where a machine is so slow that the page has not begun yet, nothing is learned."""
        key = (plan.what, plan.online)
        if steps:
            self.most[key] = max(self.most.get(key, 0), steps)


class Kill:
    """Ends the browser, from whichever thread. Nothing is believed that it says afterwards."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self.done = False

    def __call__(self) -> None:
        self.done = True
        self._end()

    def soon(self, seconds: float) -> None:
        threading.Timer(seconds, self).start()


class Deadly(Fate):
    """Ends the browser at one of its requests."""

    def __init__(self, plan: Plan, kill: Kill) -> None:
        self.plan, self.kill = plan, kill
        self.count = 0
        self.chosen: Asked | None = None

    def seen(self, asked: Asked) -> None:
        if not asked.is_of_phone:
            return
        self.count += 1
        if self.count == self.plan.number:
            self.chosen = asked
            if self.plan.phase == "seen":
                self.kill()
                raise Cut

    def _now(self, asked: Asked, phase: str) -> bool:
        return asked is self.chosen and self.plan.phase == phase

    def sent(self, asked: Asked) -> None:
        if self._now(asked, "sent"):
            self.kill()

    def answered(self, asked: Asked, length: int) -> int | None:
        if self._now(asked, "answered"):
            self.kill()
            return 0
        if self._now(asked, "cut"):
            self.kill.soon(0.03)
            return int(self.plan.share * length)
        return None

    def passed(self, asked: Asked, length: int) -> None:
        if self._now(asked, "passed"):
            self.kill.soon(self.plan.share * 0.02)
