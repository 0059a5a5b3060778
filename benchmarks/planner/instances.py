"""Generated problems of the kinds that the house has: classes, schools, principals with teachers, cadres with schools.

Everything is invented. Families live in villages around the school; evenings are from Monday to Friday, half-days at
the weekend; co-visitors are free on somewhat less than half of the shifts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

FIRST_DAY = date(2026, 10, 12)
DAYS = 28
SCHOOL = (27.331, 118.12)


@dataclass(frozen=True)
class Kind:
    """How a problem of a school is drawn."""

    classes: int
    families: int = 45
    onsite: float = 0.26
    free: float = 0.3
    windows: bool = True
    any_channel: float = 0.0
    max_groups: int = 1


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def shifts(days: int = DAYS) -> list[dict[str, Any]]:
    """One shift a day: an evening, on Saturday a morning, on Sunday an afternoon."""
    found = []
    for n in range(days):
        day = FIRST_DAY + timedelta(days=n)
        start, end = {5: ("09:00", "12:00"), 6: ("14:00", "17:00")}.get(day.weekday(), ("18:30", "21:00"))
        found.append({"id": f"d{n:02d}", "date": day.isoformat(), "start": start, "end": end})
    return found


def _place(random: Random, villages: list[tuple[float, float]]) -> dict[str, float]:
    lat, lon = random.choice(villages)
    return {"lat": round(random.gauss(lat, 0.004), 6), "lon": round(random.gauss(lon, 0.004), 6)}


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _windows(random: Random, all_shifts: list[dict[str, Any]], free: float, whole: bool) -> dict[str, list[str]]:
    windows = {}
    for shift in all_shifts:
        if random.random() < free:
            start, end = _minutes(shift["start"]), _minutes(shift["end"])
            if whole:
                windows[shift["id"]] = [clock(start), clock(end)]
            else:
                low = start + random.randint(0, 60)
                windows[shift["id"]] = [clock(low), clock(min(end, low + random.randint(45, 130)))]
    return windows


def school(kind: Kind, seed: int) -> dict[str, Any]:
    """A school whose homeroom teachers visit or call every family of their class."""
    random = Random(seed)
    all_shifts = shifts()
    villages = [
        (SCHOOL[0] + random.uniform(-0.045, 0.045), SCHOOL[1] + random.uniform(-0.045, 0.045)) for _ in range(9)
    ]
    locations: list[dict[str, Any]] = [{"id": "school", "lat": SCHOOL[0], "lon": SCHOOL[1]}]
    helpers = [f"t{n}" for n in range(max(4, round(kind.classes * 1.15)))]
    groups = [
        {"id": f"c{n}", "base": "school", "lead": f"lead{n}", "co_visitors": random.sample(helpers, 4)}
        for n in range(kind.classes)
    ]
    visitors: list[dict[str, Any]] = [{"id": f"lead{n}"} for n in range(kind.classes)]
    visitors += [{"id": t, "shifts": [s["id"] for s in all_shifts if random.random() < 0.45]} for t in helpers]
    parties: list[dict[str, Any]] = []
    places = [n for n in range(kind.classes) for _ in range(kind.families)]
    random.shuffle(places)
    siblings = [(a, b) for a, b in zip(places[::45], places[1::45], strict=False) if a != b]
    households = [[a, b] for a, b in siblings]
    for a, b in siblings:
        places.remove(a)
        places.remove(b)
    households += [[n] for n in places]
    for n, own in enumerate(households):
        onsite = random.random() < kind.onsite
        locations.append({"id": f"h{n}", **_place(random, villages)})
        late_due = random.random() >= kind.onsite and not onsite
        party: dict[str, Any] = {
            "id": f"f{n}",
            "subjects": [{"id": f"s{n}-{k}", "group": f"c{g}"} for k, g in enumerate(own)],
            "location": f"h{n}",
            "channel": "onsite" if onsite else ("any" if random.random() < kind.any_channel else "remote"),
            "minutes": random.randint(25, 40) if onsite else 30,
            "remote_minutes": 15,
            "due": (FIRST_DAY + timedelta(days=24 if late_due else 11)).isoformat(),
            "weight": 5 if onsite else 1,
        }
        if kind.windows:
            party["windows"] = _windows(random, all_shifts, kind.free, whole=kind.free > 0.5)
        parties.append(party)
    return _problem("school", all_shifts, locations, groups, visitors, parties, kind.max_groups)


def principal(teachers: int, seed: int) -> dict[str, Any]:
    """A principal and two deputies with the teachers that each has to meet: mostly talks at school."""
    random = Random(seed)
    all_shifts = shifts()
    villages = [(SCHOOL[0] + random.uniform(-0.05, 0.05), SCHOOL[1] + random.uniform(-0.05, 0.05)) for _ in range(6)]
    locations: list[dict[str, Any]] = [{"id": "school", "lat": SCHOOL[0], "lon": SCHOOL[1]}]
    heads = ["principal", "deputy1", "deputy2"]
    groups = [
        {"id": f"g{n}", "base": "school", "lead": head, "co_visitors": [h for h in heads if h != head]}
        for n, head in enumerate(heads)
    ]
    parties = []
    for n in range(teachers):
        channel = random.choices(["remote", "any", "onsite"], [0.75, 0.15, 0.1])[0]
        locations.append({"id": f"h{n}", **_place(random, villages)})
        parties.append(
            {
                "id": f"teacher{n}",
                "subjects": [{"id": f"s{n}", "group": f"g{random.choices(range(3), [2, 1, 1])[0]}"}],
                "location": f"h{n}",
                "channel": channel,
                "minutes": 30,
                "remote_minutes": 20,
                "due": (FIRST_DAY + timedelta(days=20)).isoformat(),
                "weight": 1,
            }
        )
    visitors = [{"id": head} for head in heads]
    return _problem("principal", all_shifts, locations, groups, visitors, parties, 1)


def cadres(count: int, seed: int) -> dict[str, Any]:
    """Cadres of the bureau with the principals of their schools, across townships; cadres accompany each other."""
    random = Random(seed)
    all_shifts = [{**s, "start": "08:30", "end": "17:00"} for s in shifts(14)]
    locations: list[dict[str, Any]] = [{"id": "bureau", "lat": SCHOOL[0], "lon": SCHOOL[1]}]
    names = [f"cadre{n}" for n in range(count)]
    groups, parties = [], []
    for n, name in enumerate(names):
        others = random.sample([other for other in names if other != name], min(3, count - 1))
        groups.append({"id": f"g{n}", "base": "bureau", "lead": name, "co_visitors": others})
        for k in range(random.randint(2, 5)):
            place = f"school{n}-{k}"
            locations.append(
                {
                    "id": place,
                    "lat": round(SCHOOL[0] + random.uniform(-0.25, 0.25), 6),
                    "lon": round(SCHOOL[1] + random.uniform(-0.25, 0.25), 6),
                }
            )
            parties.append(
                {
                    "id": place,
                    "subjects": [{"id": f"principal{n}-{k}", "group": f"g{n}"}],
                    "location": place,
                    "channel": random.choice(["onsite", "onsite", "any"]),
                    "minutes": 60,
                    "remote_minutes": 30,
                    "due": (FIRST_DAY + timedelta(days=9)).isoformat(),
                    "weight": 1,
                }
            )
    visitors = [{"id": name, "shifts": [s["id"] for s in all_shifts if random.random() < 0.6]} for name in names]
    return _problem("cadres", all_shifts, locations, groups, visitors, parties, 1)


DISTRICT_SCHOOLS, DISTRICT_CLASSES = 120, 1100
LARGEST_SCHOOL = 60


def district(
    seed: int, schools: int = DISTRICT_SCHOOLS, classes: int = DISTRICT_CLASSES, *, windows: bool = True
) -> dict[str, Any]:
    """Schools of different size that share nothing: small ones in the villages, large ones in the town."""
    random = Random(seed)
    sizes = [1] * schools
    weights = [random.paretovariate(1.3) for _ in range(schools)]
    left = classes - schools
    while left:
        n = random.choices(range(schools), weights)[0]
        if sizes[n] < LARGEST_SCHOOL:
            sizes[n] += 1
            left -= 1
    return joined([school(Kind(size, windows=windows), 1000 * seed + n) for n, size in enumerate(sizes)])


def joined(problems: list[dict[str, Any]]) -> dict[str, Any]:
    """Problems that have nothing in common as one; the number of each stands before its ids."""
    whole: dict[str, Any] = {}
    for n, raw in enumerate(problems):
        for key in ("locations", "groups", "visitors", "parties"):
            for one in raw[key]:
                one["id"] = f"{n}-{one['id']}"
        for group in raw["groups"]:
            group.update(base=f"{n}-{group['base']}", lead=f"{n}-{group['lead']}")
            group["co_visitors"] = [f"{n}-{v}" for v in group["co_visitors"]]
        for party in raw["parties"]:
            party["location"] = f"{n}-{party['location']}"
            for subject in party["subjects"]:
                subject.update(id=f"{n}-{subject['id']}", group=f"{n}-{subject['group']}")
        if whole:
            for key in ("locations", "groups", "visitors", "parties"):
                whole[key] += raw[key]
        else:
            whole = raw
    return whole


def without_shift(raw: dict[str, Any], gone: str) -> dict[str, Any]:
    """The same problem when an evening is cancelled."""
    raw = json.loads(json.dumps(raw))
    raw["shifts"] = [shift for shift in raw["shifts"] if shift["id"] != gone]
    for visitor in raw["visitors"]:
        if "shifts" in visitor:
            visitor["shifts"] = [shift for shift in visitor["shifts"] if shift != gone]
    for party in raw["parties"]:
        party.get("windows", {}).pop(gone, None)
    return raw


def _problem(
    name: str,
    all_shifts: list[dict[str, Any]],
    locations: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    visitors: list[dict[str, Any]],
    parties: list[dict[str, Any]],
    max_groups: int,
) -> dict[str, Any]:
    return {
        "format": "jiafang-problem/1",
        "name": name,
        "shifts": all_shifts,
        "travel": {"speed_kmh": 25, "detour": 1.3, "fixed_minutes": 2},
        "locations": locations,
        "groups": groups,
        "visitors": visitors,
        "parties": parties,
        "rules": {
            "max_stops_per_trip": 4,
            "max_groups_per_trip": max_groups,
            "max_units_per_shift": 8,
            "onsite_units": 2,
            "remote_units": 1,
            "two_visitors_onsite": True,
        },
    }


KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "class": lambda seed: school(Kind(1), seed),
    "class-any": lambda seed: school(Kind(1, any_channel=0.5), seed),
    "class-dense": lambda seed: school(Kind(1, onsite=1.0, windows=False), seed),
    "class-mixed-dense": lambda seed: school(Kind(1, windows=False), seed),
    "class-60": lambda seed: school(Kind(1, onsite=1.0, free=0.6), seed),
    "school-9": lambda seed: school(Kind(9), seed),
    "school-9-dense": lambda seed: school(Kind(9, windows=False), seed),
    "school-9-car": lambda seed: school(Kind(9, max_groups=2), seed),
    "school-40": lambda seed: school(Kind(40), seed),
    "school-40-dense": lambda seed: school(Kind(40, windows=False), seed),
    "principal-200": lambda seed: principal(200, seed),
    "district": district,
    "district-dense": lambda seed: district(seed, windows=False),
    "cadres-12": lambda seed: cadres(12, seed),
}
