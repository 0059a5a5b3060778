"""Each fence alone holds: nothing leaks and nothing is written beyond reach with the other taken down."""

import random

import pytest

from tests.oracle.facts import World
from tests.oracle.fences import Fences, standing
from tests.oracle.mutant import Told
from tests.oracle.mutants_of_rules import of_permissions, of_rules
from tests.oracle.oracle import Subject
from tests.oracle.questions import questions
from tests.oracle.walk import Walker

pytestmark = pytest.mark.long

ASKED = 60
SOME = [
    Subject("cadre one", "cadre"),
    Subject("principal two", "principal", "two"),
    Subject("homeroom 1a", "teacher", "one"),
    Subject("moved away", "teacher", "two"),
    Subject("mother a", "guardian"),
]


@pytest.mark.parametrize("subject", SOME, ids=str)
@pytest.mark.parametrize("fences", [Fences.SECOND_ALONE, Fences.FIRST_ALONE], ids=lambda fences: fences.value)
def test_nothing_leaks_through_one_fence_alone(world: World, fences: Fences, subject: Subject) -> None:
    """A sample; `python -m tests.oracle.night --first-off` and `--second-off` ask as much as one likes."""
    walker, chance = Walker(world, subject), random.Random(f"{fences} {subject}")
    asked = chance.sample([one for one in questions(world) if walker.may_enter(one)], ASKED)
    with standing(fences):
        assert [leak for question in asked for leak in walker.leaks(question)] == []


def test_a_mutant_of_a_rule_is_noticed(world: World) -> None:
    """A sample; `python -m tests.oracle.mutants` tries every rule, permission, policy and claim."""
    some = random.Random("mutants").sample([*of_rules(), *of_permissions()], 40)
    told = {mutant.name: mutant.told(world) for mutant in some}
    assert {name: said for name, said in told.items() if said[0] is not Told.NOTICED} == {}
