"""Random problems of all kinds that the planner has to deal with, as parsed JSON."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

MONDAY = date(2026, 10, 12)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def random_problem(random: Random, *, parties: int, groups: int, shifts: int, helpers: int = 2) -> dict[str, Any]:
    """A small problem; every feature of the format turns up now and then, tight enough to hurt."""
    length = random.choice([60, 90, 120, 150])
    shift_list = [
        {
            "id": f"d{n}",
            "date": (MONDAY + timedelta(days=n // random.choice([1, 1, 2]))).isoformat(),
            "start": "18:30",
            "end": clock(18 * 60 + 30 + (length if random.random() < 0.8 else length // 2)),
        }
        for n in range(shifts)
    ]
    places = [{"id": "school", "lat": 27.33, "lon": 118.12}]
    places += [
        {"id": f"h{n}", "lat": 27.33 + random.uniform(-0.04, 0.04), "lon": 118.12 + random.uniform(-0.04, 0.04)}
        for n in range(parties)
    ]
    second_school = groups > 1 and random.random() < 0.2
    if second_school:
        places.append({"id": "school2", "lat": 27.34, "lon": 118.14})
    leads = [f"lead{n}" for n in range(groups)]
    if groups > 1 and random.random() < 0.2:
        leads[1] = leads[0]
    helper_names = [f"t{n}" for n in range(helpers)]
    group_list = []
    for n in range(groups):
        pool = helper_names + ([leads[n - 1]] if random.random() < 0.3 else [])
        group_list.append(
            {
                "id": f"c{n}",
                "base": "school2" if second_school and n == groups - 1 else "school",
                "lead": leads[n],
                "co_visitors": random.sample(pool, min(len(pool), random.randint(0, 2))),
            }
        )
    visitors: list[dict[str, Any]] = []
    for name in dict.fromkeys(leads + helper_names):
        visitor: dict[str, Any] = {"id": name}
        if random.random() < 0.5:
            visitor["shifts"] = [s["id"] for s in shift_list if random.random() < 0.7]
        visitors.append(visitor)
    windowed = random.random() < 0.6
    party_list = []
    subjects = 0
    for n in range(parties):
        own = [random.randrange(groups)]
        if groups > 1 and random.random() < 0.25:
            own = random.sample(range(groups), 2)
        party: dict[str, Any] = {
            "id": f"f{n}",
            "subjects": [{"id": f"s{subjects + k}", "group": f"c{g}"} for k, g in enumerate(own)],
            "location": f"h{n}",
            "channel": random.choice(["onsite", "onsite", "any", "remote"]),
            "minutes": random.choice([15, 25, 30, 40]),
            "remote_minutes": random.choice([10, 15, 30]),
            "due": (MONDAY + timedelta(days=random.randint(0, 2))).isoformat(),
            "weight": random.choice([1, 2, 5]),
        }
        subjects += len(own)
        if windowed:
            party["windows"] = {}
            for s in shift_list:
                if random.random() < 0.6:
                    start = 18 * 60 + 30 + random.randint(0, length // 2)
                    party["windows"][s["id"]] = [clock(start), clock(start + random.randint(0, length // 2))]
        party_list.append(party)
    return {
        "format": "jiafang-problem/1",
        "name": "random",
        "shifts": shift_list,
        "travel": {"speed_kmh": 25, "detour": 1.3, "fixed_minutes": 2},
        "locations": places,
        "groups": group_list,
        "visitors": visitors,
        "parties": party_list,
        "rules": {
            "max_stops_per_trip": random.choice([2, 3, 4]),
            "max_groups_per_trip": random.choice([1, 1, 1, 2]),
            "max_units_per_shift": random.choice([4, 8]),
            "onsite_units": 2,
            "remote_units": 1,
            "two_visitors_onsite": random.random() < 0.8,
        },
    }
