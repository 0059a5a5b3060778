"""Jobs of the cases."""

from contextlib import ExitStack

from procrastinate.contrib.django import app

from jiafang.access import system
from jiafang.care.services.close_silent import ask_again, close_silent
from jiafang.care.services.escalate import announce_due, escalate_overdue, follow_announced, tell_overdue
from jiafang.care.services.hand_over import follow_the_calendar

_MACHINE = system("escalation")


@app.periodic(cron="*/15 * * * *")
@app.task(name="care.escalate", queue="nightly", queueing_lock="care.escalate")
def escalate(timestamp: int) -> None:
    """Announce, call off and escalate; whatever one of them could not do, the others are done."""
    with ExitStack() as parts:
        for part in (tell_overdue, escalate_overdue, announce_due, follow_announced):  # the last one is done first
            parts.callback(part, by=_MACHINE)


@app.periodic(cron="10 1 * * *")
@app.task(name="care.close_silent", queue="nightly", queueing_lock="care.close_silent")
def close_silent_daily(timestamp: int) -> None:
    """Results to which nobody has answered."""
    try:
        ask_again(by=_MACHINE)
    finally:
        close_silent(by=_MACHINE)


@app.periodic(cron="20 0 * * *")
@app.task(name="care.follow_the_calendar", queue="nightly", queueing_lock="care.follow_the_calendar")
def follow_the_calendar_daily(timestamp: int) -> None:
    """Posts, pairings, enrollments and guardianships that begin or end today."""
    follow_the_calendar(by=system("calendar"))
