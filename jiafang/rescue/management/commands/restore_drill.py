"""`jiafang restore-drill`: a rescue rehearsed beside the database, which is only read."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiafang.common.errors import JiafangError
from jiafang.rescue.drill import rehearse
from jiafang.rescue.progress import Progress


class Command(BaseCommand):
    help = "Back up, restore into a second database, damage it in many ways, see that noticed, restore, drop it again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(None if options["quiet"] else sys.stderr)
        try:
            seconds = rehearse(say=self.stdout.write, progress=progress)
        except JiafangError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"The drill was passed in {seconds:.1f} s.")
