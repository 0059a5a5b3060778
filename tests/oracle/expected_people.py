"""What the pages of the house, of people and of units are expected to answer."""

from typing import Any

from tests.oracle.expectation import ADMIN, ANYBODY, BOTH, EVERYBODY, POST, Body, Expected, anything, of
from tests.oracle.oracle import STAFF, Oracle

LEADS = ("administrator", "principal")
CORRECTING = (*LEADS, "teacher")
CLASS_READERS = ("administrator", "director", "cadre", "principal", "cohort_lead", "teacher")


def _person(oracle: Oracle, pk: int) -> bool:
    return pk in oracle.people


def _openings(oracle: Oracle, pk: int) -> bool:
    """Who opened whose file: one's own, an own child's that goes to school, for the administrator anybody's."""
    own_child = oracle.kind == "guardian" and pk in oracle.students
    return pk == oracle.me or own_child or oracle.kind == "administrator"


def _correctable(oracle: Oracle, pk: int) -> bool:
    return oracle.may_correct(pk)


def _with_household(oracle: Oracle, pk: int) -> bool:
    """Somebody enrolled today: households hang on the children."""
    lives = pk in oracle.world.household_of
    return oracle.may_correct(pk) and lives and (oracle.kind == "administrator" or pk in oracle.students)


def _guardianship(oracle: Oracle, pk: int) -> bool:
    link = next(g for g in oracle.world.guardianships if g.pk == pk)
    return not link.revoked and (oracle.kind == "administrator" or link.student in oracle.students)


def _revoked(oracle: Oracle, pk: int) -> bool:
    return next(g for g in oracle.world.guardianships if g.pk == pk).revoked


def _correction(oracle: Oracle, pk: int) -> bool:
    return oracle.answers_correction(oracle.world.corrections[pk])


def _pairing(oracle: Oracle, pk: int) -> bool:
    return not next(p for p in oracle.world.pairings if p.pk == pk).ended


def _school(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_school(pk)


def _class(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_class(pk)


def _into_own_class(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    return oracle.sees_class(chosen[0])


def _of_that_school(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    """A homeroom teacher is chosen among the staff of the school of the class."""
    school = oracle.world.school_of_class[objects[0]]
    return any(p.person == chosen[0] and p.school == school and not p.ended for p in oracle.world.posts)


def _of_the_bureau(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    kinds = ("cadre", "director")
    return any(p.person == chosen[0] and p.kind in kinds and not p.ended for p in oracle.world.posts)


HOME = {
    "home": Expected(ANYBODY),
    "alive": Expected(ANYBODY),
    "phone": Expected(ANYBODY),
    "phone_manifest": Expected(ANYBODY),
    "phone_worker": Expected(ANYBODY),
    "account_login": Expected(ANYBODY, methods=BOTH),
    "account_logout": Expected(ANYBODY, methods=BOTH),
    "account_change_password": Expected(ANYBODY, methods=BOTH),
    "account_inactive": Expected(ANYBODY),
    "account_signup": Expected(ANYBODY, methods=BOTH, early=(403, 429)),
    "account_activate": Expected(ANYBODY, methods=BOTH),
    "account_confirm": Expected(EVERYBODY, methods=BOTH),
    "account_confirm_passkey_options": Expected(EVERYBODY, methods=POST),
    "mfa_authenticate": Expected(ANYBODY, methods=BOTH),
    "second_factor": Expected(EVERYBODY),
    "second_factor_app": Expected(EVERYBODY, methods=BOTH),
    "second_factor_passkey": Expected(EVERYBODY, methods=BOTH),
    "second_factor_passkey_options": Expected(EVERYBODY, methods=POST),
    "second_factor_paper": Expected(EVERYBODY, methods=POST),
    # Numbers of another account find nothing there, and are answered like one's own.
    "second_factor_remove": Expected(EVERYBODY, anything, {"factor_id": "person"}, POST),
    "device_list": Expected(EVERYBODY),
    "device_end": Expected(EVERYBODY, anything, {"device_id": "person"}, POST),
    "device_end_others": Expected(EVERYBODY, methods=POST),
    "switch_capacity": Expected(EVERYBODY, methods=POST),
    "switch_language": Expected(ANYBODY, methods=POST),
    "look": Expected(ADMIN),
    "look_job": Expected(ADMIN),
    "look_check": Expected(ADMIN),
    "look_save": Expected(ADMIN, methods=POST),
    "look_move": Expected(ADMIN, methods=POST),
}
PEOPLE = {
    "opened": Expected(EVERYBODY, _openings, of("person")),
    "people_list": Expected(STAFF),
    "person": Expected(STAFF, _person, of("person")),
    "person_edit": Expected(LEADS, _correctable, of("person"), BOTH),
    "household_edit": Expected(LEADS, _with_household, of("person"), BOTH),
    "person_move": Expected(
        LEADS,
        _correctable,
        of("person"),
        BOTH,
        body=(Body({"to": "class", "on": "=today"}, _into_own_class),),
    ),
    "person_account_open": Expected(LEADS, _correctable, of("person"), POST),
    "person_account_close": Expected(LEADS, _correctable, of("person"), POST, also=(404,)),
    "person_account_reset": Expected(LEADS, _correctable, of("person"), POST, also=(404,)),
    "guardianship_restore": Expected(ADMIN, _revoked, of("guardianship"), POST),
    "guardianship_revoke": Expected(LEADS, _guardianship, of("guardianship"), POST),
    "school_list": Expected(STAFF),
    "school": Expected(STAFF, _school, of("school")),
    "school_edit": Expected(ADMIN, anything, of("school"), BOTH),
    "school_pair": Expected(ADMIN, anything, of("school"), POST, body=(Body({"cadre": "person"}, _of_the_bureau),)),
    "school_accounts_open": Expected(LEADS, _school, of("school"), POST),
    "pairing_end": Expected(ADMIN, _pairing, of("pairing"), POST),
    "class": Expected(CLASS_READERS, _class, of("class")),
    "class_homeroom": Expected(
        LEADS,
        _class,
        of("class"),
        BOTH,
        body=(Body({"teacher": "person", "on": "=today"}, _of_that_school),),
    ),
    "correction_list": Expected(CORRECTING),
    "correction_answer": Expected(
        CORRECTING, _correction, of("correction"), POST, body=(Body({"decision": "=accept", "answer": "=好"}),)
    ),
    "retention": Expected(ADMIN),
    "pairing_list": Expected(ADMIN, methods=BOTH),
    "village_list": Expected(ADMIN),
    "village_edit": Expected(ADMIN, anything, of("village"), BOTH),
}
