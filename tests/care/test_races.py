"""The same case from several connections at once: one wins or all follow each other, nothing is lost."""

import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from jiafang.access import Actor
from jiafang.care.models import (
    CaseAction,
    CaseFile,
    CaseReader,
    CaseStep,
    CaseTally,
    ChecklistTick,
    MandatoryReport,
    Measure,
    Message,
    Referral,
)
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.confirm import confirm_case, confirm_orally, deny_case
from jiafang.care.services.consent import consent_upward
from jiafang.care.services.hand_over import hand_over_case
from jiafang.care.services.measure import measure
from jiafang.care.services.merge import merge_cases
from jiafang.care.services.propose import propose_result
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.readers import dismiss_reader, name_reader
from jiafang.care.services.refer import answer_referral, refer_case, return_referral
from jiafang.care.services.reopen import reopen_case
from jiafang.care.services.say import say
from jiafang.care.services.sealed_report import ReportDraft, file_report
from jiafang.care.services.send import send_down, send_up
from jiafang.care.services.tick import tick
from jiafang.care.services.withdraw import withdraw_case
from jiafang.common.clock import now, today
from jiafang.common.errors import JiafangError
from tests.care.ground import Ground, proposed
from tests.factories import care
from tests.fence import thread_of_the_test

pytestmark = pytest.mark.django_db(transaction=True)

Do = Callable[[], Any]
SEVERAL = 4


