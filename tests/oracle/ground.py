"""The ground of the commands in this folder: settings, a database of their own and the world, without pytest."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiafang.config.settings")

from tests.database import own_database  # isort: skip  # starts the local PostgreSQL, which the settings ask for

import django
from django.conf import settings

if not settings.configured or not django.apps.apps.ready:
    django.setup()

from django.test.utils import override_settings, setup_test_environment, teardown_test_environment

from tests import fence
from tests.oracle.building import built_world
from tests.oracle.facts import World
from tests.oracle.fences import Fences, standing
from tests.oracle.walk import quiet


@contextmanager
def ground(fences: Fences = Fences.BOTH, *, kept: bool = False) -> Iterator[World]:
    """The world of the scope test in a database that is dropped afterwards; `kept` for other connections to see it."""
    plain: dict[str, Any] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    memory: dict[str, Any] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    setup_test_environment()
    fence.connect()
    with ExitStack() as stack:
        stack.callback(teardown_test_environment)
        stack.enter_context(
            override_settings(
                PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
                STORAGES={"default": memory, "staticfiles": plain},
            )
        )
        stack.enter_context(own_database())
        stack.enter_context(quiet())
        world = stack.enter_context(built_world(kept=kept))
        stack.enter_context(standing(fences))
        yield world
