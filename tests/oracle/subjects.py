"""Who asks: every capacity, and people who have lost theirs."""

from tests.oracle.oracle import Subject

SUBJECTS = [
    Subject("administrator", "administrator"),
    Subject("director", "director"),
    Subject("cadre one", "cadre"),
    Subject("cadre two", "cadre"),
    Subject("principal one", "principal", "one"),
    Subject("principal two", "principal", "two"),
    Subject("moral deputy", "principal", "one"),
    Subject("lead k1", "cohort_lead", "one"),
    Subject("lead k1", "teacher", "one"),
    Subject("homeroom 1a", "teacher", "one"),
    Subject("homeroom 1a", "guardian"),
    Subject("homeroom 1b", "teacher", "one"),
    Subject("homeroom 1b", "guardian"),
    Subject("subject", "teacher", "one"),
    Subject("subject two", "teacher", "two"),
    Subject("moved away", "teacher", "two"),
    Subject("homeroom 3b", "teacher", "two"),
    Subject("counselor", "counselor", "one"),
    Subject("counselor", "teacher", "one"),
    Subject("clerk", "teacher", "one"),
    Subject("community_partner", "community_partner"),
    Subject("mother a", "guardian"),
    Subject("mother moved", "guardian"),
    Subject("father b", "guardian"),
    Subject("father a", ""),
    Subject("caregiver", ""),
    Subject("retired", ""),
]
