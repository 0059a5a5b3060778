"""Which schools a district has, where they stand and how many classes they run."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from jiafang.demonstration.model import STAGES, ClassKey, School, Size, Township
from jiafang.demonstration.numbers import NumberIssuer
from jiafang.demonstration.places import COUNTY, near

STUDENTS_OF_A_DISTRICT = 60_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A school to be built: `classes` are those of one entry year, for each stage of the school."""

    name: str
    stages: tuple[str, ...]
    township: Township
    village: str
    classes: int
    places: int
    from_everywhere: bool = False
    parent: str = ""


def build_schools(
    size: Size, random: Random, townships: tuple[Township, ...], numbers: NumberIssuer, school_year: int
) -> tuple[tuple[School, ...], dict[ClassKey, int]]:
    """The schools and, for each of their classes, the number of places."""
    plans = list(_small(townships) if size == "small" else _district(random, townships))
    codes: dict[str, str] = {}
    schools: list[School] = []
    places: dict[ClassKey, int] = {}
    for plan in plans:
        code = codes[plan.name] = numbers.school_code(plan.stages[0])
        schools.append(_school(plan, code, codes.get(plan.parent, ""), random))
        for stage in plan.stages:
            for entry_year in entry_years(stage, school_year):
                for number in range(1, plan.classes + 1):
                    places[ClassKey(code, stage, entry_year, f"{number}班")] = plan.places
    if size == "district":
        _fit(places, STUDENTS_OF_A_DISTRICT)
    return tuple(schools), places


def entry_years(stage: str, school_year: int) -> range:
    """The entry years at school in a school year, oldest first."""
    return range(school_year - STAGES[stage].years + 1, school_year + 1)


def _school(plan: Plan, code: str, parent_code: str, random: Random) -> School:
    town = plan.township
    village = next((v for v in town.villages if v.name == plan.village), None)
    lat, lon = (village.lat, village.lon) if village else near(random, town.lat, town.lon, 1.0)
    street = plan.village if village else ("文教路" if town.urban else "学府街")
    return School(
        code=code,
        name=plan.name,
        stages=plan.stages,
        township=town.name,
        village=plan.village,
        address=f"{COUNTY}{town.name}{street}{random.randint(1, 180)}号",
        lat=lat,
        lon=lon,
        parent_code=parent_code,
        draws_from_everywhere=plan.from_everywhere,
    )


def _fit(places: dict[ClassKey, int], wanted: int) -> None:
    """Scale the classes so that the places add up to exactly the wanted number."""
    factor = wanted / sum(places.values())
    for key, count in places.items():
        places[key] = max(5, round(count * factor))
    missing = wanted - sum(places.values())
    for key in list(places)[: abs(missing)]:
        places[key] += 1 if missing > 0 else -1


def _small(townships: tuple[Township, ...]) -> Iterator[Plan]:
    seat, *rural = townships
    home = rural[0]
    central = f"{home.name[:-1]}中心小学"
    yield Plan(central, ("小学",), home, "", 2, 30)
    yield Plan(f"{central}附属幼儿园", ("幼儿园",), home, "", 2, 25, parent=central)
    # One class a year: too small for cohort leads.
    yield Plan(f"{home.name[:-1]}初级中学", ("初中",), home, "", 1, 42)
    yield Plan(f"{COUNTY}第一中学", ("高中",), seat, "", 4, 47, from_everywhere=True)


def _district(random: Random, townships: tuple[Township, ...]) -> Iterator[Plan]:
    """120 schools: 40 kindergartens, 52 primary, 20 junior, 2 nine-year, 4 senior, 1 vocational, 1 special."""
    seat, *rural = townships
    yield from _of_the_seat(seat)
    central_sizes = (5, 4, 4, 3, 4, 3, 5, 3, 4, 3, 4, 3, 3, 3)
    for town, classes in zip(rural[:14], central_sizes, strict=True):
        central = f"{town.name[:-1]}中心小学"
        yield Plan(central, ("小学",), town, "", classes, 40)
        yield Plan(f"{central}附属幼儿园", ("幼儿园",), town, "", max(3, classes - 1), 28, parent=central)
        yield Plan(f"{town.name[:-1]}初级中学", ("初中",), town, "", 3 if classes < 4 else 5, 42)
    for town in rural[14:]:
        yield Plan(f"{town.name[:-1]}学校", ("小学", "初中"), town, "", 2, 38)
        yield Plan(f"{town.name[:-1]}中心幼儿园", ("幼儿园",), town, "", 2, 26)
    for town in rural[:2]:
        yield Plan(f"{town.name[:-1]}第二初级中学", ("初中",), town, "", 1, 40)
    yield from _in_villages(random, rural)
    for town in rural[:2]:
        yield Plan(f"{COUNTY}{town.name[:-1]}中学", ("高中",), town, "", 8, 45, from_everywhere=True)


def _of_the_seat(seat: Township) -> Iterator[Plan]:
    experimental = f"{COUNTY}实验小学"
    yield Plan(experimental, ("小学",), seat, "", 12, 45)
    for number, classes in (("第二", 10), ("第三", 9), ("第四", 9)):
        yield Plan(f"{COUNTY}{number}实验小学", ("小学",), seat, "", classes, 45)
    yield Plan(f"{COUNTY}实验幼儿园", ("幼儿园",), seat, "", 5, 30)
    for community in seat.villages[:9]:
        yield Plan(f"{community.name[:-2]}幼儿园", ("幼儿园",), seat, community.name, 4, 28)
    for number, classes in (("第三", 12), ("第四", 11), ("第五", 9), ("第六", 8)):
        yield Plan(f"{COUNTY}{number}中学", ("初中",), seat, "", classes, 48)
    yield Plan(f"{COUNTY}第一中学", ("高中",), seat, "", 20, 50, from_everywhere=True)
    yield Plan(f"{COUNTY}第二中学", ("高中",), seat, "", 14, 50, from_everywhere=True)
    yield Plan(f"{COUNTY}职业技术学校", ("中职",), seat, "", 13, 45, from_everywhere=True)
    yield Plan(f"{COUNTY}特殊教育学校", ("特教",), seat, "", 1, 10, from_everywhere=True)


def _in_villages(random: Random, rural: list[Township]) -> Iterator[Plan]:
    """20 complete village schools, 14 teaching points of a central school, 14 village kindergartens."""
    places = [random.sample([v.name for v in town.villages], 4) for town in rural]
    for town, village in [*_spread(places, rural, 0, 14), *_spread(places, rural, 1, 6)]:
        yield Plan(f"{village[:-1]}小学", ("小学",), town, village, 1, 32)
    for town, village in _spread(places, rural, 2, 14):
        parent = f"{town.name[:-1]}中心小学"
        yield Plan(f"{village[:-1]}教学点", ("小学",), town, village, 1, 10, parent=parent)
    for town, village in _spread(places, rural, 3, 14):
        yield Plan(f"{village[:-1]}幼儿园", ("幼儿园",), town, village, 1, 24)


def _spread(places: list[list[str]], rural: list[Township], column: int, count: int) -> list[tuple[Township, str]]:
    return [(rural[place], places[place][column]) for place in range(count)]
