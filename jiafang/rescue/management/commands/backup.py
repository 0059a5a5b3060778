"""`jiafang backup FOLDER --keys FILE`: the database and the files into a folder, the keys apart from it."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiafang.common.errors import JiafangError
from jiafang.rescue.backup import make_backup
from jiafang.rescue.marks import mark_backup
from jiafang.rescue.progress import Progress


class Command(BaseCommand):
    help = "Write a backup of the database and the uploaded files into a new folder; it holds no key."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--keys", type=Path, metavar="FILE", help="also write the keys, into this file outside the folder"
        )
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        progress = Progress(None if options["quiet"] else sys.stderr)
        try:
            manifest = make_backup(options["folder"], keys_file=options["keys"], progress=progress)
            mark_backup(manifest)
        except JiafangError as error:
            raise CommandError(error.message) from error
        size = sum(file.size for file in manifest.files.values())
        self.stdout.write(
            f"{options['folder']}: {sum(manifest.tables.values()):,} rows in {len(manifest.tables)} tables, "
            f"{size / 1e6:.1f} MB, {time.monotonic() - began:.1f} s"
        )
        if not options["keys"]:
            self.stdout.write("The keys are not in it. Without JIAFANG_MASTER_KEY the backup cannot be read again.")
