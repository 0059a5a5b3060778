"""What the database itself must let each subject read, change and claim, said from the facts; and where it differs.

It must let through every row that some rule of the registry lets through, and beyond that only what `Wider` says.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from psycopg import sql

from jiafang.access import reading, system
from tests.fence import OPEN_TO_READ, as_in_production
from tests.oracle.care import READING_KINDS
from tests.oracle.facts import World
from tests.oracle.oracle import Oracle
from tests.oracle.reaching import Reach, reaches
from tests.oracle.rows import LINKS, RECORD, VIEW, Pks

# Who is named in a visible row may be read with it: pages say who comes, who is met, who wrote.
NAMING = (
    ("campaigns.duty", "person_id"),
    ("campaigns.visitgroup", "lead_id"),
    ("campaigns.visitgroup_co_visitors", "person_id"),
    ("campaigns.appointment_visitors", "person_id"),
    ("campaigns.planrun", "requested_by_id"),
    ("campaigns.campaign", "created_by_id"),
    ("organization.pairing", "cadre_id"),
    ("visits.visit", "recorded_by_id"),
    ("visits.visit_visitors", "person_id"),
    ("visits.participant", "person_id"),
    ("visits.visitrevision", "saved_by_id"),
    ("visits.helditem", "person_id"),
    ("accounts.auditentry", "person_id"),
    ("care.casefile", "person_id"),
    ("care.casefile", "raised_by_id"),
    ("care.casefile", "confirmer_id"),
    ("care.casefile", "owner_id"),
    ("care.casereader", "person_id"),
    ("care.caseaction", "by_id"),
    ("care.casestep", "by_id"),
    ("care.casestep", "from_owner_id"),
    ("care.casestep", "to_owner_id"),
    ("care.message", "author_id"),
    ("care.referral", "asked_by_id"),
    ("care.referral", "to_person_id"),
    ("care.referral", "about_id"),
    ("care.mandatoryreport", "reported_by_id"),
    ("care.sealedreader", "person_id"),
    ("care.reportaddition", "by_id"),
)
# Everybody adds to the trace that they leave; nobody, the machine neither, changes or removes any of it.
ONLY_ADDED_TO = "accounts_auditentry"
UNITS = ("organization.school", "organization.gradecohort", "organization.schoolclass")


class Wider:
    """The rows of one subject behind the second fence."""

    def __init__(self, reach: Reach) -> None:
        self.reach, self.world, self.rows = reach, reach.world, reach.rows
        self.kind = reach.subject.kind

    def readable(self, label: str) -> Pks:
        if label in LINKS:
            parent, column = LINKS[label]
            parents = self.readable(parent)
            return self.rows._where(label, lambda row: row[column] in parents)
        more: Callable[[], Pks] | None = getattr(self, "_" + label.partition(".")[2], None)
        return self.reach.readable(label) | (more() if more else set()) | (self._no_secret(label))

    def _no_secret(self, label: str) -> Pks:
        """Where a school is, what its classes are called, where help is found: anybody who has come in may know."""
        return set(self.world.tables[label]) if label in (*UNITS, *OPEN_TO_READ) else set()

    def _visitgroup(self) -> Pks:
        """Who comes is known to those who are visited."""
        named = [
            self.world.tables[label][pk]["group_id"]
            for label in ("campaigns.duty", "campaigns.appointment")
            for pk in self.reach.readable(label)
        ]
        return {group for group in named if group}

    def _person(self) -> Pks:
        return self._named

    @cached_property
    def _named(self) -> Pks:
        tables = self.world.tables
        people = {tables[label][pk][column] for label, column in NAMING for pk in self.readable(label)}
        met = {self.world.duties[duty].person for pk in self.readable("visits.visit") for duty in self._duties(pk)}
        near = self.rows._met if self.kind != "administrator" else set()
        guardians = {g.guardian for g in self.world.guardianships if g.student in near and not g.revoked}
        return (people | met | near | self.rows._mates(near) | guardians) - {None}

    def _duties(self, visit: Any) -> frozenset[int]:
        return self.world.visits[visit].duties

    def _participant(self) -> Pks:
        return self._of_visits("visits.participant")

    def _visitrevision(self) -> Pks:
        """Earlier revisions are shown to those who read records; whoever else records may read the own ones."""
        rows = self.world.tables["visits.visitrevision"]
        found = self._of_visits("visits.visitrevision")
        return {pk for pk in found if self.rows._every_part(rows[pk]["visit_id"])}

    def _of_visits(self, label: str) -> Pks:
        """Whoever reads a record may read all of it."""
        visits = self.readable("visits.visit")
        return self.rows._where(label, lambda row: row["visit_id"] in visits)

    def _campaign(self) -> Pks:
        """A family reads of a campaign that has begun, of which pages tell it once it is published.

        Whoever comes along from elsewhere, or has left the school since, reads what it is that they record for.
        """
        recorded_for = {self.world.duties[pk].campaign for pk in self.rows.duty(RECORD)}
        return self.reach.oracle.begun_for_wards | recorded_for

    def _shift(self) -> Pks:
        return {pk for pk, campaign in self.world.campaign_of_shift.items() if campaign in self._campaign()}

    def _roadtable(self) -> Pks:
        return {pk for pk, campaign in self.world.campaign_of_roads.items() if campaign in self._campaign()}

    def _grant(self) -> Pks:
        return self.rows._where("access.grant", lambda row: row["person_id"] == self.rows.me)

    def _household(self) -> Pks:
        """The household of those who are to be met."""
        return self.rows._homes(self.rows._met)


def read_faults(world: World, model: type[Model]) -> Iterator[str]:
    """Where the database shows a subject more or less than it should; to nobody it shows nothing."""
    label, everybody = model._meta.label_lower, reaches(world)
    actors = [reach.actor for reach in everybody]
    with as_in_production(), transaction.atomic():
        if _pks(model):
            yield f"nobody sees rows of {label}"
        for reach, actor in zip(everybody, actors, strict=True):
            wanted = Wider(reach).readable(label)
            with reading(actor):
                got = world.of_this_world(label, _pks(model))
            if got != wanted:
                beyond, kept_back = sorted(got - wanted, key=str), sorted(wanted - got, key=str)
                yield f"{reach.subject} sees of {label} beyond: {beyond}, lacks: {kept_back}"


def _pks(model: type[Model]) -> list[Any]:
    # Past the guard of the tests, which tells a page that it forgot to say who acts.
    with connection.connection.cursor() as cursor:
        cursor.execute(f'SELECT "{model._meta.pk.column}" FROM "{model._meta.db_table}"')  # own names
        return [pk for (pk,) in cursor.fetchall()]


class _Undone(Exception):
    """Takes back what a statement did; whether it did anything."""


def write_faults(world: World, model: type[Model]) -> Iterator[str]:
    """Whether somebody can change, remove or add a row without a claim."""
    table, everybody = model._meta.db_table, reaches(world)
    actors = [reach.actor for reach in everybody]
    with as_in_production(), transaction.atomic():
        for reach, actor in zip(everybody, actors, strict=True):
            for does, statement in _attempts(model).items():
                if _goes_through(actor, statement) != (table == ONLY_ADDED_TO and does == "adds"):
                    yield f"{reach.subject} {does} rows of {table} without a claim, or may not leave a trace"


def machine_faults(world: World, model: type[Model]) -> Iterator[str]:
    """Whether the machine itself, as which a use case works after a claim, is kept from anything."""
    table, every = model._meta.db_table, len(world.tables[model._meta.label_lower])
    with as_in_production(), transaction.atomic():
        with reading(system("oracle")):
            if len(world.of_this_world(model._meta.label_lower, _pks(model))) != every:
                yield f"the machine does not see every row of {table}"
        for does, statement in _attempts(model).items():
            if _goes_through(system("oracle"), statement) == (table == ONLY_ADDED_TO and does != "adds"):
                yield f"the machine never {does} rows of {table}, or changes a trace"


def owner_faults(world: World, model: type[Model], owner: psycopg.Connection[Any]) -> Iterator[str]:
    """Whether the owner of the tables, as whom the rules themselves and backups read, is kept from anything."""
    table = model._meta.db_table
    try:
        with owner.transaction():
            changed = owner.execute(_attempts(model)["changes"].encode()).rowcount
        if changed == 0 and world.tables[model._meta.label_lower]:
            yield f"the owner cannot change rows of {table}"
    except psycopg.errors.NotNullViolation:
        pass  # behind every policy
    row = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    if row is None or row[0] < len(world.tables[model._meta.label_lower]):
        yield f"the owner does not see every row of {table}"


def _attempts(model: type[Model]) -> dict[str, str]:
    table, key = model._meta.db_table, model._meta.pk.column
    return {
        "changes": f'UPDATE "{table}" SET "{key}" = NULL',  # own names
        "removes": f'DELETE FROM "{table}"',  # own names
        "adds": f'INSERT INTO "{table}" DEFAULT VALUES',  # own names
    }


def _goes_through(actor: Any, statement: str) -> bool:
    """Whether a statement touches rows; refused by a policy it does not, refused by anything behind it, it would."""
    try:
        with reading(actor), connection.cursor() as cursor:
            cursor.execute(statement)
            raise _Undone(cursor.rowcount != 0)
    except _Undone as undone:
        return bool(undone.args[0])
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", "") != "42501"


def claims() -> list[tuple[str, str]]:
    """Every purpose and table for which the database can be asked to agree."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'fence'::regnamespace AND proname LIKE 'may\\_%'"
        )
        names = sorted(name.split("_", 2)[1:] for (name,) in cursor.fetchall())
    return [(purpose, table) for purpose, table in names]


