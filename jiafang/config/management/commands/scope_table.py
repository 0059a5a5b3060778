"""`jiafang scope-table`: who sees and may change which rows, who holds which permission, what each address asks for."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand

from jiafang.access.actor import ALL_KINDS
from jiafang.access.permissions import permissions
from jiafang.access.registry import rules
from jiafang.config.addresses import addresses


class Command(BaseCommand):
    help = "Print every rule of the scope registry, every permission and the gate of every address."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("# Rows\n")
        kinds_of: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for entry in rules():
            kinds_of[entry.model._meta.label, entry.purpose, entry.words].append(entry.kind)
        self._table(
            ("model", "purpose", "rows", "capacities"),
            [(model, purpose, words, _names(kinds)) for (model, purpose, words), kinds in kinds_of.items()],
        )
        self.stdout.write("\n# Permissions\n")
        self._table(
            ("permission", "capacities"), [(name, _names(kinds)) for name, kinds in sorted(permissions().items())]
        )
        self.stdout.write("\n# Addresses\n")
        self._table(
            ("address", "name", "methods", "capacities", "permission"),
            [
                (f"/{one.pattern}", one.name, " ".join(one.methods), _names(one.kinds), one.permission)
                for one in addresses()
            ],
        )

    def _table(self, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        for row in (header, ("---",) * len(header), *rows):
            self.stdout.write("| " + " | ".join(row) + " |")


def _names(kinds: Iterable[str]) -> str:
    held = set(kinds)
    return "everybody signed in" if held == ALL_KINDS else ", ".join(sorted(held))
