"""Very many random requests of everybody to everything: `python -m tests.oracle.night --requests 200000`.

Actor, address, objects and method are drawn at random; the seed is printed and repeats the run.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle.ground import ground  # isort: skip  # settings come first

from jiafang.access import capacities
from tests.oracle.expected_care import CARE, SEALED, SIGNS
from tests.oracle.expected_notifications import NOTIFICATIONS
from tests.oracle.facts import World
from tests.oracle.fences import Fences
from tests.oracle.jobs import JOBS, job_faults
from tests.oracle.oracle import Subject
from tests.oracle.questions import Question, missing, questions
from tests.oracle.subjects import SUBJECTS
from tests.oracle.walk import READING, Walker

VISIT = 100  # requests of one subject in a row
CASES = "read of cases"
# Where the words of cases, their threads, reports and notifications are read, printed or taken out.
OF_CASES = {*CARE, *SEALED, *SIGNS, *NOTIFICATIONS, "brief", "student_sheet", "api:phone_bundle", "family_data"}
ODD_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
_done: Any = None


@dataclass
class Tally:
    """What a part of the run has seen."""

    requests: int = 0
    seconds: float = 0  # of the processor, the database's apart
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Draw:
    """Questions at random: half of them from all, half after a random address, so that each address is asked often."""

    def __init__(self, world: World, chance: random.Random, *, of_cases: bool = False) -> None:
        self.world, self.chance = world, chance
        self.every = [one for one in questions(world) if not of_cases or _kind_of(one) == CASES]
        self.at: dict[str, list[Question]] = {}
        for question in self.every:
            self.at.setdefault(question.name, []).append(question)
        self.names = sorted(self.at)

    def question(self) -> Question:
        chance = self.chance
        drawn = chance.choice(self.every if chance.random() < 0.5 else self.at[chance.choice(self.names)])
        what = chance.random()
        if what < 0.05:
            return missing(drawn)
        if what < 0.10 and drawn.name.partition(":")[0] != "account":
            return replace(drawn, method=chance.choice(ODD_METHODS))
        return drawn

    def job(self) -> tuple[str, Any]:
        name = self.chance.choice(sorted(JOBS))
        return name, self.chance.choice(self.world.ids(JOBS[name].objects))

    def subject(self) -> Subject | None:
        return self.chance.choice([*SUBJECTS, None])


def ask(
    world: World, requests: int, seed: str, fences: Fences, *, of_cases: bool = False
) -> Iterator[tuple[str, list[str]]]:
    """The kind of each request and what was wrong with it."""
    draw = Draw(world, random.Random(seed), of_cases=of_cases)
    walkers: dict[Subject | None, Walker] = {}
    for number in range(requests):
        if number % VISIT == 0:
            subject = draw.subject()
            walker = walkers.get(subject) or walkers.setdefault(subject, Walker(world, subject))
            walker.arrive()
        if number % 50 == 49 and not of_cases:
            name, pk = draw.job()
            yield "job", list(job_faults(world, walker, name, pk))
            continue
        question = draw.question()
        judged = walker.leaks(question) if fences is Fences.SECOND_ALONE else walker.faults(question)
        yield _kind_of(question), list(judged)


def _kind_of(question: Question) -> str:
    if question.name in OF_CASES and question.method in READING:
        return CASES
    if question.name.startswith("api:"):
        return "api"
    files = ("excel", "pdf", "basis", "marked", "template", "feed", "export", "download")
    return "file or export" if any(word in question.name for word in files) else "page"


def part(number: int, requests: int, seed: str, fences: Fences, minutes: float, of_cases: bool) -> Tally:
    """One process's part, in a database of its own; after that many minutes it stops with what it has seen."""
    tally, until = Tally(), time.monotonic() + 60 * minutes
    with ground(fences) as world, remembered_capacities():
        for kind, faults in ask(world, requests, f"{seed}/{number}", fences, of_cases=of_cases):
            tally.requests += 1
            tally.kinds[kind] += 1
            tally.faults += faults
            if time.monotonic() > until:
                break
            if tally.requests % 50 == 0:
                with _done.get_lock():
                    _done.value += 50
    tally.seconds = time.process_time()
    return tally


