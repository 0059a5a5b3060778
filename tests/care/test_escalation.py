"""Overdue cases climb: announced before, late at most by the time for which the machine stood still, never twice."""

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiafang.care.climbing import end_of
from jiafang.care.models import CaseFile, CaseReader, CaseStep, Escalation, Role
from jiafang.care.seats import holders, place_of
from jiafang.care.services import escalate as escalating_service
from jiafang.care.tasks import escalate as task
from jiafang.care.workflow import Verb
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, NotAllowed
from jiafang.notifications.models import Notification
from jiafang.organization.models import Post
from tests.care import escalating
from tests.care.escalating import DAY, HOUR, LEVELS, MACHINE, Clock, District, Foreseen, job, raised, seen
from tests.factories import organization as make

PERIOD = 4 * HOUR  # the machine itself looks every quarter of an hour


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def where(clock, db) -> District:
    return escalating.district()


def told(case_id: int, code: str) -> list[int]:
    rows = Notification.unscoped.filter(code=code, object_kind="case", object_id=str(case_id))
    return sorted(rows.values_list("person_id", flat=True))


def run_until(clock: Clock, moment: dt.datetime) -> None:
    while clock.shows < moment:
        clock.shows = min(clock.shows + PERIOD, moment)
        job()


def test_it_is_announced_two_days_before_and_climbs_when_the_day_is_over(where, clock):
    case_id, foreseen = raised(where, "green")
    end = end_of(foreseen.due)
    run_until(clock, end - 2 * DAY - HOUR)
    assert not Escalation.unscoped.exists()
    run_until(clock, end - 2 * DAY)
    assert Escalation.unscoped.get().not_before == end
    assert told(case_id, "case.escalating") == [where.homeroom.pk]
    coming = Notification.unscoped.get(code="case.coming")
    assert (coming.person_id, coming.object_id) == (where.lead.pk, ""), "not yet a reader: told that, not what"
    run_until(clock, end - HOUR)
    assert CaseFile.unscoped.get(pk=case_id).level == "class"
    run_until(clock, end)
    case = CaseFile.unscoped.get(pk=case_id)
    assert (case.level, case.owner_id, case.state) == ("cohort", where.lead.pk, "assigned")
    assert case.due == today() + 30 * DAY
    assert told(case_id, "case.escalated") == [where.homeroom.pk]
    assert told(case_id, "case.owned") == [where.lead.pk]
    readers = CaseReader.unscoped.filter(case=case, until=None).values_list("person_id", "why")
    assert set(readers) == {
        (where.lead.pk, "owner"), (where.homeroom.pk, "former"), (where.homeroom.pk, "raiser"),
    }  # fmt: skip
    steps = CaseStep.unscoped.filter(case=case, verb="escalate")
    assert [(one.by_id, one.from_level, one.to_level) for one in steps] == [(None, "class", "cohort")]


def test_it_climbs_to_the_director_and_stays_there_overdue(where, clock):
    case_id, _foreseen = raised(where, "red")
    owners = [where.homeroom.pk]
    for _ in range(12):
        run_until(clock, clock.shows + DAY)
        case = CaseFile.unscoped.get(pk=case_id)
        if case.owner_id != owners[-1]:
            owners.append(case.owner_id)
    assert owners == list(where.owners.values())
    assert case.level == "director"
    assert case.due < today()
    assert Escalation.unscoped.filter(done_at=None).count() == 0


def test_whom_it_concerns_and_who_is_to_confirm_hear_that_it_will_climb_and_has(where, clock):
    case_id, foreseen = raised(where, "orange")
    case = CaseFile.unscoped.get(pk=case_id)
    mother = make.guardian_of(where.student)
    CaseReader.unscoped.create(case=case, person=mother, kind="guardian", side="family", why="concerned")
    other = make.school_post("counselor", case.school)
    CaseReader.unscoped.create(
        case=case, person=other, kind="counselor", school=case.school, side="school", why="named"
    )
    run_until(clock, end_of(foreseen.due) - DAY)
    assert told(case_id, "case.escalating") == sorted([where.homeroom.pk, mother.pk])
    CaseFile.unscoped.filter(pk=case_id).update(confirmer=other)
    run_until(clock, end_of(foreseen.due) + PERIOD)
    assert told(case_id, "case.escalated") == sorted([where.homeroom.pk, mother.pk, other.pk])


