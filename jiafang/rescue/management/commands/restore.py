"""`jiafang restore FOLDER`: a backup becomes the database, once it was seen to be whole."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiafang.common.errors import JiafangError
from jiafang.rescue.progress import Progress
from jiafang.rescue.restore import restore_backup


class Command(BaseCommand):
    help = "Restore a backup into a database of its own, verify it, and only then put it in place of the present one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--into", default="", metavar="NAME", help="another database of the server, to look into")
        parser.add_argument("--replace", action="store_true", help="give up the data that the database holds now")
        parser.add_argument("--keep-old", action="store_true", help="keep the replaced database under another name")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        progress = Progress(None if options["quiet"] else sys.stderr)
        try:
            restored = restore_backup(
                options["folder"],
                into=options["into"],
                replace=options["replace"],
                keep_old=options["keep_old"],
                progress=progress,
            )
        except JiafangError as error:
            raise CommandError(error.message) from error
        for line in restored.found:
            self.stdout.write(f"  {line}")
        self.stdout.write(
            f"Restored as of {restored.made_at:%Y-%m-%d %H:%M} UTC in {time.monotonic() - began:.1f} s; "
            f"restore epoch {restored.epoch}"
        )
