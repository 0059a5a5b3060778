"""Questions that a bureau or a school adds to a tier: uploaded as a draft, published, retired, never changed."""

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.access.actor import PRINCIPAL
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Tier
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.common.uploads import true_name
from jiafang.organization.models import School
from jiafang.visits.models import QuestionSet
from jiafang.visits.questions.read import read_workbook

MANAGE = "questions.manage"
SCHOOL_TIERS = (Tier.PRINCIPAL_TEACHER, Tier.TEACHER_FAMILY)
LONGEST_TITLE = 100


def tiers_of(by: Actor) -> list[Tier]:
    """The tiers to which this actor may add questions: the bureau to all, a school to its own."""
    return list(SCHOOL_TIERS) if by.kind == PRINCIPAL else list(Tier)


def add_questions(*, by: Actor, tier: str, file_name: str, content: bytes) -> QuestionSet:
    """A draft from a workbook, in place of the one that is there already; WorkbookFault tells all that is wrong."""
    require(by, MANAGE)
    if tier not in tiers_of(by):
        raise InputFault(_("没有这个层级"), place="tier")
    # Before the transaction: reading takes a second, and nobody should wait for it.
    form = read_workbook(content)
    stem, suffix = true_name(file_name, "").strip(), ".xlsx" if content.startswith(b"PK") else ".xls"
    school_id = by.school_id if by.kind == PRINCIPAL else None
    with actor_transaction(by):
        lock_name(f"questions:{school_id or ''}:{tier}")
        claim(by, School(pk=school_id or 0), "ask")
        own = _of_owner(school_id, tier)
        row = own.filter(state=QuestionSet.State.DRAFT).first() or QuestionSet(
            school_id=school_id,
            tier=tier,
            version=(own.aggregate(last=Max("version"))["last"] or 0) + 1,
        )
        row.title = (form.title or stem)[:LONGEST_TITLE]
        row.definition = {**form.definition, "remarks": [remark.to_json() for remark in form.remarks]}
        row.file_name = f"{stem}{suffix}"
        row.created_by_id = by.person_id
        row.save()
        record(by=by, action="questions.add", of=row, version=row.version)
    return row


def publish_questions(*, by: Actor, question_set: QuestionSet) -> None:
    """From now on this is asked; what was asked before is retired, and answers to it are still taken."""
    require(by, MANAGE)
    with actor_transaction(by):
        row = _locked(by, question_set)
        if row.state != QuestionSet.State.DRAFT:
            raise Conflict(_("这份题目已经启用过了"))
        earlier = _of_owner(row.school_id, row.tier).filter(state=QuestionSet.State.PUBLISHED).first()
        if earlier is not None:
            claim(by, earlier, CHANGE)
            earlier.state = QuestionSet.State.RETIRED
            earlier.save(update_fields=["state"])
        row.state = QuestionSet.State.PUBLISHED
        row.published_at = now()
        row.save(update_fields=["state", "published_at"])
        record(by=by, action="questions.publish", of=row, instead=earlier.pk if earlier else None)


def retire_questions(*, by: Actor, question_set: QuestionSet) -> None:
    """Ask no longer. Answers that phones still hold are taken."""
    require(by, MANAGE)
    with actor_transaction(by):
        row = _locked(by, question_set)
        if row.state != QuestionSet.State.PUBLISHED:
            raise Conflict(_("这份题目没有在使用"))
        row.state = QuestionSet.State.RETIRED
        row.save(update_fields=["state"])
        record(by=by, action="questions.retire", of=row)


def discard_questions(*, by: Actor, question_set: QuestionSet) -> None:
    """Throw a draft away; what has been asked stays."""
    require(by, MANAGE)
    with actor_transaction(by):
        row = _locked(by, question_set)
        if row.state != QuestionSet.State.DRAFT:
            raise Conflict(_("已经启用过的题目不能删除,可以停用"))
        record(by=by, action="questions.discard", of=row)
        row.delete()


def _of_owner(school_id: int | None, tier: str) -> QuerySet[QuestionSet]:
    rows = QuestionSet.unscoped.filter(tier=tier)
    return rows.filter(school=None) if school_id is None else rows.filter(school_id=school_id)


def _locked(by: Actor, question_set: QuestionSet) -> QuestionSet:
    """The row as it is now, with everything of its owner and tier locked."""
    lock_name(f"questions:{question_set.school_id or ''}:{question_set.tier}")
    row = scope(by, QuestionSet, CHANGE).filter(pk=question_set.pk).first()
    if row is None:
        raise NotAllowed(MANAGE)
    claim(by, row, CHANGE)
    return row
