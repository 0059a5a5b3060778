"""Who reads which case, sealed report and sign, from the facts: the list of readers against the posts of the day."""

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.oracle.facts import Secret, World

INNER = {"bureau", "school"}
OWN = {"teacher", "family"}
INNER_KINDS = ("director", "cadre", "principal", "cohort_lead", "teacher", "counselor")
READING_KINDS = (*INNER_KINDS, "guardian")
ROLES = {
    "teacher": {"homeroom_teacher"}, "cohort_lead": {"cohort_lead"}, "counselor": {"counselor"},
    "principal": {"moral_deputy", "principal"}, "cadre": {"cadre", "section"}, "director": {"director"},
}  # fmt: skip
# The posts at a school to which a case is given.
GIVEN_TO = ("principal", "moral_deputy", "counselor", "cohort_lead", "homeroom_teacher")


class CareOracle:
    """The part of the oracle about cases; mixed into it."""

    if TYPE_CHECKING:
        world: World
        kind: str
        me: int
        school: int | None
        wards: set[int]
        own_children: set[int]
        classes_taught: set[int]
        classes_led: set[int]
        cohorts_led: set[int]

        def leads_class(self, school_class: int | None) -> bool: ...
        def class_now(self, student: int) -> int | None: ...

    def _rows(self, name: str) -> dict[Any, dict[str, Any]]:
        return self.world.tables[f"care.{name}"]

    @cached_property
    def readings(self) -> list[dict[str, Any]]:
        """Rows of the list of readers that hold for the subject now."""
        return [row for row in self._rows("casereader").values() if self._holds_for_me(row)]

    def _holds_for_me(self, row: dict[str, Any]) -> bool:
        if row["person_id"] != self.me or row["kind"] != self.kind or row["until"] is not None:
            return False
        about = self._rows("casefile")[row["case_id"]]["person_id"]
        if (about not in self.wards) if self.kind == "guardian" else (about in self.own_children):
            return False
        return (
            row["school_id"] in (None, self.school)
            and (row["school_class_id"] is None or row["school_class_id"] in self.classes_taught)
            and (row["cohort_id"] is None or row["cohort_id"] in self.cohorts_led)
        )

    @cached_property
    def sides_of(self) -> dict[int, set[str]]:
        """The cases that are read, and on which sides."""
        found: dict[int, set[str]] = defaultdict(set)
        for row in self.readings:
            found[row["case_id"]].add(row["side"])
        return found

    def reads_case(self, pk: int) -> bool:
        return pk in self.sides_of

    def works_on(self, pk: int) -> bool:
        """Reads the inner work of it."""
        return bool(self.sides_of.get(pk, set()) & INNER) and self.kind in INNER_KINDS

    def owns_case(self, pk: int) -> bool:
        mine = any(row["case_id"] == pk and row["why"] == "owner" for row in self.readings)
        return mine and self._rows("casefile")[pk]["owner_id"] == self.me and self.kind in INNER_KINDS

    def confirms_case(self, pk: int) -> bool:
        return self.reads_case(pk) and self._rows("casefile")[pk]["confirmer_id"] == self.me

    def leads_case(self, pk: int) -> bool:
        return self.kind in ("principal", "cadre", "director") and self.works_on(pk)

    def leads_case_where_it_is(self, pk: int) -> bool:
        at_school = self._rows("casefile")[pk]["level"] in ("class", "cohort", "school")
        return self.leads_case(pk) and (self.kind == "principal") == at_school

    def _follows(self, case: int, at: Any, by: int | None, sides: set[str]) -> bool:
        """At work all of it; as family or teacher what has come since one reads the case, and what is one's own."""
        held = [row for row in self.readings if row["case_id"] == case and row["side"] in sides]
        return any(row["side"] in INNER or row["since"] <= at or by == self.me for row in held)

    def _opened(self, case: int, at: Any, by: int | None, openly: bool) -> bool:
        """Before somebody came it was opened to them only where nobody else was on their side."""
        if self._follows(case, at, by, INNER | OWN if openly else INNER):
            return True
        sides = {row["side"] for row in self.readings if row["case_id"] == case} & OWN
        others = [row for row in self._rows("casereader").values() if row["case_id"] == case and row["since"] <= at]
        taken = {row["side"] for row in others if row["person_id"] != self.me}
        return openly and bool(sides - taken)

    def reads_step(self, pk: int) -> bool:
        row = self._rows("casestep")[pk]
        return self._opened(row["case_id"], row["at"], row["by_id"], not row["internal"])

    def reads_action(self, pk: int) -> bool:
        row = self._rows("caseaction")[pk]
        return self._opened(row["case_id"], row["written_at"], row["by_id"], row["shared"])

    def reads_message(self, pk: int) -> bool:
        row = self._rows("message")[pk]
        return self._follows(row["case_id"], row["sent_at"], row["author_id"], set(row["audience"]))

    def asked(self, pk: int) -> bool:
        """Whether a referral is put to the subject in this capacity."""
        row = self._rows("referral")[pk]
        return (
            row["to_person_id"] == self.me
            and row["to_role"] in ROLES.get(self.kind, ())
            and row["to_school_id"] in (None, self.school)
            and row["about_id"] not in self.own_children
        )

    def reads_referral(self, pk: int) -> bool:
        return self.asked(pk) or self.works_on(self._rows("referral")[pk]["case_id"])

    def reads_sealed(self, pk: int) -> bool:
        return any(
            row["report_id"] == pk
            and row["person_id"] == self.me
            and row["kind"] == self.kind
            and row["until"] is None
            and row["school_id"] in (None, self.school)
            for row in self._rows("sealedreader").values()
        )

    def tracks(self, person: int) -> bool:
        """Marks and attendance: of students led, and of those a case is about that one works on at school."""
        if self.kind not in ("principal", "cohort_lead", "teacher", "counselor") or person in self.own_children:
            return False
        at_school = [pk for pk, sides in self.sides_of.items() if "school" in sides]
        return self.leads_class(self.class_now(person)) or person in {
            self._rows("casefile")[pk]["person_id"] for pk in at_school
        }

    def sees_sign(self, pk: int) -> bool:
        student = self.world.tables["insight.sign"][pk]["student_id"]
        led = self.kind == "teacher" and self.class_now(student) in self.classes_led
        return led and student not in self.own_children

    @cached_property
    def named_in_cases(self) -> set[int]:
        """Whose names occur in cases and reports that are read."""
        people: set[Any] = set()
        for child in self.wards:  # before a family raises something it is told who will know
            school_class = self.class_now(child)
            people |= self._given_to(self.world.school_of_class[school_class]) if school_class else set()
        for pk in self.sides_of:
            row = self._rows("casefile")[pk]
            people |= {row["person_id"], row["raised_by_id"], row["confirmer_id"], row["owner_id"]}
            people |= {one["person_id"] for one in self._rows("casereader").values() if one["case_id"] == pk}
            if self.owns_case(pk) or self.leads_case(pk):
                people |= self._given_to(row["school_id"])
            if self.owns_case(pk):  # and may ask one of the guardians whether it is solved
                held = self.world.guardianships
                people |= {g.guardian for g in held if g.student == row["person_id"] and not g.revoked}
        people |= {row["by_id"] for pk, row in self._rows("caseaction").items() if self.reads_action(pk)}
        for pk, row in self._rows("casestep").items():
            people |= {row["by_id"], row["from_owner_id"], row["to_owner_id"]} if self.reads_step(pk) else set()
        people |= {row["author_id"] for pk, row in self._rows("message").items() if self.reads_message(pk)}
        for pk, row in self._rows("referral").items():
            people |= {row["asked_by_id"], row["to_person_id"], row["about_id"]} if self.reads_referral(pk) else set()
        for pk, row in self._rows("mandatoryreport").items():
            if self.reads_sealed(pk):
                people |= {row["reported_by_id"]}
                people |= {one["person_id"] for one in self._rows("sealedreader").values() if one["report_id"] == pk}
                people |= {one["by_id"] for one in self._rows("reportaddition").values() if one["report_id"] == pk}
        return people - {None}

    def _given_to(self, school: int) -> set[int]:
        """To whom a case of the school may be given, sent or referred."""
        held = [post for post in self.world.posts if not post.ended]
        here = {post.person for post in held if post.school == school and post.kind in GIVEN_TO}
        return here | {post.person for post in held if post.kind in ("cadre", "director")}

    def _knows_case(self, secret: Secret) -> bool:
        """The first words are for those who work on it and whoever said them; the result is for every reader."""
        row = self._rows("casefile")[secret.owner]
        own = (row["raised_by_id"], row["raised_as"]) == (self.me, self.kind)
        return self.reads_case(secret.owner) and (secret.field != "text" or own or self.works_on(secret.owner))

    def _knows_case_category(self, secret: Secret) -> bool:
        return self.reads_case(secret.owner)

    def _knows_case_action(self, secret: Secret) -> bool:
        return self.reads_action(secret.owner)

    def _knows_case_step(self, secret: Secret) -> bool:
        return self.reads_step(secret.owner)

    def _knows_case_message(self, secret: Secret) -> bool:
        return self.reads_message(secret.owner)

    def _knows_referral(self, secret: Secret) -> bool:
        return self.reads_referral(secret.owner)

    def _knows_progress(self, secret: Secret) -> bool:
        return self.tracks(self._rows("progress")[secret.owner]["person_id"])

    def _knows_sealed(self, secret: Secret) -> bool:
        return self.reads_sealed(secret.owner)
