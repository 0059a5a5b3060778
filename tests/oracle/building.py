"""The whole world, built once for all questions of a process and undone at its end."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.apps import apps
from django.db.models import Model

from jiafang.accounts.models import AuditEntry
from jiafang.common.clock import today
from jiafang.common.models import Scoped
from tests.fence import OPEN_TO_READ
from tests.oracle.build_campaigns import build_campaigns
from tests.oracle.build_care import build_care
from tests.oracle.build_notifications import build_notifications
from tests.oracle.build_people import build_people
from tests.oracle.changes import undone
from tests.oracle.facts import World


@contextmanager
def built_world(*, kept: bool = False) -> Iterator[World]:
    with nullcontext() if kept else undone():
        world = World(day=today())
        build_people(world)
        build_campaigns(world)
        build_notifications(world)
        build_care(world)
        world.tables = {model._meta.label_lower: rows_of(model) for model in fenced_tables()}
        yield world


def scoped_tables() -> list[type[Model]]:
    """Every model whose rows not everybody may see, and the tables that link two of them."""
    scoped = [model for model in apps.get_models() if issubclass(model, Scoped)]
    links = [
        link.remote_field.through
        for model in scoped
        for link in model._meta.local_many_to_many
        if link.remote_field.through._meta.auto_created
    ]
    return [*scoped, *links, AuditEntry]


def fenced_tables() -> list[type[Model]]:
    """Every table that has policies of its own: the scoped ones, and lists that everybody who has come in may read."""
    return [*scoped_tables(), *(apps.get_model(label) for label in OPEN_TO_READ)]


def rows_of(model: type[Model]) -> dict[object, dict[str, object]]:
    return {row[model._meta.pk.attname]: row for row in model._base_manager.values()}
