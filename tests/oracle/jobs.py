"""The jobs of the queue, as if everybody could queue them with any object."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from procrastinate.contrib.django import app

from jiafang.common.errors import JiafangError
from tests.fence import as_in_production
from tests.oracle.changes import quickly_undone, writes
from tests.oracle.facts import World
from tests.oracle.walk import TRACES, Walker


@dataclass(frozen=True)
class Job:
    """Who may have it done: kinds of capacity, or nobody, where it works for the machine alone and says nothing."""

    objects: str = ""
    kinds: tuple[str, ...] = ()


# A job that names its user must ask anew what the user may do. The others take what a service has queued.
JOBS = {
    "organization.check_roster": Job("roster_import", ("administrator",)),
    "organization.commit_roster": Job("roster_import", ("administrator",)),
}


def jobs_of_users() -> dict[str, Any]:
    """Every job that is done in the name of a user."""
    found = {name: task for name, task in app.tasks.items() if name.split(".")[0] not in ("builtin", "builtin_tasks")}
    return {name: task for name, task in found.items() if "user_id" in inspect.signature(task.func).parameters}


def job_faults(world: World, walker: Walker, name: str, pk: Any) -> Iterator[str]:
    """What is wrong when the job is done for the subject with that object."""
    job, task = JOBS[name], jobs_of_users()[name]
    said = ""
    with quickly_undone(), as_in_production(), writes() as written:
        try:
            said = str(_call(task.func, walker.user_id, pk))
        except JiafangError as error:
            said = str(error)
        except Exception as error:
            said = repr(error)
        changed = written.tables - TRACES
    told = f"{walker.who}: job {name} {pk}"
    if changed and walker.oracle and walker.oracle.kind not in job.kinds:
        yield f"{told} wrote {sorted(changed)}"
    for secret in world.found_in(said.encode()):
        if not walker.oracle or not walker.oracle.may_know(secret):
            yield f"{told} LEAKS {secret}"


def _call(work: Callable[..., Any], user_id: int | None, pk: Any) -> Any:
    others = [name for name in inspect.signature(work).parameters if name != "user_id"]
    return work(user_id=user_id, **dict.fromkeys(others, pk))
