"""Who may do what, said a second time from the design."""

from tests.oracle.oracle import PLANNERS, STAFF

INNER = tuple(kind for kind in STAFF if kind != "administrator")
READING = (*INNER, "guardian")
ALL = (*STAFF, "guardian", "community_partner")
LEADERS = ("administrator", "director", "principal")
OFFICE = ("administrator", "principal")

HOLDERS: dict[str, tuple[str, ...]] = {
    "accounts.open": OFFICE,
    "administration.entrust": (),
    "appointment.confirm": STAFF,
    "appointment.move": (*PLANNERS, "teacher"),
    "availability.family": (*PLANNERS, "teacher", "guardian"),
    "availability.own": STAFF,
    "case.categories": ("administrator", "director"),
    "case.close_silent": (),
    "case.confirm": READING,
    "case.escalate": (),
    "case.follow": (),
    "case.lead": ("principal", "cadre", "director"),
    "case.raise": READING,
    "case.read": READING,
    "case.work": INNER,
    "campaign.create": LEADERS,
    "campaign.focus": PLANNERS,
    "campaign.launch": LEADERS,
    "campaign.plan": PLANNERS,
    "campaign.publish": LEADERS,
    "correction.answer": (*OFFICE, "teacher"),
    "correction.ask": ("guardian",),
    "guardianship.restore": ("administrator",),
    "people.erase": ("administrator",),
    "people.correct": OFFICE,
    "people.find": STAFF,
    "questions.manage": LEADERS,
    "progress.track": ("principal", "cohort_lead", "teacher", "counselor"),
    "resource.edit": OFFICE,
    "resource.read": ALL,
    "retention.purge": (),
    "retention.watch": ("administrator",),
    "roster.import": ("administrator",),
    "sealed.name": ("principal", "director"),
    "sealed.report": ALL,
    "sign.decide": ("teacher",),
    "sign.find": (),
    "sign.rules": ("administrator", "director"),
    "student.move": OFFICE,
    "units.correct": ("administrator",),
    "visit.record": tuple(kind for kind in STAFF if kind != "administrator"),
}
