"""Which cadre could look after which school: what is paired already, and a proposal for the rest."""

from collections import defaultdict
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
    """As the actor sees schools and cadres; a constant number of queries."""
    day = today()
    schools = list(scope(actor, School).order_by("pk").values_list("pk", "name", "township"))
    posts = scope(actor, Post).filter(holding(day), kind=Post.Kind.CADRE, person__deceased=False)
    cadres = dict(posts.order_by("person__pinyin", "person_id").values_list("person_id", "person__name"))
    rows = scope(actor, Pairing).filter(holding(day), cadre_id__in=cadres).order_by("start", "pk")
    number_of = {pk: n for n, (pk, _name, _township) in enumerate(schools)}
    people = list(cadres)
    settled: dict[int, list[int]] = defaultdict(list)
    for cadre_id, school_id in rows.values_list("cadre_id", "school_id"):
        if school_id in number_of:
            settled[people.index(cadre_id)].append(number_of[school_id])
    anybody = scope(actor, Pairing).filter(holding(day)).values_list("school_id", flat=True)
    paired_by_others = {number_of[pk] for pk in anybody if pk in number_of}
    atlas = Atlas(set(), set(number_of))
    places = [(place.lat, place.lon) for place in (atlas.school(pk) for pk, _name, _township in schools)]
    free = [n for n in range(len(schools)) if n not in paired_by_others]
    # Schools of directors count as settled too: they are nobody's to be given.
    ours = sorted({*free, *(n for own in settled.values() for n in own)})
    position = {n: at for at, n in enumerate(ours)}
    pairs: dict[int, int] = {}
    if people:
        of_ours = {v: [position[n] for n in own] for v, own in settled.items()}
        found = propose_pairs([places[n] for n in ours], len(people), of_ours)
        pairs = {ours[at]: v for at, v in found.items()}
    return Overview(
        loads=tuple(
            Load(pk, name, tuple(schools[n][1] for n in settled.get(v, ())))
            for v, (pk, name) in enumerate(cadres.items())
        ),
        proposed=tuple(
            _proposed(n, v, schools, places, list(cadres.items()), settled, pairs)
            for n, v in sorted(pairs.items(), key=lambda pair: (pair[1], pair[0]))
        ),
        without=len(free),
    )


def _proposed(
    n: int,
    v: int,
    schools: list[tuple[int, str, str]],
    places: list[tuple[float, float]],
    cadres: list[tuple[int, str]],
    settled: dict[int, list[int]],
    pairs: dict[int, int],
) -> Proposed:
    school_id, name, township = schools[n]
    others = [*settled.get(v, ()), *(other for other, person in pairs.items() if person == v and other != n)]
    apart = {other: kilometers(places[n], places[other]) for other in others}
    nearest = min(apart, key=lambda other: (apart[other], other), default=None)
    return Proposed(
        school_id=school_id,
        school=name,
        township=township,
        cadre_id=cadres[v][0],
        cadre=cadres[v][1],
        would_have=len(others) + 1,
        nearest="" if nearest is None else schools[nearest][1],
        kilometers=None if nearest is None else round(apart[nearest], 1),
    )
