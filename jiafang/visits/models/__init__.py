"""Records of visits, what hangs on them, and what phones send."""

from jiafang.visits.models.attachment import Attachment
from jiafang.visits.models.questions import QuestionSet
from jiafang.visits.models.record import LastContact, Note, Participant, RaisedConcern, Visit, VisitRevision
from jiafang.visits.models.sync import HeldItem, ItemKind, Receipt

__all__ = [
    "Attachment",
    "HeldItem",
    "ItemKind",
    "LastContact",
    "Note",
    "Participant",
    "QuestionSet",
    "RaisedConcern",
    "Receipt",
    "Visit",
    "VisitRevision",
]
