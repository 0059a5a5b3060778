"""An import that could not go on says why, and keeps its files so that it can be tried again."""

from __future__ import annotations

from collections.abc import Sequence

from jiafang.access import CHANGE, Actor, actor_transaction, claim
from jiafang.organization.models import RosterImport


def fail(*, by: Actor, import_id: int, states: Sequence[str], message: str) -> None:
    with actor_transaction(by):
        claim(by, RosterImport(pk=import_id), CHANGE)
        row = RosterImport.unscoped.select_for_update(of=("self",)).get(pk=import_id)
        if row.state in states:
            row.state, row.error, row.progress = RosterImport.State.FAILED, message, {}
            row.save(update_fields=["state", "error", "progress"])
