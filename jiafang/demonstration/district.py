"""The whole district from a size, a seed and a day."""

import datetime as dt

from jiafang.demonstration.chance import stream
from jiafang.demonstration.families import FamilyMaker, places_of
from jiafang.demonstration.model import DemoDistrict, Size, school_year_of
from jiafang.demonstration.numbers import NumberIssuer
from jiafang.demonstration.places import COUNTY, draw_map
from jiafang.demonstration.schools import build_schools
from jiafang.demonstration.staff import staff_schools

RURAL_TOWNSHIPS: dict[Size, int] = {"small": 3, "district": 16}
VILLAGES_EACH: dict[Size, int] = {"small": 6, "district": 11}


def generate(size: Size, seed: int, today: dt.date) -> DemoDistrict:
    """An invented district in the school year of a day; `small` has 1,200 students, `district` 60,000."""
    numbers = NumberIssuer()
    townships = draw_map(stream(size, seed, "map"), RURAL_TOWNSHIPS[size], VILLAGES_EACH[size])
    schools, places = build_schools(size, stream(size, seed, "schools"), townships, numbers, school_year_of(today))
    work = staff_schools(size, stream(size, seed, "staff"), numbers, townships, schools, places)
    maker = FamilyMaker(
        random=stream(size, seed, "families"),
        numbers=numbers,
        townships=townships,
        schools=schools,
        staff=tuple(s for s in work.staff if "社区工作者" not in s.duties and "局长" not in s.duties),
        homeroom_of={c.key: c.homeroom_number for c in work.classes},
    )
    families = maker.fill([place for key, count in places.items() for place in places_of(key, count)])
    return DemoDistrict(
        size=size,
        seed=seed,
        today=today,
        name=COUNTY,
        townships=townships,
        schools=schools,
        cohorts=tuple(work.cohorts),
        classes=tuple(work.classes),
        staff=tuple(work.staff),
        teachings=tuple(work.teachings),
        households=tuple(families.households),
        students=tuple(families.students),
        numbers=numbers,
    )
