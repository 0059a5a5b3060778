"""Who did or read what: every change and every opening of a family's data leaves an entry, in its own transaction."""

from jiafang.accounts.audit.readings import Reading
from jiafang.accounts.audit.write import AuditedBy, opened, record, record_each

__all__ = ["AuditedBy", "Reading", "opened", "record", "record_each"]
