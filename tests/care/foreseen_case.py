"""A case as it should be, in plain Python: its state, its owner, everybody who reads it. Said apart from the house."""

from dataclasses import dataclass, field

LIVE = {"open", "assigned", "acting", "reopened", "awaiting"}
IN_HAND = LIVE - {"awaiting"}
# From which states to which; whatever is not here does not happen.
TABLE = {
    "assign": (IN_HAND, "assigned"),
    "act": (IN_HAND, "acting"),
    "propose": (IN_HAND, "awaiting"),
    "confirm": ({"awaiting"}, "closed"),
    "confirm_orally": ({"awaiting"}, "closed"),
    "deny": ({"awaiting"}, "acting"),
    "take_back": ({"awaiting"}, "acting"),
    "reopen": ({"closed"}, "reopened"),
    "send_up": (IN_HAND, "assigned"),
    "send_down": (IN_HAND, "assigned"),
    "merge": (LIVE, "closed"),
    "withdraw": (LIVE, "closed"),
    "silence": ({"awaiting"}, "closed"),
    "escalate": (IN_HAND, "assigned"),
    "tier": (LIVE, ""),  # where it stands does not change
}
LEVELS = ["class", "cohort", "school", "section", "director"]
OF_LEVEL = {
    "class": {"homeroom_teacher", "counselor"},
    "cohort": {"cohort_lead", "counselor"},
    "school": {"principal", "moral_deputy", "counselor"},
    "section": {"section", "cadre"},
    "director": {"director"},
}
LEVEL_OF = {
    "homeroom_teacher": "class", "cohort_lead": "cohort", "counselor": "school", "moral_deputy": "school",
    "principal": "school", "cadre": "section", "section": "section", "director": "director",
}  # fmt: skip
BY_TIER = {
    "green": (),
    "yellow": ("counselor",),
    "orange": ("counselor", "cohort_lead", "moral_deputy", "principal"),
    "red": ("counselor", "cohort_lead", "moral_deputy", "principal"),
}
CALM_TO_URGENT = list(BY_TIER)
URGENT = {"orange", "red"}
STAFF = [
    "homeroom", "colleague", "subject", "lead", "counselor", "counselor2", "principal", "moral", "deputy", "cadre",
    "head", "director",
]  # fmt: skip
CAST = [*STAFF, "mother", "father", "stranger"]
KINDS = {
    "homeroom": "teacher", "colleague": "teacher", "subject": "teacher", "lead": "cohort_lead",
    "counselor": "counselor", "counselor2": "counselor", "principal": "principal", "moral": "principal",
    "deputy": "principal", "cadre": "cadre", "head": "cadre", "director": "director", "mother": "guardian",
    "father": "guardian", "stranger": "guardian",
}  # fmt: skip
SEATS = [
    ("homeroom", "homeroom_teacher"), ("colleague", "homeroom_teacher"), ("subject", "homeroom_teacher"),
    ("lead", "cohort_lead"), ("counselor", "counselor"), ("counselor2", "counselor"), ("principal", "principal"),
    ("moral", "moral_deputy"), ("deputy", "principal"), ("cadre", "cadre"), ("head", "section"),
    ("director", "director"), ("mother", "homeroom_teacher"),
]  # fmt: skip
FAMILY = {"mother", "father"}
BUREAU = {"cadre", "head", "director"}
LEADING = {"principal", "moral", "deputy"}
SCHOOL_LEVELS = set(LEVELS[:3])
Seat = int | tuple[str, str]
Row = tuple[str, str, str]  # who, why, of which class (empty: of none)


@dataclass
class Offices:
    """Who is what today."""

    homeroom: dict[str, str] = field(default_factory=lambda: {"A": "homeroom", "B": "colleague"})
    counselor: str = "counselor"

    def holders(self, role: str, cls: str) -> set[str]:
        return {
            "homeroom_teacher": {self.homeroom[cls]} if cls else set(),
            "cohort_lead": {"lead"} if cls else set(),
            "counselor": {self.counselor},
            "moral_deputy": {"moral"},
            "principal": {"principal"},
            "cadre": {"cadre"},
            "section": {"head"},
            "director": {"director"},
        }[role]

    def of_class(self, cls: str) -> set[str]:
        return {self.homeroom[cls]} | ({"subject"} if cls == "A" else set())


