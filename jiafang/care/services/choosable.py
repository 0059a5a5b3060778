"""Whom somebody may choose on the page of a case: by the rules of each use case, and never more than it would take."""

from collections.abc import Collection
from dataclasses import dataclass

from jiafang.access import CHANGE, Actor, claim, reading, scope
from jiafang.care.entitled import LEVEL_OF_ROLE, roles_to_ask, roles_to_give, roles_to_send_down
from jiafang.care.models import CaseFile, Level, Role, SectionMember
from jiafang.care.scope import LEAD
from jiafang.care.seats import LEVELS, Seat, holders, place_of, shut_out
from jiafang.care.services.askable import askable, guardians
from jiafang.care.services.assign import sets_another_day
from jiafang.common.clock import today
from jiafang.organization.models import Person, holding


@dataclass(frozen=True, slots=True)
class Choosable:
    """A person in a role."""

    role: str
    person_id: int
    name: str


@dataclass(frozen=True, slots=True)
class People:
    """To whom it may be given on, sent down, shown or referred; who may be asked whether it is solved.

    Whoever leads may give it to its owner too, who comes last: that is another day, and nothing else.
    """

    to_give: tuple[Choosable, ...] = ()
    to_send_down: tuple[Choosable, ...] = ()
    to_ask: tuple[Choosable, ...] = ()
    confirmers: tuple[tuple[int, str], ...] = ()
    guardians: tuple[tuple[int, str], ...] = ()


def people_to_choose(*, by: Actor, case: CaseFile) -> People:
    """By the owner and whoever leads; the claim is that of giving it away, and ends with the look."""
    with reading(by):
        purpose = next((one for one in (CHANGE, LEAD) if scope(by, CaseFile, one).filter(pk=case.pk).exists()), None)
        if purpose is None:
            return People()
        claim(by, case, purpose)
        give, ask, down = roles_to_give(by, case), roles_to_ask(case), _below(case)
        place, shut = place_of(case), {*shut_out(case.person_id), case.owner_id}
        seats = {role: holders(role, place) for role in Role if role in give | ask | down}
        every_section = _heads_of_sections() if Role.SECTION in down else []
        confirmers, parents = askable(case), guardians(case)
        found = [seat for of_role in seats.values() for seat in of_role] + every_section
        people = {seat.person_id for seat in found} | {*confirmers, *parents}
        names = dict(Person.unscoped.filter(pk__in=people).values_list("pk", "name"))

        def chosen(wanted: Collection[Seat]) -> tuple[Choosable, ...]:
            once = {(seat.role, seat.person_id): None for seat in wanted if seat.person_id not in shut}
            return tuple(Choosable(role, person_id, names[person_id]) for role, person_id in once)

        def of(roles: Collection[Role]) -> list[Seat]:
            return [seat for role in seats if role in roles for seat in seats[role]]

        return People(
            to_give=chosen(of(give)) + (_owner(case) if sets_another_day(by, case) else ()),
            to_send_down=chosen([*of(down - {Role.SECTION}), *every_section]),
            to_ask=chosen([seat for seat in of(ask) if seat.person_id != by.person_id]),
            confirmers=tuple((pk, names[pk]) for pk in confirmers),
            guardians=tuple((pk, names[pk]) for pk in parents),
        )


def _owner(case: CaseFile) -> tuple[Choosable, ...]:
    return (Choosable(case.owner_role, case.owner_id, case.owner.name),)


def _below(case: CaseFile) -> frozenset[Role]:
    """Roles whose own level is below the one on which the case is."""
    level = LEVELS.index(Level(case.level))
    return frozenset(role for role in roles_to_send_down(case) if LEVELS.index(LEVEL_OF_ROLE[role]) < level)


def _heads_of_sections() -> list[Seat]:
    """From the director it may go to any section of the bureau."""
    sections = SectionMember.unscoped.filter(holding(today()), head=True, section__active=True).order_by(
        "section__name"
    )
    heads = list(sections.values_list("person_id", flat=True))
    return [Seat(person_id, Role.SECTION, "cadre") for person_id in heads]
