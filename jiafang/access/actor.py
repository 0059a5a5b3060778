"""An actor: a person in one capacity, never the union of all that the person is."""

from dataclasses import dataclass

ADMINISTRATOR = "administrator"
DIRECTOR = "director"
CADRE = "cadre"
PRINCIPAL = "principal"
COHORT_LEAD = "cohort_lead"
TEACHER = "teacher"
COUNSELOR = "counselor"
GUARDIAN = "guardian"
COMMUNITY_PARTNER = "community_partner"
SYSTEM = "system"

NOBODY = 0

BUREAU_KINDS = frozenset({ADMINISTRATOR, DIRECTOR, CADRE})
SCHOOL_KINDS = frozenset({PRINCIPAL, COHORT_LEAD, TEACHER, COUNSELOR})
STAFF_KINDS = BUREAU_KINDS | SCHOOL_KINDS
ABOVE_CLASS_KINDS = STAFF_KINDS - {TEACHER}
ALL_KINDS = STAFF_KINDS | {GUARDIAN, COMMUNITY_PARTNER}


@dataclass(frozen=True)
class Capacity:
    """One way in which a person meets the system: principal of a school, teacher at a school, guardian.

    `school_id` is set with its name for all school kinds, `cohort_ids` for a cohort lead, `class_ids` (classes taught
    or led today) for a teacher, `homeroom_class_ids` for the classes led and `ward_ids` for a guardian.
    """

    kind: str
    label: str = ""
    school_id: int | None = None
    school_name: str = ""
    cohort_ids: tuple[int, ...] = ()
    class_ids: tuple[int, ...] = ()
    homeroom_class_ids: tuple[int, ...] = ()
    ward_ids: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.school_id or ''}"


@dataclass(frozen=True)
class Actor:
    """Who asks. `system(...)` makes the actor of a job; its `person_id` is NOBODY, which no row has."""

    user_id: int | None
    person_id: int
    capacity: Capacity
    name: str = ""

    @property
    def kind(self) -> str:
        return self.capacity.kind

    @property
    def school_id(self) -> int:
        """The school of the capacity, or NOBODY, so that a rule on it selects nothing by default."""
        return self.capacity.school_id or NOBODY

    @property
    def capacity_key(self) -> str:
        return self.capacity.key


def system(name: str) -> Actor:
    """The actor of work that no person started (set-up, nightly jobs)."""
    return Actor(user_id=None, person_id=NOBODY, capacity=Capacity(kind=SYSTEM, label=name), name=name)
