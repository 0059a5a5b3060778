"""Fixtures for every test."""

from tests.database import database_environment, django_db_setup

__all__ = ["database_environment", "django_db_setup"]
