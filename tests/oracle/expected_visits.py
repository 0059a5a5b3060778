"""What the pages of visitors, families and those who watch over the whole are expected to answer."""

from typing import Any

from tests.oracle.expectation import ANYBODY, BOTH, EVERYBODY, POST, Body, Expected, of
from tests.oracle.expected_care import CATEGORIES, WRITTEN_IN_CASES
from tests.oracle.oracle import BUREAU_TIERS, FAMILY, STAFF, Oracle

VISITORS = tuple(kind for kind in STAFF if kind != "administrator")
ANSWERING = ("principal", "cohort_lead", "teacher")
WATCHING = ("administrator", "director", "cadre", "principal", "cohort_lead")
TIERS = (*BUREAU_TIERS, "principal_teacher", FAMILY)
NAMES = frozenset({"person", "household", "tag"})


def _own(oracle: Oracle, pk: int) -> bool:
    return oracle.visits_in(oracle.world.appointments[pk])


def _own_to_record(oracle: Oracle, pk: int) -> bool:
    """Somebody else than oneself must be met in it."""
    duties = [oracle.world.duties[duty] for duty in oracle.world.appointments[pk].duties]
    return _own(oracle, pk) and any(oracle.may_answer(duty) for duty in duties)


def _brief(oracle: Oracle, pk: int) -> bool:
    """As long as it is about the work at hand."""
    duties = [oracle.world.duties[duty] for duty in oracle.world.appointments[pk].duties]
    return _own(oracle, pk) and any(oracle.at_hand(duty) for duty in duties)


def _visit(oracle: Oracle, pk: Any) -> bool:
    return oracle.sees_visit(oracle.world.visits[pk])


def _written(oracle: Oracle, pk: Any) -> bool:
    return oracle.wrote(oracle.world.visits[pk])


def _file(oracle: Oracle, pk: Any) -> bool:
    return oracle.sees_attachment(oracle.world.visits[oracle.world.visit_of_attachment[pk]])


def _own_file(oracle: Oracle, pk: Any) -> bool:
    return _file(oracle, pk) and oracle.wrote(oracle.world.visits[oracle.world.visit_of_attachment[pk]])


