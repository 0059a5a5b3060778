"""Jobs of the campaigns."""

from procrastinate.contrib.django import app

from jiafang.campaigns.services.run_plan import run_plan


@app.task(name="campaigns.plan", queue="plans")
def plan_campaign(run_id: int) -> None:
    """Make the timetable of a requested run."""
    run_plan(run_id=run_id)