def claimable(reach: Reach, purpose: str, table: str) -> Pks | None:
    """The rows that the subject may claim for a purpose; None where the oracle has not been told."""
    oracle, rows, world, kind = reach.oracle, reach.rows, reach.world, reach.subject.kind
    label = table.replace("_", ".", 1)
    every = set(world.tables[label])
    if purpose == "change":
        same = {"organization.person", "organization.household", "organization.guardianship", "organization.pairing"}
        same |= {"organization.school", "organization.rosterimport", "campaigns.campaign", "campaigns.appointment"}
        same |= {"campaigns.trip", "visits.visit", "organization.correctionrequest", "visits.questionset"}
        same |= {"visits.helditem", "notifications.notification", "care.casefile", "care.sectionmember"}
        same |= {"insight.sign"}
        if label == "campaigns.planrun":
            return rows.within(label, VIEW)
        if label in OPEN_TO_READ:
            return rows._where(label, lambda row: _keeps(oracle, label, row))
        if label == "organization.schoolclass":
            return rows.within(label, VIEW) if kind in ("administrator", "principal") else set()
        return rows.within(label, "change") if label in same else None
    said: dict[tuple[str, str], Callable[[Any], bool]] = {
        ("ask", "organization.person"): lambda pk: kind == "guardian" and pk in oracle.students,
        ("open", "organization.school"): lambda pk: (
            kind in ("administrator", "director") or (kind == "principal" and pk == oracle.school)
        ),
        ("ask", "organization.school"): lambda pk: kind == "principal" and pk == oracle.school,
        ("visit", "campaigns.campaign"): lambda pk: (
            kind != "guardian"
            and any(
                group.campaign == pk and oracle.me in {group.lead, *group.others} for group in world.groups.values()
            )
        ),
        ("handle", "campaigns.appointment"): lambda pk: (
            rows._changes(world.appointments[pk])
            or (
                kind != "guardian"
                and world.appointments[pk].published
                and oracle.works_for(world.appointments[pk].campaign)
                and oracle.me in {world.groups[world.appointments[pk].group].lead, *world.appointments[pk].visitors}
            )
        ),
        ("record", "campaigns.appointment"): lambda pk: oracle.visits_in(world.appointments[pk]),
        ("answer", "campaigns.appointment"): lambda pk: (
            kind == "guardian" and oracle.sees_appointment(world.appointments[pk])
        ),
        ("record", "campaigns.duty"): lambda pk: rows._answers(world.duties[pk]),
        ("accept", "visits.helditem"): lambda pk: oracle.may_accept(world.held[pk]),
        ("send", "organization.person"): lambda pk: oracle.records and pk == oracle.me,
        ("raise", "organization.person"): lambda pk: (
            (
                pk in oracle.students
                if kind == "guardian"
                else (pk in oracle.staff if kind in ("cadre", "director", "principal") else pk == oracle.me)
                or (kind in ("principal", "cohort_lead", "teacher") and pk in oracle.students)
            )
            and kind in READING_KINDS
        ),
        ("raise", "organization.school"): lambda pk: (
            kind == "director" or (kind == "principal" and pk == oracle.school) or pk in oracle.paired
        ),
        ("view", "care.casefile"): oracle.reads_case,
        ("confirm", "care.casefile"): oracle.confirms_case,
        ("lead", "care.casefile"): oracle.leads_case,
        ("work", "care.casefile"): oracle.works_on,
        ("answer", "care.referral"): oracle.asked,
        ("track", "organization.person"): oracle.tracks,
        ("keep", "organization.person"): lambda pk: bool(kind) and pk == oracle.me,
        ("keep", "organization.school"): lambda pk: kind == "principal" and pk == oracle.school,
        ("report", "organization.person"): lambda pk: bool(kind) and pk == oracle.me,
        ("view", "care.mandatoryreport"): oracle.reads_sealed,
        ("name", "organization.school"): lambda pk: kind == "principal" and pk == oracle.school,
        ("arrange", "campaigns.duty"): lambda pk: oracle.sees_duty(world.duties[pk]) or rows._answers(world.duties[pk]),
    }
    holds = said.get((purpose, label))
    return {pk for pk in every if holds(pk)} if holds else None


