"""What the pages of cases, sealed reports, resources and early signs are expected to answer."""

from tests.oracle.care import INNER_KINDS, READING_KINDS
from tests.oracle.expectation import BOTH, EVERYBODY, POST, Body, Expected, anything, of
from tests.oracle.oracle import Oracle

KEEPERS = ("administrator", "director")
EDITORS = ("administrator", "principal")
NAMING = ("principal", "director")
TRACKING = ("principal", "cohort_lead", "teacher", "counselor")
LEADING = ("principal", "cohort_lead", "teacher")
# What is written in cases is on no list, in no count and in no brief.
WRITTEN_IN_CASES = frozenset({"case", "case_action", "case_step", "case_message", "referral"})
TEXTS = WRITTEN_IN_CASES | {"progress", "sealed", "id_number", "phone"}
CATEGORIES = frozenset({"case_category"})


def _read(oracle: Oracle, pk: int) -> bool:
    return oracle.reads_case(pk)


def _worked(oracle: Oracle, pk: int) -> bool:
    return oracle.works_on(pk)


def _dismisses(oracle: Oracle, pk: int) -> bool:
    """Owners, and those who lead where it is, end what they opened by naming somebody."""
    row = oracle.world.tables["care.casereader"][pk]
    case = row["case_id"]
    named = row["why"] == "named" and row["until"] is None
    return named and (oracle.owns_case(case) or oracle.leads_case_where_it_is(case))


def _asked(oracle: Oracle, pk: int) -> bool:
    return oracle.asked(pk)


def _asked_it(oracle: Oracle, pk: int) -> bool:
    row = oracle.world.tables["care.referral"][pk]
    return row["asked_by_id"] == oracle.me and oracle.works_on(row["case_id"])


def _sealed(oracle: Oracle, pk: int) -> bool:
    return oracle.reads_sealed(pk)


