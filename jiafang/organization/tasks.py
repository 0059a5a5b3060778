"""Jobs of the organization: the check and the commit of a roster."""

from procrastinate.contrib.django import app

from jiafang.access import Actor
from jiafang.access.actor import ADMINISTRATOR
from jiafang.access.capacities import actors_of
from jiafang.common.errors import JiafangError, NotAllowed
from jiafang.organization.services.roster import check_import, commit_import


def _importer(user_id: int) -> Actor:
    """Whoever asked must still be an administrator when the job runs."""
    for actor in actors_of(user_id):
        if actor.kind == ADMINISTRATOR:
            return actor
    raise NotAllowed("roster.import")


@app.task(name="organization.check_roster", queue="roster")
def check_roster(user_id: int, import_id: int) -> None:
    """Make the preview of an upload."""
    check_import(by=_importer(user_id), import_id=import_id)


@app.task(name="organization.commit_roster", queue="roster")
def commit_roster(user_id: int, import_id: int) -> None:
    """Write a confirmed import; why it could not be written stands on the import."""
    try:
        commit_import(by=_importer(user_id), import_id=import_id)
    except JiafangError:
        return
