"""Nightly: counts of guesses are forgotten; sessions and devices go with the purge (retention/services/rules.py)."""

from procrastinate.contrib.django import app

from jiafang.accounts.services.guesses import forget_old_guesses


@app.periodic(cron="20 3 * * *")
@app.task(name="accounts.forget_at_the_doors", queue="nightly", queueing_lock="accounts.forget_at_the_doors")
def forget_at_the_doors(timestamp: int) -> None:
    """Counts that no longer matter."""
    forget_old_guesses()
