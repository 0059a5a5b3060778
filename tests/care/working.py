"""A case on which people work: the homeroom teacher's, with everybody around it who a school has."""

from jiafang.care.models import CaseFile, CaseReader
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make


class Ground:
    """The homeroom teacher owns the case and alone reads it."""

    def __init__(self) -> None:
        make.bureau_post("director")
        self.school = made.small_school()
        self.student = self.school.students[0][0]
        self.teacher = make.actor_of(self.school.homeroom[0], "teacher")
        self.colleague = make.actor_of(self.school.homeroom[1], "teacher")
        self.counselor = make.actor_of(make.school_post("counselor", self.school.school), "counselor")
        self.principal = make.actor_of(self.school.principal, "principal")
        self.cadre = make.actor_of(make.bureau_post("cadre"), "cadre")
        self.mother = make.actor_of(make.guardian_of(self.student), "guardian")
        self.case = care.student_case(self.teacher, self.student)

    def fresh(self) -> CaseFile:
        return CaseFile.unscoped.get(pk=self.case.pk)

    def readers(self) -> set[int]:
        return set(CaseReader.unscoped.filter(case=self.case, until=None).values_list("person_id", flat=True))
