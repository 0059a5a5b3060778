"""`jiafang export-keys FILE`: master keys and hash key in one file, to be kept apart from the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jiafang.keys.masters import export_keys


class Command(BaseCommand):
    help = "Write all keys into a new file. JIAFANG_KEY_FILE=FILE reads them from there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            export_keys(options["file"])
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Keys written to {options['file']}. Whoever has it and a backup can read everything.")
