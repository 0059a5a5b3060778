"""`jiafang purge`: what is due; with --do it goes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jiafang.access import system
from jiafang.common.errors import JiafangError
from jiafang.retention.services.purge import due_now, purge


class Command(BaseCommand):
    help = "Shows what is due for removal; removes it with --do, as the nightly job does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--do", action="store_true", help="remove what is due")

    def handle(self, *args: Any, **options: Any) -> None:
        by = system("retention")
        if not options["do"]:
            self.stdout.write(f"{'rule':24}{'rows':>10}{'due':>10}")
            for result in due_now(by=by):
                self.stdout.write(f"{result.rule:24}{result.rows:>10}{result.due:>10}")
            self.stdout.write("Nothing was changed; --do removes what is due.")
            return
        try:
            run = purge(by=by)
        except JiafangError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{'rule':24}{'rows':>10}{'removed':>10}{'left':>10}")
        for result in run.results:
            self.stdout.write(f"{result['rule']:24}{result['rows']:>10}{result['removed']:>10}{result['left']:>10}")
        self.stdout.write("Sums of coverage unchanged." if run.whole else "NOT WHOLE: see the page of the purge.")
