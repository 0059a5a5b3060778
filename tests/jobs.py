"""Runs queued jobs as a real worker does; the test must be transactional, for the worker has its own connections."""

from procrastinate.contrib.django import app


def run_jobs() -> None:
    """Work until the queue is empty."""
    worker_connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's connector has it
    with app.replace_connector(worker_connector):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
