"""Which cadre could look after which school: what is paired already, and a proposal for the rest."""

from dataclasses import dataclass

from jiafang.access import Actor, scope
from jiafang.campaigns.places import Atlas
from jiafang.campaigns.to_planner import kilometers, propose_pairs
from jiafang.common.clock import today
from jiafang.organization.models import Pairing, Post, School, holding


@dataclass(frozen=True, slots=True)
class Load:
    """A cadre with the schools that are theirs today."""

    cadre_id: int
    cadre: str
    schools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A school without anybody, and who could take it: how far from the nearest school that is or would be theirs."""

    school_id: int
    school: str
    township: str
    cadre_id: int
    cadre: str
    would_have: int
    nearest: str
    kilometers: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    loads: tuple[Load, ...]
    proposed: tuple[Proposed, ...]
    without: int
    """How many schools have nobody."""


def pairing_overview(actor: Actor) -> Overview:
    """As the actor sees schools and cadres; a constant number of queries. Schools of directors are nobody's to be
    given: they have somebody."""
    day = today()
    schools = list(scope(actor, School).order_by("pk").values_list("pk", "name", "township"))
    number_of = {pk: n for n, (pk, _name, _township) in enumerate(schools)}
    posts = scope(actor, Post).filter(holding(day), kind=Post.Kind.CADRE, person__deceased=False)
    cadres = dict(posts.order_by("person__pinyin", "person_id").values_list("person_id", "person__name"))
    schools_of: dict[int, list[int]] = {cadre_id: [] for cadre_id in cadres}
    free = set(number_of.values())
    rows = scope(actor, Pairing).filter(holding(day), school_id__in=number_of).order_by("start", "pk")
    for cadre_id, school_id in rows.values_list("cadre_id", "school_id"):
        free.discard(number_of[school_id])
        if cadre_id in schools_of:
            schools_of[cadre_id].append(number_of[school_id])
    loads = tuple(
        Load(cadre_id, cadres[cadre_id], tuple(schools[n][1] for n in own)) for cadre_id, own in schools_of.items()
    )
    if not cadres:
        return Overview(loads, (), len(free))
    atlas = Atlas(set(), set(number_of))
    places = [(place.lat, place.lon) for place in (atlas.school(pk) for pk, _name, _township in schools)]
    would_have = {cadre_id: list(own) for cadre_id, own in schools_of.items()}
    people = list(cadres)
    pairs = {n: people[v] for n, v in propose_pairs(places, sorted(free), list(schools_of.values())).items()}
    for n, cadre_id in pairs.items():
        would_have[cadre_id].append(n)

    def proposed(n: int, cadre_id: int) -> Proposed:
        apart = {other: kilometers(places[n], places[other]) for other in would_have[cadre_id] if other != n}
        nearest = min(apart, key=lambda other: (apart[other], other), default=None)
        return Proposed(
            school_id=schools[n][0],
            school=schools[n][1],
            township=schools[n][2],
            cadre_id=cadre_id,
            cadre=cadres[cadre_id],
            would_have=len(would_have[cadre_id]),
            nearest="" if nearest is None else schools[nearest][1],
            kilometers=None if nearest is None else round(apart[nearest], 1),
        )

    of_one_together = sorted(pairs.items(), key=lambda pair: (people.index(pair[1]), pair[0]))
    return Overview(loads, tuple(proposed(n, cadre_id) for n, cadre_id in of_one_together), len(free))