def test_what_is_overdue_and_goes_nowhere_is_said_to_its_owner_once(where, clock):
    kept, foreseen = raised(where, "orange", confided=True)
    run_until(clock, end_of(foreseen.due) - HOUR)
    assert told(kept, "case.overdue") == []
    run_until(clock, end_of(foreseen.due) + 5 * DAY)
    assert told(kept, "case.overdue") == [where.principal.pk]
    climbing, foreseen = raised(where, "red")
    run_until(clock, clock.shows + 12 * DAY)
    case = CaseFile.unscoped.get(pk=climbing)
    assert case.level == "director"
    assert told(climbing, "case.overdue") == [where.director.pk], "those below it had somebody above"
    Notification.unscoped.filter(code="case.overdue").delete()
    run_until(clock, clock.shows + 31 * DAY)
    Notification.unscoped.filter(code="case.overdue").delete()
    run_until(clock, clock.shows + DAY)
    assert told(climbing, "case.overdue") == [], "long ago, and forgotten by those who keep notifications"


def test_nobody_above_is_said_as_well(where, clock):
    case_id, foreseen = raised(where, "orange")
    Post.unscoped.exclude(person=where.homeroom).update(end=today())
    run_until(clock, end_of(foreseen.due) + PERIOD)
    assert CaseFile.unscoped.get(pk=case_id).level == "class"
    assert told(case_id, "case.overdue") == [where.homeroom.pk]


def test_a_case_of_one_day_is_announced_as_soon_as_it_is_seen(where, clock):
    case_id, foreseen = raised(where, "red")
    job()
    assert Escalation.unscoped.get(case_id=case_id).not_before == end_of(foreseen.due)


def test_what_a_teacher_confided_does_not_leave_the_school(where, clock):
    case_id, foreseen = raised(where, "orange", confided=True)
    run_until(clock, end_of(foreseen.due) + 3 * DAY)
    assert CaseFile.unscoped.get(pk=case_id).level == "school"
    assert not Escalation.unscoped.exists()
    CaseFile.unscoped.filter(pk=case_id).update(consent_upward=True)
    run_until(clock, clock.shows + 2 * DAY + 2 * PERIOD)
    assert CaseFile.unscoped.get(pk=case_id).level == "section"


def test_a_further_action_does_not_call_it_off_a_result_does(where, clock):
    case_id, foreseen = raised(where, "orange")
    run_until(clock, end_of(foreseen.due) - DAY)
    escalating.changed_by_somebody(case_id, foreseen, Verb.ACT)
    run_until(clock, clock.shows + PERIOD)
    assert Escalation.unscoped.get().called_off_at is None
    escalating.changed_by_somebody(case_id, foreseen, Verb.PROPOSE)
    run_until(clock, end_of(foreseen.due) + 2 * DAY)
    assert Escalation.unscoped.get().called_off_at is not None
    assert CaseFile.unscoped.get(pk=case_id).level == "class"


def test_a_level_whose_owner_would_be_the_same_person_is_passed_over(where, clock):
    Post.unscoped.filter(person=where.lead, kind="cohort_lead").update(person=where.homeroom)
    case_id, foreseen = raised(where, "orange")
    run_until(clock, end_of(foreseen.due) + PERIOD)
    case = CaseFile.unscoped.get(pk=case_id)
    assert (case.level, case.owner_id) == ("school", where.principal.pk)


def test_a_new_owner_hears_of_what_was_said_to_the_one_before(where, clock):
    case_id, foreseen = raised(where, "orange")
    run_until(clock, end_of(foreseen.due) - DAY)
    other = make.school_post("counselor", CaseFile.unscoped.get(pk=case_id).school)
    with escalating.actor_transaction(MACHINE):
        case = escalating.locked(case_id)
        (seat,) = holders(Role.COUNSELOR, place_of(case))
        escalating.step(MACHINE, case, Verb.ASSIGN, to=seat)
    run_until(clock, clock.shows + PERIOD)
    assert told(case_id, "case.escalating") == sorted([where.homeroom.pk, other.pk])


def test_one_that_fails_does_not_stop_the_others(where, clock, monkeypatch):
    first, foreseen = raised(where, "orange")
    second, _same = raised(where, "orange")
    clock.shows = end_of(foreseen.due)
    real = escalating_service.seat_above

    def fails(case):
        if case.pk == first:
            raise RuntimeError("broken")
        return real(case)

    monkeypatch.setattr(escalating_service, "seat_above", fails)
    with pytest.raises(Conflict):
        task(0)
    assert set(Escalation.unscoped.values_list("case_id", flat=True)) == {second}
    monkeypatch.undo()
    monkeypatch.setattr(timezone, "now", clock)
    task(0)
    assert set(Escalation.unscoped.values_list("case_id", flat=True)) == {first, second}


def test_nobody_but_the_machine_lets_cases_climb(where):
    for use_case in (
        escalating_service.announce_due,
        escalating_service.follow_announced,
        escalating_service.escalate_overdue,
        escalating_service.tell_overdue,
    ):
        with pytest.raises(NotAllowed):
            use_case(by=make.actor_of(where.director, "director"))


# Stops, clocks, crashes, several workers: against the model.

