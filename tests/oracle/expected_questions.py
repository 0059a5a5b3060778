"""What the pages of added questions are expected to answer: the bureau and principals, each about what they may see."""

from tests.oracle.expectation import BOTH, POST, Body, Expected, of
from tests.oracle.oracle import Oracle

OWNERS = ("administrator", "director", "principal")


def _seen(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_questions(oracle.world.question_sets[pk])


def _own(oracle: Oracle, pk: int) -> bool:
    return oracle.owns_questions(oracle.world.question_sets[pk])


QUESTIONS = {
    "question_list": Expected(OWNERS),
    "question_example": Expected(OWNERS),
    "question_add": Expected(OWNERS, methods=BOTH, body=(Body({"tier": "tier"}),)),
    "question_set": Expected(OWNERS, _seen, of("question_set")),
    "question_publish": Expected(OWNERS, _own, of("question_set"), POST),
    "question_retire": Expected(OWNERS, _own, of("question_set"), POST),
    "question_discard": Expected(OWNERS, _own, of("question_set"), POST),
}
