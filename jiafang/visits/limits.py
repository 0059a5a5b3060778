"""How much one record may hold, and when it may have been."""

import datetime as dt

MAX_TEXT = 2000
MAX_RELATION = 30
# A whole teachers' room is met at once.
MAX_DUTIES = 60
MAX_PARTICIPANTS = 60
MAX_NOTES = 240
MAX_CONCERNS = 60
MAX_REVISION = 1_000_000
LONGEST_VISIT = dt.timedelta(hours=12)
# A telephone may run ahead; a record may be written up to a year late.
CLOCK_AHEAD = dt.timedelta(minutes=10)
LATEST_RECORD = dt.timedelta(days=366)
