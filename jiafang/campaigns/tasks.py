"""Jobs of the campaigns."""

from procrastinate.contrib.django import app

from jiafang.access import system
from jiafang.campaigns.services.follow_changes import follow_the_calendar
from jiafang.campaigns.services.run_plan import run_plan


@app.task(name="campaigns.plan", queue="plans")
def plan_campaign(run_id: int) -> None:
    """Make the timetable of a requested run."""
    run_plan(run_id=run_id)


@app.periodic(cron="10 0 * * *")
@app.task(name="campaigns.follow_the_calendar", queue="nightly", queueing_lock="campaigns.follow_the_calendar")
def follow_the_calendar_daily(timestamp: int) -> None:
    """Posts and enrollments that begin or end today."""
    follow_the_calendar(by=system("calendar"))