class Race:
    """What several do at once with a case; `lasting` counts what each that was done must have left behind."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.case = care.student_case(ground.mother, ground.student, alert_tier="orange")
        self.pk = self.case.pk
        self.origin = uuid.uuid4()

    def awaiting(self) -> None:
        proposed(self.ground.teacher, self.case)

    def closed(self) -> None:
        self.awaiting()
        confirm_case(by=self.ground.mother, case_id=self.pk)

    def referred(self) -> Referral:
        return refer_case(by=self.ground.teacher, case_id=self.pk, **self.to(self.ground.counselor, "counselor"))

    def to(self, actor: Actor, role: str) -> dict[str, Any]:
        return {"to_person_id": actor.person_id, "to_role": role, "reason": "看看"}

    def confided(self) -> CaseFile:
        return self.ground.about(self.ground.teacher, person_id=self.ground.teacher.person_id, category="mind")


def _act(race: Race, n: int) -> Do:
    return lambda: add_action(by=race.ground.teacher, case_id=race.pk, kind="talk", on=today(), text=f"第{n}次")


def _assign(race: Race, n: int) -> Do:
    to, role = [(race.ground.counselor, "counselor"), (race.ground.moral, "moral_deputy")][n % 2]
    return lambda: assign_case(
        by=race.ground.principal, case_id=race.pk, to_person_id=to.person_id, role=role, revision=1
    )


def _hand_over(race: Race, n: int) -> Do:
    to, role = [(race.ground.counselor, "counselor"), (race.ground.moral, "moral_deputy")][n % 2]
    return lambda: hand_over_case(by=race.ground.teacher, case_id=race.pk, to_person_id=to.person_id, role=role)


def _propose(race: Race, n: int) -> Do:
    return lambda: propose_result(by=race.ground.teacher, case_id=race.pk, result="solved", words="好", revision=1)


def _confirm_or_deny(race: Race, n: int) -> Do:
    by = race.ground.mother
    return [
        lambda: confirm_case(by=by, case_id=race.pk),
        lambda: deny_case(by=by, case_id=race.pk, words="没有"),
        lambda: confirm_orally(
            by=race.ground.teacher, case_id=race.pk, guardian_id=by.person_id, words="电话里说的"
        ),
    ][n % 3]  # fmt: skip


def _reopen(race: Race, n: int) -> Do:
    by = [race.ground.mother, race.ground.teacher][n % 2]
    return lambda: reopen_case(by=by, case_id=race.pk, words="又来了")


def _send_up(race: Race, n: int) -> Do:
    return lambda: send_up(by=race.ground.teacher, case_id=race.pk, words="办不了")


def _send_down(race: Race, n: int) -> Do:
    to, role, level = [
        (race.ground.teacher, "homeroom_teacher", "class"), (race.ground.lead, "cohort_lead", "cohort")
    ][n % 2]  # fmt: skip
    return lambda: send_down(
        by=race.ground.principal, case_id=race.pk, to_level=level, to_person_id=to.person_id, role=role, due=today(),
        decision="就这么办",
    )  # fmt: skip


def _withdraw(race: Race, n: int) -> Do:
    return lambda: withdraw_case(by=race.ground.mother, case_id=race.pk, words="好了")


def _refer(race: Race, n: int) -> Do:
    return lambda: refer_case(
        by=race.ground.teacher, case_id=race.pk, **race.to(race.ground.counselor, "counselor")
    )  # fmt: skip


def _name(race: Race, n: int) -> Do:
    return lambda: name_reader(
        by=race.ground.teacher, case_id=race.pk, person_id=race.ground.counselor.person_id, role="counselor"
    )


def _say(race: Race, n: int) -> Do:
    return lambda: say(
        by=race.ground.teacher, case_id=race.pk, text=f"第{n}句", audience=["school"], origin=race.origin
    )


def _tick(race: Race, n: int) -> Do:
    return lambda: tick(by=race.ground.teacher, case_id=race.pk, tier="orange", item="team_met")


def _measure(race: Race, n: int) -> Do:
    return lambda: measure(by=race.ground.teacher, case_id=race.pk, who="student", mood=str(n + 1))


def _tier(race: Race, n: int) -> Do:
    return lambda: change_tier(by=race.ground.teacher, case_id=race.pk, tier="red", words="更急了")


def _report(race: Race, n: int) -> Do:
    draft = ReportDraft(about="某生", seen=f"第{n}次", noticed_at=now(), origin=race.origin)
    return lambda: file_report(by=race.ground.teacher, draft=draft)


def steps(race: Race, verb: str) -> int:
    return CaseStep.unscoped.filter(case_id=race.pk, verb=verb).count()


def at_once(work: list[Do]) -> int:
    """How many of them were done; the others were refused with a word, none of them broke."""
    gate = Barrier(len(work))

    def alone(do: Do) -> bool:
        try:
            with thread_of_the_test():
                gate.wait(60)
                try:
                    do()
                except JiafangError:
                    return False
                return True
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as threads:
        return sum(threads.map(alone, work))


def whole(ground: Ground, *cases: int) -> None:
    """Steps form one chain up to what the case is; each has an owner on its list; sums are those of the cases."""
    for pk in cases:
        case = CaseFile.unscoped.get(pk=pk)
        chain = list(CaseStep.unscoped.filter(case=case).order_by("pk"))
        assert [step.from_state for step in chain[1:]] == [step.to_state for step in chain[:-1]]
        assert [step.from_owner_id for step in chain[1:]] == [step.to_owner_id for step in chain[:-1]]
        assert (chain[-1].to_state, chain[-1].to_owner_id) == (case.state, case.owner_id)
        assert case.revision == len(chain), "each step is a revision, and no revision is without a step"
        owners = CaseReader.unscoped.filter(case=case, why="owner", until=None)
        assert {row.person_id for row in owners} == {case.owner_id}
    assert sum(CaseTally.unscoped.values_list("count", flat=True)) == CaseFile.unscoped.count()


# Name → how it is prepared, what each of several does, how many of them are done, and the verb whose steps say so.
PATHS: dict[str, tuple[Callable[[Race], object], Callable[[Race, int], Do], int | None, str]] = {
    "act": (lambda race: None, _act, SEVERAL, "act"),
    "assign": (lambda race: None, _assign, 1, "assign"),
    "hand_over": (lambda race: None, _hand_over, 1, "hand_over"),
    "propose": (lambda race: None, _propose, 1, "propose"),
    "confirm_or_deny": (Race.awaiting, _confirm_or_deny, 1, ""),
    "reopen": (Race.closed, _reopen, 1, "reopen"),
    "send_up": (lambda race: None, _send_up, 1, "send_up"),
    "refer": (lambda race: None, _refer, 1, ""),
    "name_reader": (lambda race: None, _name, SEVERAL, ""),
    "say": (lambda race: None, _say, SEVERAL, ""),
    "tick": (lambda race: None, _tick, SEVERAL, ""),
    "measure": (lambda race: None, _measure, SEVERAL, ""),
    "change_tier": (lambda race: None, _tier, SEVERAL, ""),
    "file_report": (lambda race: None, _report, SEVERAL, ""),
}
# Of what may be sent or done twice, what there is once of it.
ONCE: dict[str, Callable[[Race], Any]] = {
    "refer": lambda race: Referral.unscoped.filter(case_id=race.pk),
    "name_reader": lambda race: CaseReader.unscoped.filter(case_id=race.pk, why="named", until=None),
    "say": lambda race: Message.unscoped.filter(case_id=race.pk),
    "tick": lambda race: ChecklistTick.unscoped.filter(case_id=race.pk),
    "measure": lambda race: Measure.unscoped.filter(case_id=race.pk),
    "change_tier": lambda race: CaseStep.unscoped.filter(case_id=race.pk, verb="tier"),
    "file_report": lambda race: MandatoryReport.unscoped.filter(origin=race.origin),
}


def run(path: str, ground: Ground) -> None:
    prepare, do, wins, verb = PATHS[path]
    race = Race(ground)
    prepare(race)
    done = at_once([do(race, n) for n in range(SEVERAL)])
    assert done == wins, f"{done} of {path} were done"
    whole(ground, race.pk)
    if path == "act":
        texts = {row.text for row in CaseAction.unscoped.filter(case_id=race.pk)}
        assert texts == {f"第{n}次" for n in range(SEVERAL)}
    elif path in ONCE:
        assert ONCE[path](race).count() == 1
    elif verb:
        assert steps(race, verb) == wins


def answers(ground: Ground) -> None:
    """Accepted, refused and given back at once: each answer follows what was answered before."""
    race = Race(ground)
    row, by = race.referred(), ground.counselor
    done = at_once(
        [
            lambda: answer_referral(by=by, referral_id=row.pk, accept=True, words="", take_over=True),
            lambda: answer_referral(by=by, referral_id=row.pk, accept=False, words="没空"),
            lambda: return_referral(by=by, referral_id=row.pk, words="好了"),
        ]
    )
    state = Referral.unscoped.get(pk=row.pk).state
    assert (done, state) in {(1, "refused"), (1, "accepted"), (1, "returned"), (2, "returned")}
    reads = CaseReader.unscoped.filter(case_id=race.pk, person_id=by.person_id, why="referral", until=None)
    assert reads.exists() == (state == "accepted")
    whole(ground, race.pk)


def merges(ground: Ground) -> None:
    """Two joined into each other at once: one of them lives on."""
    one, other = Race(ground), Race(ground)
    by = ground.teacher
    done = at_once(
        [
            lambda: merge_cases(by=by, case_id=one.pk, into_id=other.pk, words=""),
            lambda: merge_cases(by=by, case_id=other.pk, into_id=one.pk, words=""),
        ]
    )
    assert done == 1
    assert CaseFile.unscoped.filter(pk__in=(one.pk, other.pk), state="closed").count() == 1
    whole(ground, one.pk, other.pk)


def withdrawals(ground: Ground) -> None:
    """Taken back while it is put to the word of whoever takes it back: one after the other, and closed once."""
    race = Race(ground)
    CaseFile.unscoped.filter(pk=race.pk).update(alert_tier="green")
    done = at_once([_withdraw(race, 0), _withdraw(race, 1), _propose(race, 2)])
    assert steps(race, "withdraw") == 1
    assert done == 1 + steps(race, "propose")
    whole(ground, race.pk)


def ups_and_downs(ground: Ground) -> None:
    """Sent down by two at once from where it had come: it goes to one of them."""
    race = Race(ground)
    for _level in ("cohort", "school"):
        owner = CaseFile.unscoped.get(pk=race.pk).owner_id
        by = next(one for one in (ground.teacher, ground.lead) if one.person_id == owner)
        send_up(by=by, case_id=race.pk, words="办不了")
    assert at_once([_send_down(race, 0), _send_down(race, 1)]) == 1
    assert steps(race, "send_down") == 1
    assert CaseAction.unscoped.filter(case_id=race.pk, kind="decision").count() == 1
    whole(ground, race.pk)


def consents(ground: Ground) -> None:
    case = Race(ground).confided()
    assert at_once([lambda: consent_upward(by=ground.teacher, case_id=case.pk) for _ in range(3)]) == 3
    assert CaseStep.unscoped.filter(case=case, verb="consent").count() == 1
    whole(ground, case.pk)


def dismissals(ground: Ground) -> None:
    """Dismissed while being named once more: on the list at most once, and as the later of them left it."""
    race = Race(ground)
    _name(race, 0)()
    row = CaseReader.unscoped.get(case_id=race.pk, why="named", until=None)
    at_once([lambda: dismiss_reader(by=ground.teacher, reader_id=row.pk), _name(race, 1)])
    row.refresh_from_db()
    assert row.until is not None
    assert CaseReader.unscoped.filter(case_id=race.pk, why="named", until=None).count() <= 1
    whole(ground, race.pk)


OTHERS = [answers, merges, withdrawals, ups_and_downs, consents, dismissals]


def test_several_at_once_on_every_write_path():
    ground = Ground()
    for path in PATHS:
        run(path, ground)
    for race in OTHERS:
        race(ground)


@pytest.mark.nightly
@pytest.mark.parametrize("path", [*PATHS, *(race.__name__ for race in OTHERS)])
def test_a_thousand_races_lose_nothing(path):
    ground = Ground()
    others = {race.__name__: race for race in OTHERS}
    for _n in range(int(os.environ.get("CARE_RACES", "1000"))):
        if path in others:
            others[path](ground)
        else:
            run(path, ground)
