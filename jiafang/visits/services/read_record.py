"""Reading a record of a family is remembered."""

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.visits.models import Attachment, Visit


def note_reading(*, by: Actor, visit: Visit) -> None:
    """An audit entry, in the transaction of the page; also for whoever wrote it, who may read it again much later."""
    about = visit.duties.values_list("person_id", flat=True)
    audit.opened(by=by, reading=Reading.VISIT, students=about, of=visit)


def note_fetching(*, by: Actor, attachment: Attachment) -> None:
    """The same for a file of the record, which leaves the house."""
    about = attachment.visit.duties.values_list("person_id", flat=True)
    audit.opened(by=by, reading=Reading.ATTACHMENT, students=about, of=attachment)
