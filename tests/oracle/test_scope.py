"""Every address, asked by everybody for every object: nobody learns what is not theirs to know."""

import random

import pytest

from tests.oracle.expectation import ANYBODY
from tests.oracle.expected import EXPECTED
from tests.oracle.facts import World
from tests.oracle.oracle import Subject
from tests.oracle.questions import Question, named_addresses, questions
from tests.oracle.subjects import SUBJECTS
from tests.oracle.walk import Walker

pytestmark = pytest.mark.long

ASKED_MORE = 12


def told(subject: Subject | None) -> str:
    return str(subject or "a stranger")


def test_every_address_is_known_to_the_oracle() -> None:
    """A new address needs a line in expected.py: whom it lets in, and of which kind its objects are."""
    known = named_addresses()
    assert sorted(known.keys() - EXPECTED.keys()) == [], "add these addresses to tests/oracle/expected.py"
    assert sorted(EXPECTED.keys() - known.keys()) == [], "these addresses are gone: take them out of expected.py"
    for name, address in known.items():
        parameters = {parameter for parameter, _converter in address.parameters}
        unmapped = parameters ^ EXPECTED[name].parameters.keys()
        assert not unmapped, f"say in expected.py of which kind the objects behind {unmapped} of {name} are"


def test_every_gate_lets_in_whom_the_oracle_expects() -> None:
    for name, address in named_addresses().items():
        expected = EXPECTED[name]
        if name == "api:api-root":  # leads nowhere
            continue
        assert address.gate is not None, f"{name} has no gate"
        if expected.kinds == ANYBODY:
            assert "*" in address.gate.kinds, name
            continue
        assert set(address.gate.methods) == set(expected.methods), name


@pytest.mark.parametrize("subject", [*SUBJECTS, None], ids=told)
def test_nobody_learns_or_changes_what_is_not_theirs(world: World, subject: Subject | None) -> None:
    """A sample that holds every address: `tests.oracle.night` asks very many more."""
    walker = Walker(world, subject)
    faults = [fault for question in sample(world, walker, told(subject)) for fault in walker.faults(question)]
    assert not faults, "\n".join(faults)


def sample(world: World, walker: Walker, seed: str) -> list[Question]:
    """Of each address and method an object within reach and one beyond, then pages within reach, then anything.

    Where many have the same capacity each of them asks a part of it.
    """
    chance = random.Random(seed)
    everything = questions(world)
    chance.shuffle(everything)
    first: dict[object, Question] = {}
    pages, others = [], []
    for question in everything:
        within = 200 in walker.statuses(question)
        # Where nobody of this kind may come in, one question tells as much as many.
        key = (
            (question.name, question.method, within, bool(question.data))
            if walker.may_enter(question)
            else question.name
        )
        if key not in first:
            first[key] = question
        elif within and question.method == "GET" and not question.data:
            pages.append(question)  # what is shown is where secrets come out
        else:
            others.append(question)
    alike = sum(walker.oracle is not None and one.kind == walker.oracle.kind for one in SUBJECTS)
    asked = [
        q for q in first.values() if chance.random() < (1 / min(alike, 3) if alike and walker.may_enter(q) else 0.3)
    ]
    return [*asked, *pages[:ASKED_MORE], *others[:ASKED_MORE]]