def _sign(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_sign(pk)


def _tracked(oracle: Oracle, pk: int) -> bool:
    return oracle.leads_class(oracle.class_now(pk)) and oracle.tracks(pk)


def _standing(oracle: Oracle, pk: int) -> bool:
    row = oracle.world.tables["care.standingsealedreader"][pk]
    return row["school_id"] == {"principal": oracle.school, "director": None}.get(oracle.kind, 0)


def _own_filter(oracle: Oracle, pk: int) -> bool:
    return oracle.world.tables["care.savedfilter"][pk]["person_id"] == oracle.me


def _resource(oracle: Oracle, pk: int) -> bool:
    """The bureau's are the administrator's, a school's the principal's."""
    one, two = oracle.world.schools["one"], oracle.world.schools["two"]
    district, of_one, of_two = oracle.world.others["resource"]
    if oracle.kind == "administrator":
        return pk == district
    return pk == {one: of_one, two: of_two}.get(oracle.school or 0)


def _verb(*kinds: str) -> Expected:
    """A verb of which the page does not say whether it may be done: out of reach it is missing, else it may be."""
    return Expected(kinds, _read, of("case"), POST, also=(404,))


CARE = {
    "case_board": Expected(READING_KINDS, hides=TEXTS, offers=CATEGORIES),
    # Where nothing was chosen the board stands there again.
    "case_bulk": Expected(
        INNER_KINDS, methods=POST, body=(Body({"case": "case", "do": "=remind"}),), hides=TEXTS, offers=CATEGORIES
    ),
    "case_filter_keep": Expected(INNER_KINDS, methods=POST),
    "case_filter_forget": Expected(INNER_KINDS, _own_filter, of("saved_filter"), POST),
    "case_overview": Expected(("director", "cadre", "principal"), hides=TEXTS, offers=CATEGORIES),
    "case_raise": Expected(
        READING_KINDS,
        methods=BOTH,
        also=(404, 409),
        query=(
            Body({"person": "person"}),
            Body({"person": "person", "sign": "sign"}),
            Body({"school": "school"}),
            Body({"self": "=1"}),
        ),
    ),
    "own_cases": Expected(("guardian", "cadre", *TRACKING), hides=TEXTS - {"case"}),
    "case": Expected(READING_KINDS, _read, of("case")),
    "case_say": Expected(READING_KINDS, _read, of("case"), POST),
    "case_read": Expected(READING_KINDS, _read, of("case"), POST),
    "case_confirm": _verb(*READING_KINDS),
    "case_deny": _verb(*READING_KINDS),
    "case_reopen": _verb(*READING_KINDS),
    "case_withdraw": _verb(*READING_KINDS),
    "case_consent": _verb(*INNER_KINDS),
    "case_act": _verb(*INNER_KINDS),
    "case_propose": _verb(*INNER_KINDS),
    "case_confirm_orally": _verb(*INNER_KINDS),
    "case_assign": _verb(*INNER_KINDS),
    "case_take_back": _verb(*INNER_KINDS),
    "case_hand_over": _verb(*INNER_KINDS),
    "case_refer": _verb(*INNER_KINDS),
    "case_send_up": _verb(*INNER_KINDS),
    "case_send_down": _verb(*INNER_KINDS),
    "case_merge": _verb(*INNER_KINDS),
    "case_name_reader": _verb(*INNER_KINDS),
    "case_reader_dismiss": Expected(INNER_KINDS, _dismisses, of("case_reader"), POST),
    "referral": Expected(INNER_KINDS, _asked, of("referral")),
    "referral_answer": Expected(INNER_KINDS, _asked, of("referral"), POST),
    "referral_return": Expected(INNER_KINDS, _asked, of("referral"), POST),
    "referral_take_back": Expected(INNER_KINDS, _asked_it, of("referral"), POST),
    "case_tick": Expected(INNER_KINDS, _worked, of("case"), POST),
    "case_tier": Expected(INNER_KINDS, _worked, of("case"), POST),
    "case_measure": Expected(INNER_KINDS, _worked, of("case"), POST),
    "case_track": Expected(TRACKING, _worked, of("case"), POST),
    "student_track": Expected(LEADING, _tracked, of("person"), POST),
    "case_timeline": Expected(READING_KINDS, _read, of("case")),
    "case_plan_pdf": Expected(READING_KINDS, _read, of("case")),
    "resources": Expected(EVERYBODY),
    "resource_new": Expected(EDITORS, methods=BOTH),
    "resource_edit": Expected(EDITORS, _resource, of("resource"), BOTH),
    "care_tables": Expected(KEEPERS, offers=CATEGORIES),
    "care_category_new": Expected(KEEPERS, methods=BOTH),
    "care_category": Expected(KEEPERS, parameters=of("case_category"), methods=BOTH, reach=anything),
    "care_section_new": Expected(KEEPERS, methods=BOTH),
    "care_section": Expected(KEEPERS, parameters=of("section"), methods=BOTH, reach=anything),
    "care_member_add": Expected(KEEPERS, parameters=of("section"), methods=POST, reach=anything),
    "care_member_end": Expected(KEEPERS, parameters=of("section_member"), methods=POST, reach=anything),
}


SEALED = {
    "mandatory_report": Expected(EVERYBODY, methods=BOTH, hides=frozenset({"sealed"})),
    "sealed_report": Expected(EVERYBODY, _sealed, of("sealed_report"), BOTH),
    "sealed_reader": Expected(NAMING, _sealed, of("sealed_report"), POST),
    "sealed_standing": Expected(NAMING, methods=BOTH, hides=frozenset({"sealed"})),
    "sealed_standing_end": Expected(NAMING, _standing, of("standing_reader"), POST),
}
SIGNS = {
    "early_signs": Expected(("teacher",)),
    "sign_decide": Expected(("teacher",), _sign, of("sign"), POST),
    "sign_rules": Expected(KEEPERS),
    "sign_rule": Expected(KEEPERS, parameters=of("sign_rule"), methods=BOTH, reach=anything),
}
