"""`jiafang demo-data {small,district} --seed N --out DIR`: the roster workbook of an invented district."""

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from jiafang.common import clock
from jiafang.demonstration.changes import evolve, roll_over
from jiafang.demonstration.district import generate
from jiafang.demonstration.workbook import write_workbooks


class Command(BaseCommand):
    help = "Write the roster workbook of an invented district: small (1,200 students) or district (60,000)."
    requires_system_checks: list[str] = []  # needs no database

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("size", choices=["small", "district"])
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
        parser.add_argument("--today", type=dt.date.fromisoformat, default=None, help="YYYY-MM-DD instead of today")
        parser.add_argument("--evolved", type=int, metavar="N", help="four weeks later, with the changes of seed N")
        parser.add_argument("--rolled-over", action="store_true", help="on the first day of the next school year")

    def handle(self, *args: Any, **options: Any) -> None:
        demo = generate(options["size"], options["seed"], options["today"] or clock.today())
        if options["evolved"] is not None:
            demo = evolve(demo, options["evolved"])
        if options["rolled_over"]:
            demo = roll_over(demo)
        for path in write_workbooks(demo, options["out"]):
            self.stdout.write(str(path))
