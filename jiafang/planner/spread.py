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
        _spread(get_reusable_executor(max_workers=workers), workers, jobs, deadline, done, sign.exists, sign.touch)


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
        _spread(executor, threads, jobs, deadline, done, partial(_sign_on_cluster, name), sign.set)


def _sign_on_cluster(name: str) -> bool:
    """Whether the caller, on another machine, wants to stop; asked by a worker."""
    from distributed import Event, get_client

    return bool(Event(name, client=get_client()).is_set())


def _spread(
    executor: Executor,
    workers: int,
    jobs: Sequence[Job],
    deadline: Deadline,
    done: Done,
    sign: Callable[[], bool],
    give_sign: Callable[[], object],
) -> None:
    short = _round(executor, workers, jobs, deadline, done, sign, give_sign, keep_short=deadline.seconds is not None)
    # What the others left of the time goes to those that had too little.
    first = {job.number: plan for job, plan in short}

    def better(job: Job, plan: Plan) -> None:
        before = first[job.number]
        done(job, before if before.objective.key < plan.objective.key else plan)

    _round(executor, workers, [job for job, _ in short], deadline, better, sign, give_sign, keep_short=False)


def _round(
    executor: Executor,
    workers: int,
    jobs: Sequence[Job],
    deadline: Deadline,
    done: Done,
    sign: Callable[[], bool],
    give_sign: Callable[[], object],
    *,
    keep_short: bool,
) -> list[tuple[Job, Plan]]:
    """Plan each job once. Those that ran out of their share of the time are handed back instead of being done, if so
    wanted and as long as there is time left."""
    # Large parts first: at the end the workers finish together.
    ahead = deque(sorted(jobs, key=lambda job: -len(job.part.parties)))
    parties = sum(len(job.part.parties) for job in jobs)
    waiting: dict[Future[Plan], Job] = {}
    short: list[tuple[Job, Plan]] = []
    try:
        while ahead or waiting:
            while ahead and len(waiting) < _IN_HAND * workers:
                job = ahead.popleft()
                share = min(1.0, _AMPLE * workers * len(job.part.parties) / max(1, parties))
                seconds = None if deadline.seconds is None else deadline.left(share)
                waiting[executor.submit(_plan, job, seconds, sign)] = job
                parties -= len(job.part.parties)
            ready, _ = wait(waiting, timeout=_LISTEN_EVERY, return_when=FIRST_COMPLETED)
            for future in ready:
                job, plan = waiting.pop(future), future.result()
                if keep_short and plan.stopped:
                    short.append((job, plan))
                else:
                    done(job, plan)
            if deadline.over:
                give_sign()
    except BaseException:
        # Whatever went wrong here, nobody goes on working for a run that is over.
        give_sign()
        wait([future for future in waiting if not future.cancel()], timeout=_FAREWELL)
        raise
    if deadline.left() < _WORTH_ANOTHER:
        for job, plan in short:
            done(job, plan)
        short = []
    return short


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
