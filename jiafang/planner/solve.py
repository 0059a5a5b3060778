"""One call from problem to plan: split into independent parts, plan each, join."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jiafang.planner.deadline import Deadline
from jiafang.planner.finished import Finished
from jiafang.planner.moved import moved_parties
from jiafang.planner.part import plan_part
from jiafang.planner.parts import join, split
from jiafang.planner.problem import Problem
from jiafang.planner.result import Objective, Plan, Progress, ProgressCallback, Promises, Stop
from jiafang.planner.spread import Job, on_cluster, on_processes


def solve(
    problem: Problem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    workers: int = 1,
    cluster: str | None = None,
    progress: ProgressCallback | None = None,
    keep: Promises | None = None,
    resume: Path | None = None,
) -> Plan:
    """Plan a problem; always returns a plan that keeps every hard rule, however early it is stopped.

    `keep` is what parties were told: as few of them as possible are moved to another shift or channel, right after
    lateness and before travel; `moved` of the plan says which, and why. `workers` is the number of processes;
    `cluster` the address of a Dask scheduler whose workers are used instead (extra `cluster`; ConnectionError when it
    does not answer). The same seed gives the same plan wherever it is made, unless the clock or `progress` stopped it.
    `progress` returns True to stop.

    `resume` is a folder in which each finished part is kept: a run that was killed, called again with the same
    problem, seed and folder, goes on with the parts that are missing.
    """
    parts = split(problem)
    told = _Told(progress, sum(len(part.parties) for part in parts), alone=len(parts) == 1)
    deadline = Deadline((stop or Stop()).seconds, told.stopper)
    kept = [_of_part(keep, part) if keep is not None else None for part in parts]
    finished = Finished(resume, seed, deadline.seconds) if resume is not None else None
    plans: dict[int, Plan] = {}
    for n, part in enumerate(parts):
        plan = finished.plan_of(part, kept[n]) if finished is not None else None
        if plan is not None:
            plans[n] = plan
            told.finish(part)
    jobs = [Job(n, part, kept[n], seed) for n, part in enumerate(parts) if n not in plans]

    def done(job: Job, plan: Plan) -> None:
        plans[job.number] = plan
        # What was broken off by the caller is no finished part.
        if finished is not None and not (plan.stopped and told.stopping):
            finished.keep(job.part, job.kept, plan)
        told.finish(job.part)

    if cluster is not None:
        on_cluster(cluster, jobs, deadline, done)
    elif workers > 1 and len(jobs) > 1:
        on_processes(workers, jobs, deadline, done)
    else:
        _one_by_one(jobs, deadline, told, done)
    plan = join(problem, [plans[n] for n in range(len(parts))], deadline.elapsed, kept=keep is not None)
    return plan if keep is None else replace(plan, moved=moved_parties(problem, keep, plan))


def _of_part(keep: Promises, part: Problem) -> Promises:
    return {party.id: keep[party.id] for party in part.parties if party.id in keep}


_TELL_EVERY = 0.25
"""Seconds between two words to the caller when nothing is new."""


class _Told:
    """What the caller is told, and whether the caller wants to stop."""

    def __init__(self, progress: ProgressCallback | None, parties: int, *, alone: bool) -> None:
        self.progress, self.parties, self.alone = progress, max(1, parties), alone
        self.finished = 0
        self.last = Progress("reading", 0.0)
        self.heard: Progress | None = None
        self.heard_at = 0.0
        self.stopping = False

    @property
    def stopper(self) -> Callable[[], bool] | None:
        """Asks the caller, unless there is nobody to ask."""
        return None if self.progress is None else self._wants_stop

    def _wants_stop(self) -> bool:
        """Tell the caller news at once, otherwise a few times a second, and hear whether to stop."""
        assert self.progress is not None
        now = time.monotonic()
        if not self.stopping and (self.heard is not self.last or now > self.heard_at + _TELL_EVERY):
            self.heard, self.heard_at = self.last, now
            self.stopping = bool(self.progress(self.last))
        return self.stopping

    def teller(self, part: Problem) -> Callable[[str, float, Objective | None, Objective | None], None]:
        def tell(phase: str, fraction: float, objective: Objective | None, bounds: Objective | None) -> None:
            done = max(self.last.fraction, (self.finished + fraction * len(part.parties)) / self.parties)
            self.last = Progress(phase, min(1.0, done), *((objective, bounds) if self.alone else (None, None)))

        return tell

    def finish(self, part: Problem) -> None:
        self.finished += len(part.parties)
        self.last = Progress("trips", min(1.0, self.finished / self.parties))


def _one_by_one(jobs: list[Job], deadline: Deadline, told: _Told, done: Callable[[Job, Plan], None]) -> None:
    ahead = sum(len(job.part.parties) for job in jobs)
    for job in jobs:
        share = len(job.part.parties) / max(1, ahead)
        plan = plan_part(job.part, deadline.part(share), job.seed, job.kept, told.teller(job.part))
        ahead -= len(job.part.parties)
        done(job, plan)
