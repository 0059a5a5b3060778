"""What the pages of the roster import are expected to answer: the administrator's alone."""

from tests.oracle.expectation import ADMIN, BOTH, POST, Expected, anything, of

# An import that has failed has no faults, changes or marked copy to show.
NOTHING_TO_SHOW = (404,)

ROSTER = {
    "roster_list": Expected(ADMIN),
    "roster_template": Expected(ADMIN),
    "roster_upload": Expected(ADMIN, methods=BOTH),
    "roster_import": Expected(ADMIN, anything, of("roster_import")),
    "roster_progress": Expected(ADMIN, anything, of("roster_import")),
    "roster_columns": Expected(ADMIN, anything, of("roster_import"), BOTH, early=NOTHING_TO_SHOW),
    "roster_faults": Expected(ADMIN, anything, of("roster_import"), early=NOTHING_TO_SHOW),
    "roster_changes": Expected(
        ADMIN,
        lambda oracle, pk, group, change: True,
        {"pk": "roster_import", "group": "roster_group", "change": "roster_change"},
        early=NOTHING_TO_SHOW,
    ),
    "roster_choose": Expected(ADMIN, anything, of("roster_import"), POST),
    "roster_confirm": Expected(ADMIN, anything, of("roster_import"), POST),
    "roster_abandon": Expected(ADMIN, anything, of("roster_import"), POST),
    "roster_marked": Expected(ADMIN, anything, of("roster_import"), early=NOTHING_TO_SHOW),
}
