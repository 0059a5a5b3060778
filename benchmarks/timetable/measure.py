"""Measures the timetable of one large school: how long people wait, on the wall, and how many queries it takes."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from benchmarks.web.measure import Visitor, _queries  # isort: skip  # sets Django up

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from benchmarks.timetable.fill import BY, Measured, fill
from jiafang.access import actor_transaction
from jiafang.campaigns.models import Appointment, PlanRun, Shift
from jiafang.campaigns.services.availability import set_unavailable
from jiafang.campaigns.services.plan import request_plan
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.campaigns.services.run_plan import run_plan

MOST_SECONDS = 1.0
"""What a move by hand may take."""
PLAN_SECONDS = 300


def main(classes: int, moves: int) -> None:
    settings.ROOT_URLCONF = "jiafang.config.urls"
    measured = fill(classes)
    campaign = measured.campaign
    print(f"{classes} classes: {_planned('first plan', measured)}")
    publish_timetable(by=measured.actor, campaign=campaign)
    visitor = Visitor(get_wsgi_application(), measured.principal)
    timetable = reverse("timetable", args=[campaign.pk])
    pages = [
        ("timetable, a week", timetable),
        ("timetable, everything", f"{timetable}?cohort=all&week=all"),
        ("as a list", f"{timetable}?view=list"),
        ("the plan", reverse("campaign_plan", args=[campaign.pk])),
    ]
    print(f"{'page':<28}{'wall ms':>9}{'queries':>9}{'KB':>7}")
    for name, path in pages:
        walls = [_seconds(lambda path=path: _ok(visitor, path)) for _ in range(5)]  # type: ignore[misc]
        told = f"{name:<28}{1000 * statistics.median(walls):>9.0f}"
        queries = _queries(lambda path=path: visitor.ask(path))
        print(f"{told}{queries:>9}{visitor.ask(path).size / 1024:>7.0f}", flush=True)
    walls = _moves(visitor, measured, moves)
    told = f"{1000 * statistics.median(walls):.0f} ms, at most {1000 * max(walls):.0f} ms"
    print(f"{len(walls)} appointments checked and moved by hand, each: {told}")
    with actor_transaction(BY):
        first = Appointment.unscoped.filter(campaign=campaign, group__lead=measured.teacher).order_by("starts_at")[0]
        evening = first.shift
    set_unavailable(by=measured.actor, campaign=campaign, visitor=measured.teacher, shifts=[evening])
    print(_planned("planned anew, one teacher absent for an evening", measured))
    if max(walls) > MOST_SECONDS:
        sys.exit(f"a move took more than {MOST_SECONDS} s")


def _planned(what: str, measured: Measured) -> str:
    run = request_plan(by=measured.actor, campaign=measured.campaign, seconds=PLAN_SECONDS)
    seconds = _seconds(lambda: run_plan(run_id=run.pk))
    with actor_transaction(BY):
        run = PlanRun.unscoped.get(pk=run.pk)
    assert run.state == PlanRun.State.DONE, run.log
    return f"{what} in {seconds:.1f} s, {run.objective}, proven: {', '.join(run.proven)}"


def _moves(visitor: Visitor, measured: Measured, moves: int) -> list[float]:
    """Seconds for each: asked what stands against it, then moved, to the next evening of the timetable that is free."""
    with actor_transaction(BY):
        shifts = list(Shift.unscoped.filter(campaign=measured.campaign).order_by("date"))
        rows = Appointment.unscoped.filter(campaign=measured.campaign, trip=None).order_by("group", "pk")
        wanted = list(rows.values_list("pk", "group_id", "shift_id"))[:: max(1, rows.count() // (3 * moves))]
    walls = []
    for pk, group, shift in wanted:
        if len(walls) == moves:
            break
        to = shifts[(next(n for n, one in enumerate(shifts) if one.pk == shift) + 9) % len(shifts)].pk
        target = {"visitor": group, "evening": to}
        began = time.perf_counter()
        visitor.ask(f"{reverse('api:check_move', args=[pk])}?visitor={group}&evening={to}")
        answer = visitor.ask(reverse("api:move", args=[pk]), target)
        if answer.status.startswith("200"):
            walls.append(time.perf_counter() - began)
    assert len(walls) == moves, f"only {len(walls)} could be moved"
    return walls


def _ok(visitor: Visitor, path: str) -> None:
    answer = visitor.ask(path)
    assert answer.status.startswith("200"), answer.status


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
