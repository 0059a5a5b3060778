"""What can be done with a case on its page: the words of each verb, its form, and the use case behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jiafang.access import Actor
from jiafang.care.models import CaseFile
from jiafang.web.care.verb_forms import VerbForm

Told = dict[str, Any]
Do = Callable[[Actor, int, Told], object]


@dataclass(frozen=True)
class PageVerb:
    """`title` stands on what unfolds, `button` on its button, `done` above the page that follows."""

    verb: str
    icon: str
    title: Any
    button: Any
    done: Any
    form: type[VerbForm]
    do: Do
    lead: Any = ""
    confirm: Any = ""

    def blank(self, actor: Actor, case: CaseFile, data: Any = None) -> VerbForm:
        """The form, with the people and cases that this actor may choose from now."""
        return self.form(data, case=case, choices={}, auto_id=f"{self.verb}-%s")


VERBS: dict[str, PageVerb] = {}


def offers(actor: Actor, case: CaseFile) -> frozenset[str]:
    return frozenset()