@dataclass
class Foreseen:
    """What the services should have made of it."""

    pk: int
    kind: str
    raiser: str
    owner: str
    owner_role: str
    confirmer: str
    level: str
    cls: str = ""
    about: str = ""
    tier: str = "green"
    confided: bool = False
    consented: bool = False
    state: str = "open"
    rows: set[Row] = field(default_factory=set)
    referrals: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    @property
    def readers(self) -> set[str]:
        return {who for who, _why, _cls in self.rows}

    def inner(self, who: str) -> bool:
        """Whether somebody reads the inner work: not the family, nor the teacher whom it is about."""
        own = {"raiser", "concerned"}
        return any(
            row[0] == who and who not in FAMILY and not (who == self.about and row[1] in own) for row in self.rows
        )

    def owns(self, who: str) -> bool:
        return who == self.owner and any(row[:2] == (who, "owner") for row in self.rows)

    def leads(self, who: str) -> bool:
        return self.inner(who) and who in (LEADING if self.level in SCHOOL_LEVELS else BUREAU)

    @property
    def kept(self) -> bool:
        return self.confided and not self.consented

    def may(self, verb: str, who: str) -> bool:
        """Whether this person may ever do this with it, whatever its state."""
        own_or_lead = self.owns(who) or self.leads(who)
        return {
            "act": self.inner(who),
            "tier": self.inner(who),
            "propose": self.owns(who),
            "confirm": who == self.confirmer and who in self.readers and who != self.owner,
            "deny": who == self.confirmer and who in self.readers,
            "take_back": self.owns(who),
            "confirm_orally": self.owns(who) and self.confirmer in FAMILY,
            "assign": own_or_lead,
            "hand_over": own_or_lead,
            "merge": own_or_lead,
            "refer": own_or_lead and not self.kept,
            "name_reader": own_or_lead and not self.kept,
            "dismiss_reader": own_or_lead,
            "send_up": self.owns(who),
            "send_down": self.owns(who),
            "withdraw": who == self.raiser == self.confirmer and who in self.readers and self.tier not in URGENT,
            "reopen": who in self.readers and (who in (self.owner, self.raiser, self.confirmer) or self.leads(who)),
            "consent": who == self.about and who in self.readers,
        }[verb]

    def moves(self, verb: str) -> None:
        """By the table; what is not in it must have been refused."""
        sources, to = TABLE[verb]
        assert self.state in sources, f"{verb} was done in {self.state}"
        self.state = to or self.state
        if self.state == "closed":
            asked = [(pk, to, role) for pk, (to, role, state) in self.referrals.items() if state == "asked"]
            self.referrals |= {pk: (to, role, "returned") for pk, to, role in asked}

    @property
    def climbs(self) -> bool:
        """Whether somebody above hears of it when it is overdue."""
        return self.state in IN_HAND and self.level != "director" and not self.kept

    def less_urgent_than(self, tier: str) -> bool:
        return CALM_TO_URGENT.index(self.tier) < CALM_TO_URGENT.index(tier)

    def becomes(self, tier: str, offices: Offices) -> None:
        """On a higher tier those whom it names for a student are called in; on a lower one nobody leaves."""
        if self.kind == "student" and self.less_urgent_than(tier):
            self.rows |= {(who, "role", "") for role in BY_TIER[tier] for who in offices.holders(role, self.cls)}
        self.tier = tier

    def gives(self, to: str, role: str, level: str, cls: str) -> None:
        """The owner before reads on as a former one."""
        for row in [row for row in self.rows if row[1] == "owner" and row[0] != to]:
            self.rows.remove(row)
            self.rows.add((row[0], "former", row[2]))
        self.owner, self.owner_role, self.level = to, role, level
        self.rows.add((to, "owner", cls if role == "homeroom_teacher" else ""))

    def given_to(self, to: str, role: str) -> None:
        level = self.level if role in OF_LEVEL[self.level] else LEVEL_OF[role]
        same_side = (level in SCHOOL_LEVELS) == (self.level in SCHOOL_LEVELS)
        assert same_side or level == self.level, "it went to the other side without being sent"
        self.gives(to, role, level, self.cls)

    def falls(self, offices: Offices) -> set[Row]:
        """Rows of those who are not in office any more, or not where the student is."""
        return {row for row in self.rows if not self._stands(row, offices)}

    def _stands(self, row: Row, offices: Offices) -> bool:
        who, why, cls = row
        if cls:
            own_part = why in ("raiser", "concerned")
            return cls == self.cls and (
                who in offices.of_class(cls) if own_part else who == offices.homeroom.get(cls)
            )  # fmt: skip
        if who.startswith("counselor"):
            return who == offices.counselor
        return True

    def put_right(self, offices: Offices, owner: str, confirmer: str) -> None:
        """`owner` and `confirmer` as the house has chosen them: the first is foreseen, the second one of a few."""
        fallen = self.falls(offices)
        self.rows -= fallen
        if self.state not in LIVE:
            return
        for who, (to, role, state) in self.referrals.items():
            if state in ("asked", "accepted") and to not in offices.holders(role, self.cls):
                self.referrals[who] = (to, role, "returned")
        before = self.owner
        if not self.owns(self.owner):
            assert {owner} == offices.holders(self.owner_role, self.cls), "somebody else in the same role follows"
            self.gives(owner, self.owner_role, self.level, self.cls)
        if confirmer != self.confirmer:
            gone = self.confirmer not in self.readers
            own_word = self.state == "awaiting" and self.confirmer == self.owner
            assert gone or own_word, f"{self.confirmer} could have said it"
            assert before != confirmer or confirmer not in (self.owner,) or self.state != "awaiting"
            self.asks(confirmer, offices)
        kinds = {who for who, why, _cls in fallen if why == "role"}
        # On a tier that names no counselor any more, the one who was called in is followed by nobody.
        if any(who.startswith("counselor") for who in kinds) and "counselor" in BY_TIER[self.tier]:
            self.rows.add((offices.counselor, "role", ""))

    def asks(self, who: str, offices: Offices) -> None:
        self.confirmer = who
        if who in self.readers:
            return
        if who in FAMILY or who == self.about or self.kind == "school":
            self.rows.add((who, "concerned", ""))
        else:
            self.rows.add((who, "named", self.cls if who == offices.homeroom.get(self.cls) else ""))
