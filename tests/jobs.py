"""Runs queued jobs as a real worker does; the test must be transactional, for the worker has its own connections."""

from django.db import connection
from procrastinate.contrib.django import app


def run_jobs() -> None:
    """Work until the queue is empty; no connection of the worker stays open to hold on to the test's database."""
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 0
    worker_connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's connector has it
    try:
        with app.replace_connector(worker_connector):
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = kept
