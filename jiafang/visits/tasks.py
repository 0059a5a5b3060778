"""Jobs of the visits."""

from procrastinate.contrib.django import app

from jiafang.access import system
from jiafang.visits.services.raise_concerns import raise_waiting


@app.periodic(cron="20 0 * * *")
@app.task(name="visits.raise_waiting", queue="nightly", queueing_lock="visits.raise_waiting")
def raise_waiting_daily(timestamp: int) -> None:
    """Concerns for which nobody could be found when they were heard."""
    raise_waiting(by=system("concerns"))