def _held(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_held(oracle.world.held[pk])


def _sent(oracle: Oracle, pk: int) -> bool:
    return oracle.sent(oracle.world.held[pk])


def _acceptable(oracle: Oracle, pk: int) -> bool:
    return oracle.may_accept(oracle.world.held[pk])


def _class_led(oracle: Oracle, pk: int) -> bool:
    return oracle.leads_class(pk)


def _pupil(oracle: Oracle, pk: int) -> bool:
    return oracle.leads_class(oracle.class_now(pk))


def _family_appointment(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_appointment(oracle.world.appointments[pk])


def _family_duty(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_duty(oracle.world.duties[pk])


def _own_child(oracle: Oracle, pk: int) -> bool:
    return pk in oracle.students


def _own_pupil(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    return chosen[0] in oracle.students


def _tier(oracle: Oracle, tier: str) -> bool:
    return tier in TIERS


def _tier_of_school(oracle: Oracle, tier: str, school: int) -> bool:
    return tier in TIERS and oracle.sees_school(school)


def _answerable(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    return oracle.may_answer(oracle.world.duties[chosen[0]])


_NEW = "=0b8e2a34-7d7a-4b6e-9d3c-1f2a3b4c5d6e"

VISITS = {
    "today": Expected(VISITORS),
    # Where cases stand that one reads, in few words.
    "brief": Expected(VISITORS, _brief, of("appointment"), hides=WRITTEN_IN_CASES),
    "arranged": Expected(VISITORS, _own, of("appointment"), POST),
    "moved": Expected(VISITORS, _own, of("appointment"), POST, body=(Body({"day": "=2026-11-30", "time": "=19:30"}),)),
    "missed": Expected(VISITORS, _own, of("appointment"), POST),
    "called_off": Expected(VISITORS, _own, of("appointment"), POST, also=(404,), body=(Body({"by": "=family"}),)),
    "declined": Expected(VISITORS, _own, of("appointment"), POST),
    # What a difficulty can be about is chosen from the table of the bureau.
    "record": Expected(VISITORS, _own_to_record, of("appointment"), BOTH, offers=CATEGORIES),
    "record_unplanned": Expected(
        VISITORS,
        methods=BOTH,
        query=(Body({"duty": "duty", "id": _NEW}),),
        body=(Body({"duty": "duty", "id": _NEW}, _answerable),),
        offers=CATEGORIES,
    ),
    "visit": Expected(VISITORS, _visit, of("visit")),
    "visit_edit": Expected(VISITORS, _written, of("visit"), BOTH, offers=CATEGORIES),
    "attachment": Expected(VISITORS, _file, of("attachment")),
    "attachment_add": Expected(VISITORS, _written, of("visit"), POST),
    "attachment_remove": Expected(VISITORS, _own_file, of("attachment"), POST),
    "held_list": Expected(("administrator", *VISITORS)),
    "held_item": Expected(VISITORS, _held, of("held")),
    "held_again": Expected(VISITORS, _sent, of("held"), POST),
    "held_dismiss": Expected(VISITORS, _sent, of("held"), POST),
    "held_merge": Expected(VISITORS, _sent, of("held"), POST),
    "held_correct": Expected(VISITORS, _sent, of("held"), POST),
    "held_accept": Expected(VISITORS, _acceptable, of("held"), POST),
    "held_leave": Expected(VISITORS, _acceptable, of("held"), POST),
    # Whoever has lost every post is told so little here, and may still send what the phone kept.
    "api:phone_hello": Expected(EVERYBODY, early=(200,)),
    "api:phone_bundle": Expected(VISITORS, hides=WRITTEN_IN_CASES, choices="categories"),
    "api:phone_visit": Expected(VISITORS, parameters={"item": "visit"}, methods=("PUT",)),
    "api:phone_outcome": Expected(VISITORS, parameters={"item": "visit"}, methods=("PUT",)),
    "api:phone_file": Expected(VISITORS, parameters={"visit": "visit", "item": "attachment"}, methods=("PUT",)),
    "my_class": Expected(ANSWERING),
    "class_tiles": Expected(ANSWERING, _class_led, of("class")),
    "student_sheet": Expected(ANSWERING, _pupil, of("person"), hides=WRITTEN_IN_CASES),
}
FAMILIES = {
    "family": Expected(("guardian",)),
    "family_appointment": Expected(
        ("guardian",),
        _family_appointment,
        of("appointment"),
        BOTH,
        also=(404,),
        body=(
            Body({"answer": "=agreed"}),
            Body({"answer": "=declined"}),
            Body({"answer": "=other_time", "time-shifts": "shift", "time-note": "=下周"}),
        ),
    ),
    "family_data": Expected(
        ("guardian",),
        methods=BOTH,
        body=(Body({"student": "person", "about": "=other", "wrong": "=甲", "right": "=乙"}, _own_pupil),),
    ),
    "family_file": Expected(("guardian",), _own_child, of("person")),
    "family_reopen": Expected(("guardian",), _family_duty, of("duty"), POST),
}
INSIGHT = {
    "overview": Expected(WATCHING, hides=NAMES),
    "overview_tier": Expected(("administrator", "director", "cadre"), _tier, {"tier": "tier"}, hides=NAMES),
    "overview_school": Expected(WATCHING, _tier_of_school, {"tier": "tier", "pk": "school"}, hides=NAMES),
    "unseen": Expected(
        (*WATCHING, "teacher"), query=(Body({"class": "class"}),), hides=frozenset({"household", "phone"})
    ),
}
CALENDAR = {
    "calendar_subscribe": Expected(EVERYBODY, methods=BOTH),
    # A calendar lives outside of the house: it names nobody.
    "calendar_feed": Expected(ANYBODY, parameters={"token": "calendar"}, early=(404,), hides=NAMES, bearer=True),
}
