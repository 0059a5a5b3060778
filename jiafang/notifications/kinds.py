"""What a code says and where it leads; the apps above enter theirs here when they are loaded (`apps.py`).

The words are general ("有一件事等您确认"): they say that something waits, never what or about whom.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

Place = str | Callable[[str], str]


@dataclass(frozen=True)
class Kind:
    """One code: its words, and the page of an object as a function or as the name of an address."""

    code: str
    words: Any
    url: Place

    def place(self, object_id: str) -> str:
        """The page of the object; empty where there is none."""
        try:
            if callable(self.url):
                return self.url(object_id)
            return reverse(self.url, args=[object_id] if object_id else [])
        except (NoReverseMatch, ValueError):
            return ""


_kinds: dict[str, Kind] = {}


def declare(code: str, words: Any, url: Place) -> None:
    """Enter a code; each app does so once, with lazily translated words."""
    if code in _kinds:
        raise ValueError(f"two kinds of notification are called {code}")
    _kinds[code] = Kind(code, words, url)


def kind_of(code: str) -> Kind:
    """What was entered for the code; of one that nobody knows (any more) only that something is new."""
    return _kinds.get(code) or Kind(code, _("有新的事项"), lambda object_id: "")


def declared() -> list[Kind]:
    """Every kind, for the tests."""
    return list(_kinds.values())
