"""One process's share of the killed browsers, on a database and a server of its own."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.browser.phone_kill.stage import stage  # isort: skip  # settings come first

from tests.browser.phone_kill.ground import killed, phone

RUNS_OF_A_PHONE = 40


@dataclass
class Tally:
    """What a part of the runs has seen."""

    runs: int = 0
    saved: int = 0
    seconds: float = 0
    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.runs += other.runs
        self.saved += other.saved
        self.ends.update(other.ends)
        self.faults += other.faults


def part(runs: int, seed: str, until: float) -> Tally:
    tally = Tally()
    chance = random.Random(seed)
    with stage() as server:
        while tally.runs < runs and time.time() < until:
            with phone(server, chance) as teacher:
                plans, faults = killed(teacher, [None] * min(RUNS_OF_A_PHONE, runs - tally.runs), until)
                tally.runs += len(plans)
                tally.ends.update(
                    f"{plan.what} {plan.when} {plan.phase if plan.when == 'request' else ''}".strip() for plan in plans
                )
                tally.ends.update(f"stopped at {name}" for name in teacher.killed_at.elements())
                tally.saved += sum(version.said for record in teacher.records for version in record.versions)
                tally.faults += [
                    f"{fault} (seed {seed}, {len(plans)} runs, the last: {plans[-1] if plans else ''})"
                    for fault in faults
                ]
                print(f"  {seed}: {tally.runs} runs, {tally.saved} saved, {len(tally.faults)} faults", flush=True)
                for fault in faults:
                    print(f"  ! {fault}", flush=True)
    return tally
