"""Jobs are asked for by name, inside the transaction that makes them necessary; tasks.py does them."""

from __future__ import annotations

from procrastinate.contrib.django import app

from jiafang.access import Actor

QUEUE = "roster"


def queue_check(by: Actor, import_id: int) -> None:
    app.configure_task("organization.check_roster", queue=QUEUE).defer(user_id=by.user_id, import_id=import_id)


def queue_commit(by: Actor, import_id: int) -> None:
    app.configure_task("organization.commit_roster", queue=QUEUE).defer(user_id=by.user_id, import_id=import_id)
