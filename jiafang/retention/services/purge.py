"""The nightly purge: what is due goes, what is counted stays, and the run says so itself."""

import logging
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Sum

from jiafang.access import Actor, actor_transaction, reading, require
from jiafang.accounts import audit
from jiafang.campaigns.models import Duty
from jiafang.common.clock import now
from jiafang.common.errors import Conflict
from jiafang.common.locking import lock_name
from jiafang.insight.models import DutyTally
from jiafang.retention.models import PurgeRun
from jiafang.retention.services.rules import RULES, Rule

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """What one rule found and left."""

    rule: str
    rows: int
    due: int
    removed: int = 0
    left_due: int = 0
    left: int = 0


def due_now(*, by: Actor) -> list[Result]:
    """What a run would do at this moment; changes nothing."""
    with reading(by):
        return [_looked_at(rule) for rule in RULES]


def _looked_at(rule: Rule) -> Result:
    rows = rule.rows().count()
    return Result(rule.code, rows=rows, due=rule.due(rule.rows(), now()).count(), left=rows)


def purge(*, by: Actor) -> PurgeRun:
    """Every rule in a transaction of its own; one that fails leaves the run unfinished and the others done."""
    require(by, "retention.purge")
    with actor_transaction(by):
        run = PurgeRun.unscoped.create(started_at=now(), sums_before=_sums())
    failed = []
    for rule in RULES:
        try:
            _apply(by, run, rule)
        except Exception:
            logger.exception("the rule %s of the purge failed", rule.code)
            failed.append(rule.code)
    if failed:
        raise Conflict(f"not purged: {', '.join(failed)}")
    with actor_transaction(by):
        run.sums_after = _sums()
        run.finished_at = now()
        run.save(update_fields=["sums_after", "finished_at"])
    return run


def _apply(by: Actor, run: PurgeRun, rule: Rule) -> None:
    with actor_transaction(by):
        lock_name("retention.purge")
        sums = _sums()
        moment = now()
        rows = rule.rows().count()
        found = rule.due(rule.rows(), moment)
        due = found.count()
        if due:
            # A second query by key: rows are removed, not what the condition would select meanwhile.
            keys = list(found.values_list("pk", flat=True))
            chosen = found.model._default_manager.filter(pk__in=keys)
            if rule.before:
                rule.before(keys)
            if rule.emptied:
                chosen.update(**rule.emptied)
            else:
                chosen.delete()
        left_due = rule.due(rule.rows(), moment).count()
        left = rule.rows().count()
        if _sums() != sums:
            raise Conflict(f"{rule.code} would have changed what is counted")
        if due > left_due:
            audit.record(by=by, action="retention.purge", of=run, rule=rule.code, removed=due - left_due)
        result = Result(rule.code, rows=rows, due=due, removed=due - left_due, left_due=left_due, left=left)
        run.results = [*run.results, asdict(result)]
        run.save(update_fields=["results"])


def _sums() -> dict[str, Any]:
    """What has to be the same afterwards: how many duties in which state, and the sums made of them."""
    states = DutyTally.unscoped.order_by("state").values_list("state").annotate(n=Sum("count"))
    return {"duties": Duty.unscoped.count(), "states": {state: n for state, n in states if n}}
