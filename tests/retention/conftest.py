"""A clock that can be moved on."""

import datetime as dt

import pytest
from django.utils import timezone


@pytest.fixture
def clock(monkeypatch):
    """Moves the one clock that everything asks."""
    real = timezone.now

    def move(by: dt.timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + by)

    return move
