"""The world of the scope test as plain facts, beside the database and independent of it.

Every secret carries a token of its own, so that an answer shows by itself whose secrets it holds.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# zq0001x in words, 1390000… in phone numbers, 25.70001 in points on the map.
# One expression each: each begins with letters that can be searched for quickly.
TOKENS = (re.compile(rb"zq\d{4}x"), re.compile(rb"1390000\d{4}"), re.compile(rb"25\.7\d{4}"))


@dataclass(frozen=True)
class Secret:
    """One thing not everybody may see: a field of one object."""

    kind: str
    field: str
    owner: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.owner}: {self.field}"


@dataclass(frozen=True)
class Post:
    person: int
    kind: str
    school: int | None
    cohort: int | None = None
    school_class: int | None = None
    ended: bool = False


@dataclass(frozen=True)
class Enrollment:
    student: int
    school_class: int
    ended: bool = False


@dataclass(frozen=True)
class Guardianship:
    pk: int
    guardian: int
    student: int
    revoked: bool = False
    may_see: bool = True
    may_contact: bool = True


@dataclass(frozen=True)
class Tag:
    pk: int
    student: int
    restricted: bool


@dataclass(frozen=True)
class Pairing:
    pk: int
    cadre: int
    school: int
    ended: bool = False


@dataclass(frozen=True)
class Campaign:
    pk: int
    tier: str
    school: int | None
    state: str
    parent: int | None = None


@dataclass(frozen=True)
class Group:
    pk: int
    campaign: int
    lead: int
    others: frozenset[int]
    school_class: int | None = None


@dataclass(frozen=True)
class Duty:
    pk: int
    campaign: int
    person: int
    group: int | None
    school_class: int | None = None
    cohort: int | None = None
    due: bool = True
    met_on: dt.date | None = None
    follow_up: bool = False


@dataclass(frozen=True)
class Appointment:
    pk: int
    campaign: int
    group: int
    duties: frozenset[int]
    visitors: frozenset[int]
    published: bool
    state: str
    day: dt.date
    trip: int | None = None


@dataclass(frozen=True)
class Visit:
    pk: Any
    campaign: int
    duties: frozenset[int]
    visitors: frozenset[int]
    recorded_by: int


@dataclass(frozen=True)
class Correction:
    pk: int
    student: int
    asked_by: int


@dataclass(frozen=True)
class AddedQuestions:
    pk: int
    tier: str
    school: int | None
    state: str


@dataclass(frozen=True)
class Held:
    """What a phone sent and could not be taken; `duties` are those that it names."""

    pk: int
    writer: int
    reason: str
    duties: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Told:
    """What somebody was told, in which capacity (empty: in any) and of which school (None: of none)."""

    pk: int
    person: int
    kind: str
    school: int | None


@dataclass
class World:
    """Everything that is the case."""

    secrets: dict[str, Secret] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    school_of_class: dict[int, int] = field(default_factory=dict)
    cohort_of_class: dict[int, int] = field(default_factory=dict)
    school_of_cohort: dict[int, int] = field(default_factory=dict)
    schools: dict[str, int] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    enrollments: list[Enrollment] = field(default_factory=list)
    guardianships: list[Guardianship] = field(default_factory=list)
    household_of: dict[int, int] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)
    pairings: list[Pairing] = field(default_factory=list)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    duties: dict[int, Duty] = field(default_factory=dict)
    appointments: dict[int, Appointment] = field(default_factory=dict)
    visits: dict[Any, Visit] = field(default_factory=dict)
    visit_of_attachment: dict[Any, Any] = field(default_factory=dict)
    focuses: dict[int, int] = field(default_factory=dict)
    corrections: dict[int, Correction] = field(default_factory=dict)
    question_sets: dict[int, AddedQuestions] = field(default_factory=dict)
    held: dict[int, Held] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    plan_runs: dict[int, int] = field(default_factory=dict)
    campaign_of_shift: dict[int, int] = field(default_factory=dict)
    campaign_of_roads: dict[int, int] = field(default_factory=dict)
    owner_of_token: dict[str, str] = field(default_factory=dict)
    others: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    day: dt.date = field(default_factory=dt.date.today)
    tables: dict[str, dict[Any, dict[str, Any]]] = field(default_factory=dict)
    """Every row of every scoped table as it stands: label of the model → key → columns."""
    reaches: list[Any] = field(default_factory=list)
    rows: dict[tuple[str, Any], Any] = field(default_factory=dict)
    """The rows of the database, for building only; the oracle never looks at them."""

    def word(self) -> str:
        """A token that nothing owns yet."""
        return f"zq{len(self.secrets) + 1:04}x"

    def phone(self) -> str:
        return f"1390000{len(self.secrets) + 1:04}"

    def point(self) -> float:
        return float(f"25.7{len(self.secrets) + 1:04}")

    def hide(self, token: str | float, kind: str, field_name: str, owner: Any) -> None:
        self.secrets[str(token)] = Secret(kind, field_name, owner)

    def found_in(self, words: bytes) -> set[Secret]:
        """The secrets whose tokens occur in the words of an answer."""
        found = {token.decode() for kind in TOKENS for token in kind.findall(words)}
        return {self.secrets[token] for token in found if token in self.secrets}

    def of_this_world(self, label: str, pks: Iterable[Any]) -> set[Any]:
        """Without the traces that tests leave by asking."""
        found = set(pks)
        return found & set(self.tables[label]) if label == "accounts.auditentry" else found

    def ids(self, kind: str) -> list[Any]:
        """The ids of all objects of a kind."""
        plain: dict[str, Iterable[Any]] = {
            "person": self.people.values(),
            "school": self.schools.values(),
            "class": self.classes.values(),
            "cohort": self.school_of_cohort,
            "household": set(self.household_of.values()),
            "guardianship": [g.pk for g in self.guardianships],
            "pairing": [p.pk for p in self.pairings],
            "campaign": self.campaigns,
            "group": self.groups,
            "duty": self.duties,
            "appointment": self.appointments,
            "visit": self.visits,
            "attachment": self.visit_of_attachment,
            "held": self.held,
            "notification": self.told,
            "plan_run": self.plan_runs,
            "correction": self.corrections,
            "question_set": self.question_sets,
            "calendar": self.owner_of_token,
        }
        return sorted(plain[kind] if kind in plain else self.others[kind], key=str)

    def name_of(self, person: int) -> str:
        return next(name for name, pk in self.people.items() if pk == person)
