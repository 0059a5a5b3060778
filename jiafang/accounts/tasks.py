"""Nightly: what doors no longer need is forgotten."""

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app

from jiafang.accounts.services.devices import forget_old_devices
from jiafang.accounts.services.guesses import forget_old_guesses


@app.periodic(cron="20 3 * * *")
@app.task(name="accounts.forget_at_the_doors", queue="nightly", queueing_lock="accounts.forget_at_the_doors")
def forget_at_the_doors(timestamp: int) -> None:
    """Sessions that have expired, counts of guesses, devices unused for two years."""
    SessionStore.clear_expired()
    forget_old_guesses()
    forget_old_devices()
