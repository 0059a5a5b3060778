"""Run the planner for a requested plan: read, compute outside any transaction, write if nothing has changed since."""

import datetime as dt
import logging
import threading
import time
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from jiafang.access import actor_transaction, system
from jiafang.accounts.audit import record
from jiafang.campaigns.from_planner import levels_json, moved_json, store_plan, unplaced_json
from jiafang.campaigns.models import PlanRun
from jiafang.campaigns.roads import learn_roads
from jiafang.campaigns.services.locking import lock_campaign
from jiafang.campaigns.to_planner import Plan, PlannerInput, Progress, planner_input, solve
from jiafang.campaigns.workflow import PLAN_RUN, RUNNING_STATES, step
from jiafang.common.clock import now
from jiafang.common.errors import JiafangError, NotReady

logger = logging.getLogger(__name__)
BY = system("planner")
TELL_EVERY = 1.0
BEGUN: dict[str, Any] = {"phase": "begin", "fraction": 0.0}


def run_plan(*, run_id: int) -> None:
    """Everything a worker does for one run. Whatever happens, the run ends in a state that says so in words."""
    run = _begin(run_id)
    if run is None:
        return
    try:
        with actor_transaction(BY):
            data = planner_input(run.campaign, moment=_moment(run))
        if not data.problem.shifts:
            raise NotReady(_("往后没有可以家访的时段了,请先加时段"))
        notes = []
        with _Watch(run) as watch:
            if settings.ROADS_URL:
                if not learn_roads(run.campaign, data.points, watch.over_or_cancelled):
                    notes.append(_("路网时间没有取全,取不到的路按直线距离估算"))
                with actor_transaction(BY):
                    data = planner_input(run.campaign, moment=_moment(run))
            plan = solve(data, seconds=run.seconds_allowed, seed=run.seed, tell=watch.tell)
        _write(run_id, data, plan, notes)
    except JiafangError as error:
        _fail(run_id, error.message)
    except Exception:
        logger.exception("plan run %s failed", run_id)
        _fail(run_id, _("排表时出了意外,原来的安排没有动。请再试一次;还不行请告诉管理员。"))


def _begin(run_id: int) -> PlanRun | None:
    with actor_transaction(BY):
        run = (
            PlanRun.unscoped.select_for_update(of=("self",))
            .select_related("campaign")
            .defer("campaign__basis_file")
            .filter(pk=run_id, state=PlanRun.State.QUEUED)
            .first()
        )
        if run is None:
            return None
        step(PLAN_RUN, run, PlanRun.State.RUNNING)
        run.started_at = run.heartbeat_at = now()
        run.progress = dict(BEGUN)
        run.save(update_fields=["state", "started_at", "heartbeat_at", "progress"])
        return run


def _moment(run: PlanRun) -> dt.datetime:
    assert run.started_at is not None  # set when the run began
    return run.started_at


def _write(run_id: int, data: PlannerInput, plan: Plan, notes: list[str]) -> None:
    with actor_transaction(BY):
        run = PlanRun.unscoped.get(pk=run_id)
        campaign = lock_campaign(run.campaign_id)
        run = PlanRun.unscoped.select_for_update().get(pk=run_id)
        if run.state != PlanRun.State.RUNNING:
            return
        run.finished_at = now()
        run.input_hash = data.hash
        run.objective, run.bounds = levels_json(plan)
        run.proven = list(plan.proven)
        run.unplaced = unplaced_json(data, plan)
        run.moved = moved_json(campaign, data, plan)
        run.log = "\n".join([*plan.notes, *notes])
        run.progress = {**run.progress, "fraction": 1.0, "seconds_left": 0}
        if campaign.state not in RUNNING_STATES or planner_input(campaign, moment=_moment(run)).hash != data.hash:
            step(PLAN_RUN, run, PlanRun.State.STALE)
            run.log = _("排表的时候,名单或时间有了变化,这份安排没有采用。请重新排表。")
            run.save()
            return
        made = store_plan(campaign, data, plan)
        step(PLAN_RUN, run, PlanRun.State.DONE)
        run.save()
        record(by=BY, action="plan.done", of=run, campaign=campaign.pk, appointments=made)


def _fail(run_id: int, words: str) -> None:
    with actor_transaction(BY):
        run = PlanRun.unscoped.select_for_update().get(pk=run_id)
        if run.is_active:
            step(PLAN_RUN, run, PlanRun.State.FAILED)
            run.log, run.finished_at = words, now()
            run.save(update_fields=["state", "log", "finished_at"])


class _Watch:
    """Writes the progress and a sign of life every second, on a connection of its own, and hears a cancellation."""

    def __init__(self, run: PlanRun) -> None:
        self._run = run
        self._began = time.monotonic()
        self._latest: dict[str, Any] = dict(BEGUN)
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, progress: Progress) -> bool:
        """What the planner calls; True asks it to stop."""
        levels = ("unvisited", "lateness", "travel_minutes")
        self._latest = {
            "phase": progress.phase,
            "fraction": round(progress.fraction, 3),
            "objective": {k: getattr(progress.objective, k) for k in levels} if progress.objective else {},
            "bounds": {k: getattr(progress.bounds, k) for k in levels} if progress.bounds else {},
        }
        return self._cancelled.is_set()

    def over_or_cancelled(self) -> bool:
        """Whether what comes before the planner should stop as well: it has no more time than the planner."""
        return self._cancelled.is_set() or time.monotonic() > self._began + self._run.seconds_allowed

    def _work(self) -> None:
        try:
            while not self._over.wait(TELL_EVERY):
                self._write()
        finally:
            connection.close()

    def _write(self) -> None:
        elapsed = time.monotonic() - self._began
        left = max(0.0, self._run.seconds_allowed - elapsed)
        fraction = self._latest["fraction"]
        if fraction > 0:
            left = min(left, elapsed * (1 - fraction) / fraction)
        progress = {**self._latest, "seconds_left": round(left)}
        try:
            with actor_transaction(BY):
                running = PlanRun.unscoped.filter(pk=self._run.pk, state=PlanRun.State.RUNNING)
                if not running.update(progress=progress, heartbeat_at=now()):
                    self._cancelled.set()
        except Exception:
            # The plan matters more than its progress bar: try again in a second.
            logger.exception("progress of plan run %s was not written", self._run.pk)
            connection.close()
