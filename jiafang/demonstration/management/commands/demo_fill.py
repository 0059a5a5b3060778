"""`jiafang demo-fill`: the demonstration district, brought in through the roster import itself; once."""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiafang.accounts.models import User
from jiafang.common.clock import today
from jiafang.common.errors import JiafangError
from jiafang.demonstration.district import generate
from jiafang.demonstration.services.difficulties import bring_difficulties
from jiafang.demonstration.services.life import bring_to_life
from jiafang.demonstration.services.logins import LOGINS, open_logins
from jiafang.demonstration.services.settle import settle
from jiafang.demonstration.workbook import write_workbooks
from jiafang.organization.models import District
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.services.roster.headless import import_files


class Command(BaseCommand):
    help = "Fill an empty database with the demonstration district; does nothing when it is there already."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if District.objects.exists():
            self._refuse_half()
            return
        seed, began = options["seed"], time.monotonic()
        demo = generate("small", seed, today())
        try:
            administrator = settle(demo=demo)
            with tempfile.TemporaryDirectory() as folder:
                files = [SourceFile(p.name, p.read_bytes()) for p in write_workbooks(demo, Path(folder))]
            import_files(by=administrator, files=files, choices={"siblings": ["guardian"]})
            self._say(began, "the roster is imported")
            around = bring_to_life(seed=seed)
            people = open_logins(by=administrator, around=around)
            self._say(began, "campaigns are under way")
            bring_difficulties(by=administrator, around=around, people=people)
            self._say(began, "difficulties are being dealt with")
        except JiafangError as error:
            raise CommandError(error.message) from error

    def _refuse_half(self) -> None:
        known = User.objects.filter(username__in=[login.username for login in LOGINS.values()]).count()
        if District.objects.filter(demonstration=True).exists() and known < len(LOGINS):
            raise CommandError("The demonstration was interrupted while it was filled: run `make demo-reset`.")

    def _say(self, began: float, what: str) -> None:
        self.stdout.write(f"  {what} ({time.monotonic() - began:.0f} s)")
