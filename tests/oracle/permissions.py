"""Who may do what, said a second time from the design."""

from tests.oracle.oracle import PLANNERS, STAFF

LEADERS = ("administrator", "director", "principal")
OFFICE = ("administrator", "principal")

HOLDERS: dict[str, tuple[str, ...]] = {
    "accounts.open": OFFICE,
    "administration.entrust": (),
    "appointment.confirm": STAFF,
    "appointment.move": (*PLANNERS, "teacher"),
    "availability.family": (*PLANNERS, "teacher", "guardian"),
    "availability.own": STAFF,
    "campaign.create": LEADERS,
    "campaign.focus": PLANNERS,
    "campaign.launch": LEADERS,
    "campaign.plan": PLANNERS,
    "campaign.publish": LEADERS,
    "correction.answer": (*OFFICE, "teacher"),
    "correction.ask": ("guardian",),
    "people.erase": ("administrator",),
    "people.correct": OFFICE,
    "people.find": STAFF,
    "questions.manage": LEADERS,
    "retention.purge": (),
    "retention.watch": ("administrator",),
    "roster.import": ("administrator",),
    "student.move": OFFICE,
    "units.correct": ("administrator",),
    "visit.record": tuple(kind for kind in STAFF if kind != "administrator"),
}
