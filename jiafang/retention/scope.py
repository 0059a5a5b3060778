"""Who sees what was purged."""

from jiafang.access import allow, everything, register
from jiafang.access.actor import ADMINISTRATOR
from jiafang.retention.models import PurgeRun

allow("retention.purge", ())  # nobody but the nightly job
allow("retention.watch", {ADMINISTRATOR})
register(PurgeRun, ADMINISTRATOR, everything, words="every run")
