"""Jobs of the insight."""

from procrastinate.contrib.django import app

from jiafang.access import system
from jiafang.insight.services.find_signs import find_signs


@app.periodic(cron="40 3 * * *")
@app.task(name="insight.find_signs", queue="nightly", queueing_lock="insight.find_signs")
def find_signs_daily(timestamp: int) -> None:
    """To whom the rules of early signs point."""
    find_signs(by=system("signs"))
