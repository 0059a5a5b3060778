"""The purge runs every night."""

from procrastinate.contrib.django import app

from jiafang.access import system
from jiafang.retention.services.purge import purge


@app.periodic(cron="40 2 * * *")
@app.task(name="retention.purge", queue="nightly", queueing_lock="retention.purge")
def purge_nightly(timestamp: int) -> None:
    """Remove what is due."""
    purge(by=system("retention"))
