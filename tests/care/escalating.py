"""What escalation should do with one case, said anew in plain Python, and the district in which it is watched."""

import datetime as dt
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier, Lock

from jiafang.access import actor_transaction, system
from jiafang.care.models import CaseFile, Category, Escalation, SubjectKind
from jiafang.care.services import escalate
from jiafang.care.services.raise_case import Difficulty, raise_case
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import Verb
from jiafang.common.clock import at, now, today
from jiafang.organization.models import Person
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.waiting import apart

MACHINE = system("escalation")
LEVELS = ["class", "cohort", "school", "section", "director"]
DAYS = {"green": 30, "yellow": 14, "orange": 3, "red": 1}
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@dataclass(frozen=True)
class Foreseen:
    """A case as it should be: where, until when, in whose hand, what has been said of it, how often it climbed."""

    tier: str
    level: str
    due: dt.date
    since: dt.datetime
    kept: bool = False
    in_hand: bool = True
    said: tuple[str, dt.date] | None = None
    not_before: dt.datetime | None = None
    climbed: int = 0

    @property
    def climbs(self) -> bool:
        return self.in_hand and self.level != "director" and not self.kept

    def ripe_at(self, moment: dt.datetime) -> dt.datetime:
        """Not before the due day has ended, nor before the warning has lasted."""
        end = at(self.due + DAY, dt.time())
        warning = min(2 * DAY, DAYS[self.tier] * DAY, end - self.since)
        return max(end, moment + max(warning, HOUR))

    def followed(self) -> "Foreseen":
        if self.said is None or self.not_before is None:
            return self
        if not self.climbs or self.said != (self.level, self.due):
            return replace(self, said=None, not_before=None)
        if self.not_before > max(now() + 2 * DAY, at(self.due + DAY, dt.time())):
            return replace(self, not_before=min(self.not_before, self.ripe_at(now())))
        return self

    def announced(self) -> "Foreseen":
        if not self.climbs or self.said == (self.level, self.due) or self.due > today() + DAY:
            return self
        return replace(self, said=(self.level, self.due), not_before=self.ripe_at(now()))

    def gone_up(self) -> "Foreseen":
        if not self.climbs or self.said != (self.level, self.due) or self.not_before is None:
            return self
        if now() < self.not_before or today() <= self.due:
            return self
        above = LEVELS[LEVELS.index(self.level) + 1]
        due = today() + DAYS[self.tier] * DAY
        return replace(
            self, level=above, due=due, since=now(), said=None, not_before=None, climbed=self.climbed + 1
        )  # fmt: skip

    def after(self, *, least: int, most: int) -> set["Foreseen"]:
        """What may be there after so many of the three parts of the job, in their order, over and over."""
        found, state = set(), self
        for n, part in enumerate(itertools.cycle([Foreseen.followed, Foreseen.announced, Foreseen.gone_up])):
            if n >= least:
                found.add(state)
            if n == most:
                return found
            state = part(state)
        raise AssertionError


def seen(case_id: int, before: Foreseen) -> Foreseen:
    """The case as it is."""
    case = CaseFile.unscoped.get(pk=case_id)
    rows = list(Escalation.unscoped.filter(case=case, done_at=None, called_off_at=None))
    assert len(rows) <= 1 or len({(row.level, row.due) for row in rows}) == len(rows)
    standing = [row for row in rows if (row.level, row.due) == (case.level, case.due)] or rows
    return replace(
        before,
        level=case.level,
        due=case.due,
        since=case.on_this_level_since,
        in_hand=case.state not in ("awaiting", "closed"),
        said=(standing[0].level, standing[0].due) if standing else None,
        not_before=standing[0].not_before if standing else None,
        climbed=case.steps(manager="unscoped").filter(verb="escalate").count(),
    )


class Clock:
    """The clock on the wall; it stands still until it is moved."""

    def __init__(self) -> None:
        self.shows = dt.datetime(2027, 3, 1, 1, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.shows


@dataclass
class District:
    """Somebody on each level, and a teacher who confides in the principal."""

    student: Person
    homeroom: Person
    lead: Person
    principal: Person
    head: Person
    director: Person
    troubled: Person

    @property
    def owners(self) -> dict[str, int]:
        people = [self.homeroom, self.lead, self.principal, self.head, self.director]
        return {level: person.pk for level, person in zip(LEVELS, people, strict=True)}


def district() -> District:
    director = make.bureau_post("director")
    school = made.small_school(classes=1, students=1)
    section, head = care.bureau_section()
    care.ensure_categories()
    Category.objects.update(section=section)
    lead = make.cohort_lead(school.classes[0].cohort)
    return District(
        school.students[0][0], school.homeroom[0], lead, school.principal, head, director, school.subject[0]
    )


def raised(where: District, tier: str, *, confided: bool = False) -> tuple[int, Foreseen]:
    by = make.actor_of(where.troubled if confided else where.homeroom, "teacher")
    told = Difficulty("health", "腰不好,站不了一整天", tier, SubjectKind.TEACHER, where.troubled.pk)
    if not confided:
        told = Difficulty("life", "住得远,晚上没有车", tier, SubjectKind.STUDENT, where.student.pk)
    case = raise_case(by=by, difficulty=told)
    due = today() + DAYS[tier] * DAY
    assert (case.due, case.level) == (due, "school" if confided else "class")
    return case.pk, Foreseen(tier, case.level, due, now(), kept=confided)


def job() -> None:
    """What the periodic job does, as `tasks.escalate`."""
    escalate.follow_announced(by=MACHINE)
    escalate.announce_due(by=MACHINE)
    escalate.escalate_overdue(by=MACHINE)
    escalate.tell_overdue(by=MACHINE)


class Crash(BaseException):
    """The process is gone, in the middle of a transaction."""


def job_that_crashes(monkeypatch, after: int) -> None:
    """The job, ending like a killed process in the case after so many others."""
    left = itertools.count()
    real: Callable[..., CaseFile] = locked

    def taken(case_id: int) -> CaseFile:
        case = real(case_id)
        if next(left) >= after:
            raise Crash
        return case

    with monkeypatch.context() as patched:
        patched.setattr(escalate, "locked", taken)
        try:
            job()
        except Crash:
            return


def jobs_at_once(count: int) -> None:
    """Several workers that woke up at the same moment, each on its own connection."""
    start, lock, failed = Barrier(count), Lock(), []

    def work() -> None:
        start.wait()
        try:
            job()
        except Exception as error:  # a thread that fails must fail the test
            with lock:
                failed.append(error)

    with ThreadPoolExecutor(count) as pool:
        for _ in range(count):
            pool.submit(apart, work)
    assert not failed, failed


def changed_by_somebody(case_id: int, before: Foreseen, verb: Verb) -> Foreseen:
    """The owner puts a result, whoever confirms says no, the due day is moved: if the case allows it now."""
    with actor_transaction(MACHINE):
        case = locked(case_id)
        if verb == Verb.PROPOSE and before.in_hand:
            step(MACHINE, case, verb, result="solved", awaiting_since=now())
            return replace(before, in_hand=False)
        if verb == Verb.DENY and not before.in_hand:
            step(MACHINE, case, verb)
            return replace(before, in_hand=True)
        if verb == Verb.ASSIGN and before.in_hand:
            due = today() + 3 * DAY
            step(MACHINE, case, verb, due=due)
            return replace(before, due=due)
        if verb == Verb.ACT and before.in_hand:
            step(MACHINE, case, verb)
    return before


def forget(cases: list[int]) -> None:
    CaseFile.unscoped.filter(pk__in=cases).delete()