def _keeps(oracle: Oracle, label: str, row: dict[str, Any]) -> bool:
    """The bureau keeps the lists; what a school adds to where help is found, its principal."""
    if label != "care.resource":
        return oracle.kind in ("administrator", "director")
    if oracle.kind == "principal":
        return row["school_id"] == oracle.school
    return oracle.kind == "administrator" and row["school_id"] is None


def claim_faults(world: World, purpose: str, table: str) -> Iterator[str]:
    """Where the database agrees to a claim that the oracle does not, or refuses one that it should agree to."""
    everybody = reaches(world)
    actors = [reach.actor for reach in everybody]
    label = table.replace("_", ".", 1)
    with as_in_production(), transaction.atomic():
        for reach, actor in zip(everybody, actors, strict=True):
            wanted = claimable(reach, purpose, table)
            if wanted is None:
                yield f"say in tests/oracle/second_fence.py who may {purpose} {table}"
                return
            got = {pk for pk in world.tables[label] if _agreed(actor, purpose, table, [pk])}
            if got != wanted:
                beyond, kept_back = sorted(got - wanted, key=str), sorted(wanted - got, key=str)
                yield f"{reach.subject} may {purpose} of {table} beyond: {beyond}, may not: {kept_back}"
            beyond_reach = set(world.tables[label]) - wanted
            if wanted and beyond_reach and _agreed(actor, purpose, table, [min(wanted), min(beyond_reach)]):
                yield f"{reach.subject} may {purpose} of {table} a row beyond reach beside one within"


def _agreed(actor: Any, purpose: str, table: str, pks: list[Any]) -> bool:
    with reading(actor), connection.cursor() as cursor:
        cursor.execute("SELECT fence.claim(%s, %s, %s)", [purpose, table, [str(pk) for pk in pks]])
        return bool(cursor.fetchone()[0])
