"""Runs queued jobs as a real worker does; the test must be transactional, for the worker has its own connections."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from procrastinate.contrib.django import app


def run_jobs() -> None:
    """Work until the queue is empty; no connection of the worker stays open to hold on to the test's database."""
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 0
    worker_connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's connector has it
    try:
        # In a thread of its own: a browser test already has an event loop in this one.
        with app.replace_connector(worker_connector), ThreadPoolExecutor(1) as thread:
            thread.submit(app.run_worker, wait=False, install_signal_handlers=False, listen_notify=False).result()
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = kept
