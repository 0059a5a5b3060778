"""Locks on something that may not be a row yet."""

from django.db import connection


def lock_name(name: str) -> None:
    """Hold a name until the transaction ends; whoever asks for the same name waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
