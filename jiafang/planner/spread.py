"""Parts of a problem on several processes of this machine, or on the workers of a Dask cluster.

Both are executors that take the same call, so a part is planned alike on all of them. The caller is heard while they
work; a sign that the parts can see tells them to hand over what they have.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jiafang.planner.deadline import Deadline
from jiafang.planner.part import plan_part
from jiafang.planner.problem import Problem
from jiafang.planner.result import Plan, Promises

_LISTEN_EVERY = 0.25
"""Seconds between two looks at whether to stop."""
_IN_HAND = 2
"""Parts for each worker that are handed out: one at work, one to go on with."""
_AMPLE = 2.0
"""Times the fair share of what time remains: most of the parts that follow are smaller and need less than theirs."""
_WORTH_ANOTHER = 2.0
"""So many seconds have to be left for parts that ran out of their share to be planned once more."""
_CONNECT_SECONDS = 5
_FAREWELL = 30
"""Seconds that those at work are given to hand over what nobody wants any more."""


@dataclass(frozen=True, slots=True)
class Job:
    """A part of a problem with its place among the parts, the plan to keep to, and the seed."""

    number: int
    part: Problem
    kept: Promises | None
    seed: int


Done = Callable[[Job, Plan], None]


def on_processes(workers: int, jobs: Sequence[Job], deadline: Deadline, done: Done) -> None:
    """Plan the jobs in so many processes; `done` is called for each as soon as it is."""
    from loky import get_reusable_executor  # type: ignore[import-untyped]  # late: a class alone need not pay for it

    with tempfile.TemporaryDirectory() as folder:
        sign = Path(folder) / "stop"
        executor = get_reusable_executor(max_workers=workers)
        _Workers(executor, workers, deadline, sign.exists, sign.touch).plan(jobs, done)


def on_cluster(address: str, jobs: Sequence[Job], deadline: Deadline, done: Done) -> None:
    """Plan the jobs on a Dask cluster; ConnectionError when its scheduler does not answer or has no workers."""
    from distributed import Client, Event

    name = f"jiafang-stop-{uuid.uuid4().hex}"
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ConnectionError(f"no Dask scheduler answers at {address}") from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ConnectionError(f"the Dask scheduler at {address} has no workers")
        sign = Event(name, client=client)
        executor = client.get_executor(pure=False)
        _Workers(executor, threads, deadline, partial(_sign_on_cluster, name), sign.set).plan(jobs, done)


def _sign_on_cluster(name: str) -> bool:
    """Whether the caller, on another machine, wants to stop; asked by a worker."""
    from distributed import Event, get_client

    return bool(Event(name, client=get_client()).is_set())


@dataclass(frozen=True)
class _Workers:
    """So many workers until the deadline; `sign` asks whether to hand over at once, `give_sign` tells them to."""

    executor: Executor
    count: int
    deadline: Deadline
    sign: Callable[[], bool]
    give_sign: Callable[[], object]

    def plan(self, jobs: Sequence[Job], done: Done) -> None:
        """Plan the jobs; what some leave of the time goes to those that had too little."""
        short: dict[int, Plan] = {}

        def first(job: Job, plan: Plan) -> None:
            if plan.stopped and self.deadline.seconds is not None:
                short[job.number] = plan
            else:
                done(job, plan)

        def second(job: Job, plan: Plan) -> None:
            before = short[job.number]
            done(job, before if before.objective.key < plan.objective.key else plan)

        self._once(jobs, first)
        again = [job for job in jobs if job.number in short]
        if self.deadline.left() >= _WORTH_ANOTHER:
            self._once(again, second)
        else:
            for job in again:
                done(job, short[job.number])

    def _once(self, jobs: Sequence[Job], done: Done) -> None:
        # Large parts first: at the end the workers finish together.
        ahead = deque(sorted(jobs, key=lambda job: -len(job.part.parties)))
        parties = sum(len(job.part.parties) for job in jobs)
        waiting: dict[Future[Plan], Job] = {}
        try:
            while ahead or waiting:
                while ahead and len(waiting) < _IN_HAND * self.count:
                    job = ahead.popleft()
                    share = min(1.0, _AMPLE * self.count * len(job.part.parties) / max(1, parties))
                    seconds = None if self.deadline.seconds is None else self.deadline.left(share)
                    waiting[self.executor.submit(_plan, job, seconds, self.sign)] = job
                    parties -= len(job.part.parties)
                ready, _ = wait(waiting, timeout=_LISTEN_EVERY, return_when=FIRST_COMPLETED)
                for future in ready:
                    done(waiting.pop(future), future.result())
                if self.deadline.over:
                    self.give_sign()
        except BaseException:
            # Whatever went wrong here, nobody goes on working for a run that is over.
            self.give_sign()
            wait([future for future in waiting if not future.cancel()], timeout=_FAREWELL)
            raise


def _plan(job: Job, seconds: float | None, sign: Callable[[], bool]) -> Plan:
    return plan_part(job.part, Deadline(seconds, _Seldom(sign)), job.seed, job.kept, lambda *_: None)


class _Seldom:
    """Asks for the sign a few times a second: it is a file, or a question to another machine."""

    def __init__(self, sign: Callable[[], bool]) -> None:
        self.sign = sign
        self.seen = False
        self.asked_at = 0.0

    def __call__(self) -> bool:
        if not self.seen and time.monotonic() > self.asked_at + _LISTEN_EVERY:
            self.seen = self.sign()
            self.asked_at = time.monotonic()
        return self.seen
