"""Every address with what it is expected to answer, said apart from its gate."""

from tests.oracle.expectation import Expected
from tests.oracle.expected_campaigns import API, CAMPAIGNS, TIMETABLE
from tests.oracle.expected_care import CARE, SEALED, SIGNS
from tests.oracle.expected_notifications import NOTIFICATIONS
from tests.oracle.expected_people import HOME, PEOPLE
from tests.oracle.expected_questions import QUESTIONS
from tests.oracle.expected_roster import ROSTER
from tests.oracle.expected_visits import CALENDAR, FAMILIES, INSIGHT, VISITS

EXPECTED: dict[str, Expected] = {
    **HOME,
    **PEOPLE,
    **ROSTER,
    **CAMPAIGNS,
    **TIMETABLE,
    **API,
    **VISITS,
    **FAMILIES,
    **INSIGHT,
    **CALENDAR,
    **QUESTIONS,
    **NOTIFICATIONS,
    **CARE,
    **SEALED,
    **SIGNS,
}
