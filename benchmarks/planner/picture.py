"""A picture of a plan: its trips on the map, and how plan and bound came together."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from jiafang.planner import Plan, Problem, Progress


def draw(problem: Problem, plan: Plan, heard: list[tuple[float, Progress]], path: Path) -> None:
    """Write a PNG: each group's trips in a color of its own; travel of the best plan and its bound by the second."""
    figure, (map_, curve) = plt.subplots(1, 2, figsize=(14, 6), constrained_layout=True)
    at = {place.id: (place.lon, place.lat) for place in problem.locations}
    base = {group.id: at[group.base] for group in problem.groups}
    home = {party.id: at[party.location] for party in problem.parties}
    colors = {group.id: f"C{n % 10}" for n, group in enumerate(problem.groups)}
    for trip in plan.trips:
        way = [base[trip.groups[0]], *(home[stop.party] for stop in trip.stops), base[trip.groups[0]]]
        map_.plot(*zip(*way, strict=True), color=colors[trip.groups[0]], linewidth=0.9, marker="o", markersize=2.5)
    map_.plot(*zip(*set(base.values()), strict=True), "ks", markersize=7)
    map_.set_aspect("equal")
    map_.set(title=f"{problem.name}: {len(plan.trips)} trips", xlabel="longitude", ylabel="latitude")
    told = [(second, one) for second, one in heard if one.objective and one.bounds]
    told += [(plan.seconds, Progress("end", 1.0, plan.objective, plan.bounds))]
    seconds = [second for second, _ in told]
    curve.step(seconds, [p.objective.travel_minutes for _, p in told if p.objective], where="post", label="best plan")
    curve.step(seconds, [p.bounds.travel_minutes for _, p in told if p.bounds], where="post", label="bound")
    curve.set(title="minutes of travel", xlabel="seconds", ylim=(0, None))
    curve.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)
