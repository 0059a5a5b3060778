"""`jiafang erase-person ID`: destroys the keys of everything that is known of a person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jiafang.access import reading, system
from jiafang.common.errors import JiafangError
from jiafang.organization.models import Person
from jiafang.organization.services.erase_person import erase_person


class Command(BaseCommand):
    help = "Erase a person for ever: telephone, numbers, address, every record and answer about them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", type=int, help="the person's number, as in the address of their page")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        by, pk = system("erase-person"), options["person"]
        with reading(by):
            person = Person.unscoped.filter(pk=pk, erased_on=None).first()
        if person is None:
            raise CommandError(f"There is no person {pk}, or they were erased already.")
        if not options["yes"]:
            answer = input(f"Erase everything about {person.name} ({pk})? It cannot be undone. Type the name: ")
            if answer.strip() != person.name:
                raise CommandError("Nothing was erased.")
        try:
            destroyed = erase_person(by=by, person_id=pk)
        except JiafangError as error:
            raise CommandError(error.message) from error
        told = ", ".join(f"{count} {purpose}" for purpose, count in sorted(destroyed.items()))
        self.stdout.write(f"Erased. Keys destroyed: {told or 'none'}.")
