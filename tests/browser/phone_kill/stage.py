"""A database of one's own and a server on it, without pytest."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiafang.config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from tests.database import own_database  # isort: skip  # starts the local PostgreSQL, which the settings ask for

import django
from django.conf import settings

if not settings.configured or not django.apps.apps.ready:
    django.setup()

from django.test.utils import override_settings, setup_test_environment, teardown_test_environment
from pytest_django.live_server_helper import LiveServer

from tests import fence


@contextmanager
def stage() -> Iterator[str]:
    """An empty house with photos switched on; the address of its server."""
    plain: dict[str, Any] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    memory: dict[str, Any] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    setup_test_environment()
    fence.connect()
    with (
        override_settings(
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            STORAGES={"default": memory, "staticfiles": plain},
            VISIT_PHOTOS=True,
        ),
        own_database(),
    ):
        server = LiveServer("127.0.0.1")
        try:
            yield server.url
        finally:
            server.stop()
            teardown_test_environment()
