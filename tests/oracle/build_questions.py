"""Questions added by the bureau and by schools, in every state."""

from jiafang.campaigns.models import Tier
from jiafang.common.clock import now
from jiafang.visits.models import QuestionSet
from tests.oracle.facts import AddedQuestions, World

DEFINITION = {
    "format": 1,
    "items": [{"type": "text", "name": "wish", "label": {"zh": "有什么希望?", "en": "Any wish?"}}],
    "order": ["wish"],
    "choices": {},
}


def build_questions(world: World) -> None:
    for tier in Tier.values:
        _added(world, tier, None, "published", 2)
    for state, version in (("retired", 1), ("draft", 3)):
        _added(world, Tier.TEACHER_FAMILY, None, state, version)
    _added(world, Tier.BUREAU_PRINCIPAL, None, "draft", 3)
    for school in ("one", "two"):
        for state, version in (("retired", 1), ("published", 2), ("draft", 3)):
            _added(world, Tier.TEACHER_FAMILY, school, state, version)
    _added(world, Tier.PRINCIPAL_TEACHER, "one", "published", 1)


def _added(world: World, tier: str, school: str | None, state: str, version: int) -> None:
    token = world.word()
    school_id = world.schools[school] if school else None
    row = QuestionSet.unscoped.create(
        school_id=school_id,
        tier=tier,
        version=version,
        title=f"附加{token}",
        state=state,
        definition=DEFINITION,
        created_by_id=world.people["administrator"],
        published_at=None if state == "draft" else now(),
    )
    world.hide(token, "question_set", "title", row.pk)
    world.question_sets[row.pk] = AddedQuestions(row.pk, tier, school_id, state)
