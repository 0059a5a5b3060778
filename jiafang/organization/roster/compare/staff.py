"""Staff against the district: who is where, and which posts begin and end."""

from __future__ import annotations

from collections import defaultdict

from jiafang.organization.models import STAGE_YEARS, Post, Stage
from jiafang.organization.roster.compare.options import Options
from jiafang.organization.roster.compare.people import People
from jiafang.organization.roster.compare.plan import Plan
from jiafang.organization.roster.compare.report import Absent, Report
from jiafang.organization.roster.compare.snapshot import PostNow, Snapshot
from jiafang.organization.roster.compare.units import Units
from jiafang.organization.roster.rows import ClassKey, CohortKey, Roster, StaffRef, StaffRow

KIND = Post.Kind
UNIT_KINDS = frozenset(
    {
        KIND.DIRECTOR, KIND.CADRE, KIND.COMMUNITY_PARTNER, KIND.PRINCIPAL, KIND.DEPUTY_PRINCIPAL, KIND.MORAL_DEPUTY,
        KIND.COUNSELOR,
    }
)  # fmt: skip
PostKey = tuple[int, str, int | None, int | None, int | None, str]


class StaffComparison:
    def __init__(
        self, now: Snapshot, plan: Plan, report: Report, units: Units, people: People, options: Options
    ) -> None:
        self._now, self._plan, self._report = now, plan, report
        self._units, self._people, self._options = units, people, options
        self.rows: dict[int, StaffRow] = {}  # person → the row of the school that holds the personnel file
        self._open: dict[PostKey, PostNow] = {}
        self._ended: set[int] = set()
        self._added: set[PostKey] = set()
        self._of_class: dict[int, list[PostNow]] = defaultdict(list)
        self._leads: dict[int, list[PostNow]] = defaultdict(list)
        self._staffed: set[int] = set()
        for posts in now.posts.values():
            for post in posts:
                self._open[self._key(post)] = post
                if post.school_id:
                    self._staffed.add(post.school_id)
                if post.school_class_id:
                    self._of_class[post.school_class_id].append(post)
                elif post.kind == KIND.COHORT_LEAD and post.cohort_id:
                    self._leads[post.cohort_id].append(post)

    @staticmethod
    def _key(post: PostNow) -> PostKey:
        return (post.person_id, post.kind, post.school_id, post.cohort_id, post.school_class_id, post.subject)

    def take_people(self, roster: Roster) -> None:
        """Find everybody first: a teacher on two lists belongs where the personnel file is."""
        lists: dict[int, list[StaffRow]] = defaultdict(list)
        for row in roster.staff:
            ref = self._people.staff(row)
            if ref is None:
                ref = self._people.add(name=row.name, sex=row.sex, phone=row.phone, id_number=row.id_number)
            lists[ref].append(row)
            self._people.knows_staff(ref, row.school, row.number, row.name)
        for ref, rows in lists.items():
            home = next((row for row in rows if row.school == self._home(ref)), rows[0])
            self.rows[ref] = home
            self._employ(ref, home)
            for row in rows:
                self._unit_posts(ref, row)
                self._pairings(ref, row)

    def _employee_post(self, ref: int) -> PostNow | None:
        return next((post for post in self._now.posts.get(ref, ()) if post.kind == KIND.EMPLOYEE), None)

    def _home(self, ref: int) -> str | None:
        post = self._employee_post(ref)
        if post is None:
            return None
        return self._now.school_codes[post.school_id] if post.school_id else ""

    def _school(self, code: str) -> int | None:
        return self._units.schools[code] if code else None

    def _employ(self, ref: int, row: StaffRow) -> None:
        where = self._units.school_name(row.school) if row.school else ""
        changed = self._people.set(ref, name=row.name, sex=row.sex, phone=row.phone, id_number=row.id_number)
        held = self._employee_post(ref)
        school = self._school(row.school)
        if held is None:
            self._begin(ref, KIND.EMPLOYEE, school, number=row.number)
            self._report.add("staff", "new" if ref < 0 else "returned", row.name, where)
        elif held.school_id != school:
            for post in self._now.posts.get(ref, ()):
                if post.school_id == held.school_id and post.kind != KIND.ADMINISTRATOR:
                    self._end(post)
            self._begin(ref, KIND.EMPLOYEE, school, number=row.number)
            before = self._now.school_codes[held.school_id] if held.school_id else ""
            self._report.add("staff", "moved", row.name, where, self._units.school_name(before) if before else "")
        else:
            if row.number and row.number != held.staff_number:
                self._plan.posts_changed.append((held.id, {"staff_number": row.number}))
                changed.append("number")
            if changed:
                self._report.add("staff", "changed", row.name, where, ",".join(changed))
            else:
                self._report.count("staff", "unchanged")

    def _unit_posts(self, ref: int, row: StaffRow) -> None:
        school = self._school(row.school)
        for kind in row.posts:
            self._begin(ref, kind, school)
        if row.posts_known:
            for post in self._now.posts.get(ref, ()):
                if post.kind in UNIT_KINDS and post.school_id == school and post.kind not in row.posts:
                    self._end(post)

    def _pairings(self, ref: int, row: StaffRow) -> None:
        """A cadre's schools as the file lists them; an empty cell changes nothing."""
        if not row.paired_schools:
            return
        held = self._now.pairings.get(ref, {})
        wanted = {self._units.schools[code] for code in row.paired_schools if code in self._units.schools}
        for school in sorted(wanted - held.keys()):
            self._plan.pairings_new.append((ref, school))
            self._report.count("pairings", "new")
        for school, pk in held.items():
            if school not in wanted:
                self._plan.pairings_ended.append(pk)
                self._report.count("pairings", "ended")

    def take_posts(self, roster: Roster, teaching_tables: frozenset[int]) -> None:
        """Homeroom teachers, cohort leads and teaching; the file replaces what it speaks of."""
        for each in roster.classes:
            if each.homeroom is not None and (ref := self._ref(each.homeroom)) is not None:
                self._replace_class_post(each.key, KIND.HOMEROOM_TEACHER, {ref: ""})
        for cohort in roster.cohorts:
            if cohort.lead is not None and (ref := self._ref(cohort.lead)) is not None:
                pk = self._units.cohort(cohort.key)
                for post in self._leads.get(pk, ()):
                    if post.person_id != ref:
                        self._end(post)
                self._begin(ref, KIND.COHORT_LEAD, self._school(cohort.key.school), cohort=pk)
        self._teaching(roster, teaching_tables)

    def _ref(self, staff: StaffRef) -> int | None:
        if staff.number:
            return self._people.by_number(staff.school, staff.number)
        return self._people.by_name(staff.school, staff.name)

    def _replace_class_post(self, key: ClassKey, kind: str, holders: dict[int, str]) -> None:
        school_class = self._units.school_class(key)
        for post in self._of_class.get(school_class, ()):
            if post.kind == kind and post.person_id not in holders:
                self._end(post)
        for ref, subject in holders.items():
            self._begin_in_class(ref, kind, key, school_class, subject)

    def _begin_in_class(self, ref: int, kind: str, key: ClassKey, school_class: int, subject: str) -> None:
        cohort = self._units.cohort(CohortKey(*key[:3]))
        self._begin(ref, kind, self._school(key.school), cohort=cohort, school_class=school_class, subject=subject)

    def _teaching(self, roster: Roster, tables: frozenset[int]) -> None:
        wanted: dict[ClassKey, set[tuple[int, str]]] = defaultdict(set)
        whole: set[ClassKey] = set()
        for row in roster.teaching:
            ref = self._ref(row.teacher)
            if ref is None:
                continue
            wanted[row.key].add((ref, row.subject))
            if row.at >> 24 in tables:
                whole.add(row.key)
        for key in sorted(wanted):
            school_class = self._units.school_class(key)
            subjects = {subject for _, subject in wanted[key]}
            for post in self._of_class.get(school_class, ()):
                covered = key in whole or post.subject in subjects
                if post.kind == KIND.SUBJECT_TEACHER and covered and (post.person_id, post.subject) not in wanted[key]:
                    self._end(post)
            for ref, subject in sorted(wanted[key]):
                self._begin_in_class(ref, KIND.SUBJECT_TEACHER, key, school_class, subject)

    def _begin(
        self,
        ref: int,
        kind: str,
        school: int | None,
        *,
        cohort: int | None = None,
        school_class: int | None = None,
        subject: str = "",
        number: str = "",
    ) -> None:
        key: PostKey = (ref, str(kind), school, cohort, school_class, subject)
        if key in self._added or (key in self._open and self._open[key].id not in self._ended):
            return
        self._added.add(key)
        self._plan.posts_new.append((*key, number, self._start(school)))
        if kind != KIND.EMPLOYEE:
            self._report.count("posts", "new")

    def _start(self, school: int | None) -> str:
        """In a school that had no staff yet, posts have been held since the school year began."""
        first = self._options.on.replace(year=self._options.school_year, month=9, day=1)
        fresh = school is None or school < 0 or school not in self._staffed
        return (min(first, self._options.on) if fresh else self._options.on).isoformat()

    def _end(self, post: PostNow) -> None:
        if post.id not in self._ended:
            self._ended.add(post.id)
            self._plan.posts_ended.append((post.id, post.person_id, post.kind, post.school_id, post.school_class_id))
            if post.kind != KIND.EMPLOYEE:
                self._report.add("posts", "ended", self._people.name(post.person_id), "", post.kind)

    def finish(self, roster: Roster) -> None:
        """Who is not in a list that the user called whole leaves; posts in cohorts that have left end."""
        in_file: dict[str, int] = defaultdict(int)
        for row in roster.staff:
            if row.school:
                in_file[row.school] += 1
        for person_id, posts in self._now.posts.items():
            held = self._employee_post(person_id)
            if held is None or held.school_id is None or person_id in self.rows:
                continue
            code = self._now.school_codes[held.school_id]
            if code not in in_file:
                continue
            absent = self._report.absent.setdefault(code, Absent(code, self._units.school_name(code)))
            absent.staff += 1
            absent.staff_leave = self._options.complete(self._options.staff_complete, code)
            if absent.staff_leave:
                for post in posts:
                    if post.school_id == held.school_id and post.kind != KIND.ADMINISTRATOR:
                        self._end(post)
                self._report.add("staff", "leaving", self._now.people[person_id].name, self._units.school_name(code))
        if self._options.roll_over:
            self._end_in_finished_cohorts()

    def _end_in_finished_cohorts(self) -> None:
        finished = {
            pk
            for key, pk in self._now.cohorts.items()
            if self._options.school_year - key.entry_year >= STAGE_YEARS[Stage(key.stage)]
        }
        for posts in self._now.posts.values():
            for post in posts:
                if post.cohort_id in finished:
                    self._end(post)