TIERS = st.sampled_from(["green", "yellow", "orange", "orange", "red"])
EVENTS = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 40)),  # hours since the last one: up to 40 the queue stood
    st.tuples(st.just("run"), st.integers(1, 40)),
    st.tuples(st.just("stop"), st.integers(40, 400)),
    st.tuples(st.just("jump"), st.integers(-500, 500)),
    st.tuples(st.just("crash"), st.integers(0, 6)),
    st.tuples(st.just("together"), st.integers(2, 4)),
    st.tuples(st.sampled_from([Verb.PROPOSE, Verb.DENY, Verb.ASSIGN, Verb.ACT]), st.integers(0, 3)),
    st.tuples(st.just("raise"), st.integers(0, 3)),
)


def nothing_is_twice_or_silent(case_id: int) -> None:
    steps = list(CaseStep.unscoped.filter(case_id=case_id, verb="escalate").order_by("pk"))
    left = [one.from_level for one in steps]
    assert left == LEVELS[LEVELS.index(left[0]) :][: len(left)] if left else True, "each level once, in order"
    done = Escalation.unscoped.filter(case_id=case_id, done_at__isnull=False)
    assert sorted(done.values_list("level", flat=True)) == sorted(left), "what climbed had been announced"
    for row in done:
        # The owner knew of it before, whatever the clocks showed.
        once = escalating_service._once(row)
        owner = next(one.from_owner_id for one in steps if one.from_level == row.level)
        assert Notification.unscoped.filter(person_id=owner, once=once, code="case.escalating").count() == 1
    for one in steps:
        told_once = Notification.unscoped.filter(code="case.owned", object_id=str(case_id), person_id=one.to_owner_id)
        assert told_once.count() == 1


@pytest.mark.django_db(transaction=True)
def test_stopped_queues_moved_clocks_crashes_and_many_workers_follow_the_model(clock, monkeypatch):
    where = escalating.district()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tiers=st.lists(TIERS, min_size=1, max_size=3), events=st.lists(EVENTS, min_size=5, max_size=25))
    def follows(tiers: list[str], events: list[tuple[str, int]]) -> None:
        clock.shows = Clock().shows
        cases = dict(raised(where, tier) for tier in tiers)
        cases |= [raised(where, "orange", confided=True)]
        try:
            for what, number in events:
                happens(cases, what, number)
            nothing_is_lost(cases)
            for case_id in cases:
                nothing_is_twice_or_silent(case_id)
        finally:
            escalating.forget(list(cases))

    def happens(cases: dict[int, Foreseen], what: str, number: int) -> None:
        least, most = 0, 0
        if what == "run":
            clock.shows += number * HOUR
            job()
            least = most = 3
        elif what in ("stop", "jump"):
            clock.shows += number * HOUR
        elif what == "crash":
            clock.shows += HOUR
            escalating.job_that_crashes(monkeypatch, number)
            most = 3
        elif what == "together":
            clock.shows += number * HOUR
            escalating.jobs_at_once(number)
            least, most = 3, 3 * number
        elif what == "raise":
            cases.update([raised(where, "red" if number else "green")])
        else:
            case_id = list(cases)[number % len(cases)]
            cases[case_id] = escalating.changed_by_somebody(case_id, cases[case_id], Verb(what))
        for case_id, before in cases.items():
            found = seen(case_id, before)
            assert found in before.after(least=least, most=most), (what, number)
            cases[case_id] = found

    def nothing_is_lost(cases: dict[int, Foreseen]) -> None:
        """With the queue at work again everything comes to the director, or stays for a reason."""
        for _ in range(60):
            clock.shows += 4 * DAY
            job()
        for case_id, before in cases.items():
            end = seen(case_id, before)
            assert end.level == "director" or end.kept or not end.in_hand

    follows()


def test_it_is_late_at_most_by_the_time_for_which_the_machine_stood_still(where, clock):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        tier=st.sampled_from(["yellow", "orange", "orange", "red"]),
        stops=st.lists(st.tuples(st.integers(0, 16 * 24), st.integers(2, 200)), max_size=4),
    )
    def is_late(tier: str, stops: list[tuple[int, int]]) -> None:
        clock.shows = begun = Clock().shows
        case_id, foreseen = raised(where, tier)
        standing = [(begun + start * HOUR, begun + (start + length) * HOUR) for start, length in stops]
        stood = dt.timedelta()
        while not (climbed := Escalation.unscoped.filter(case_id=case_id, done_at__isnull=False).first()):
            clock.shows += PERIOD
            if any(start <= clock.shows < end for start, end in standing):
                stood += PERIOD
            else:
                job()
        late = climbed.done_at - end_of(foreseen.due)
        assert dt.timedelta() <= late <= stood + 2 * PERIOD
        escalating.forget([case_id])

    is_late()