class remembered_capacities:  # noqa: N801  # read as a word
    """Ask once for each user what the posts say: a third of each request, and everything is undone in between."""

    def __enter__(self) -> None:
        provider = self.provider = capacities._provider[0]
        known: dict[int, Any] = {}

        def remember(user_id: int) -> Any:
            if user_id not in known:
                known[user_id] = provider(user_id)
            return known[user_id]

        capacities.provide(remember)

    def __exit__(self, *_error: object) -> None:
        capacities.provide(self.provider)


def _begin(done: Any) -> None:
    global _done
    _done = done
    os.nice(10)


def run(requests: int, processes: int, seed: str, fences: Fences, minutes: float, of_cases: bool = False) -> Tally:
    """All parts, with a bar of progress."""
    context = multiprocessing.get_context("spawn")
    done = context.Value("l", 0)
    share = -(-requests // processes)
    whole = Tally()
    with ProcessPoolExecutor(processes, context, _begin, (done,)) as pool:
        parts = [pool.submit(part, number, share, seed, fences, minutes, of_cases) for number in range(processes)]
        started = time.monotonic()
        while not all(one.done() for one in parts):
            _show(done.value, share * processes, time.monotonic() - started)
            time.sleep(1)
        for one in parts:
            tally = one.result()
            whole.requests += tally.requests
            whole.seconds += tally.seconds
            whole.kinds += tally.kinds
            whole.faults += tally.faults
    return whole


def _show(done: int, wanted: int, seconds: float) -> None:
    if sys.stderr.isatty() or int(seconds) % 30 == 0:
        filled = 30 * done // wanted
        left = f"{seconds / done * (wanted - done) / 60:.0f} min left" if done else "starting"
        bar = f"[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {wanted:,}, {left}"
        sys.stderr.write(f"\r{bar}   " if sys.stderr.isatty() else f"{bar}\n")
        sys.stderr.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", default="jiafang")
    parser.add_argument("--minutes", type=float, default=60, help="stop after so many; cut short, the exit code is 2")
    parser.add_argument("--cases", action="store_true", help="reads of cases, reports, signs and notifications alone")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--first-off", action="store_true", help="without the registry of rules: leaks and writes alone")
    one.add_argument("--second-off", action="store_true", help="without the policies of the database")
    chosen = parser.parse_args()
    fences = Fences.SECOND_ALONE if chosen.first_off else Fences.FIRST_ALONE if chosen.second_off else Fences.BOTH
    started = time.monotonic()
    tally = run(chosen.requests, chosen.processes, chosen.seed, fences, chosen.minutes, chosen.cases)
    seconds = time.monotonic() - started
    for fault in sorted(set(tally.faults))[:200]:
        print(fault)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in tally.kinds.most_common())
    print(f"{tally.requests:,} requests ({kinds}), seed {chosen.seed}, fences: {fences.value}")
    cost = f"{1000 * tally.seconds / tally.requests:.1f} ms of a processor each"
    print(f"{seconds / 60:.1f} min with {chosen.processes} processes, {cost}; faults: {len(tally.faults)}")
    code, words = verdict(tally, chosen.requests)
    print(words)
    return code


def verdict(tally: Tally, wanted: int) -> tuple[int, str]:
    """The exit code, and why: a run that was cut short has not shown what it was asked for."""
    if tally.faults:
        return 1, "There are faults."
    if tally.requests < wanted:
        return 2, f"CUT SHORT by --minutes: {wanted - tally.requests:,} of {wanted:,} requests were never made."
    return 0, "Every request was answered as the oracle says."


if __name__ == "__main__":
    sys.exit(main())
