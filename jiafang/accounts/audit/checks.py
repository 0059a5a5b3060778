"""`jiafang check --deploy` says what the audit lacks, with `--database default` also how long entries wait."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from jiafang.accounts.audit.chain import connect, unchained_tail

LONGEST_WAIT_SECONDS = 10.0


def has_a_key_of_its_own(app_configs: object, **options: Any) -> list[CheckMessage]:
    """The sequencer's role is no matter here: the web server is kept from it."""
    if settings.AUDIT_KEYS != [settings.MASTER_KEY]:
        return []
    return [Warning("The audit is sealed with the master key.", hint="Set JIAFANG_AUDIT_KEY.", id="audit.W001")]


def is_chained_in_time(
    app_configs: object, databases: Sequence[str] | None = None, **options: Any
) -> list[CheckMessage]:
    """The sequencer runs: nothing waits for long."""
    if not databases or not settings.DATABASE_SEQUENCER_URL:
        return []
    try:
        with connect() as connection:
            waiting, seconds = unchained_tail(connection)
    except psycopg.errors.UndefinedTable:
        return []  # before the first migration
    except psycopg.Error as error:
        return [Warning(f"The sequencer cannot read the audit: {error}", id="audit.W002")]
    if seconds < LONGEST_WAIT_SECONDS:
        return []
    words = f"{waiting} audit entries are not in the chain, the oldest for {seconds:.0f} s."
    return [Warning(words, hint="Does jiafang chain-audit run?", id="audit.W003")]


def register_all() -> None:
    register(has_a_key_of_its_own, Tags.security, deploy=True)
    register(is_chained_in_time, Tags.database)
