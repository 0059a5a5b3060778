"""`jiafang rotate-keys`: new data keys for everything, under the newest master key; may be stopped and run again."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jiafang.access import actor_transaction, system
from jiafang.common.errors import JiafangError
from jiafang.keys.masters import masters
from jiafang.keys.rotation import rotate, wrap_anew

WIDTH = 30
WORDS = {
    "keys": "making new keys",
    "texts": "sealing texts anew",
    "destroy": "destroying old keys",
    "masters": "wrapping under the newest master key",
    "wait": "waiting for those who write",
}


class Command(BaseCommand):
    help = "Replace every data key and destroy the old ones, while everybody works; ends with a count that proves it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--master-only", action="store_true", help="only wrap the data keys anew under the newest master key"
        )
        parser.add_argument("--batch", type=int, default=200, help="rows in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = _Bar(self.stderr)

        def transaction() -> Any:
            return actor_transaction(system("keys"))

        try:
            if options["master_only"]:
                left = wrap_anew(transaction=transaction, progress=bar)
                bar.end()
                self.stdout.write(f"Data keys under earlier master keys: {left}. Newest: {masters().newest}.")
                complete = not left
            else:
                outcome = rotate(transaction=transaction, progress=bar, batch=options["batch"])
                bar.end()
                self.stdout.write(
                    f"Texts moved: {outcome.moved}. Old keys destroyed: {outcome.destroyed}.\n"
                    f"References to old keys: {outcome.old_references}. Old keys left: {outcome.old_keys}. "
                    f"Data keys under earlier master keys: {outcome.old_masters}."
                )
                complete = outcome.complete
        except JiafangError as error:
            raise CommandError(error.message) from error
        if not complete:
            raise CommandError("Not complete: run it again. Keep every master key until it is.")


class _Bar:
    def __init__(self, out: Any) -> None:
        self._out, self._shown, self._step = out, 0.0, ""

    def __call__(self, step: str, done: int, total: int) -> None:
        moment = time.monotonic()
        if step == self._step and moment - self._shown < 0.2:
            return
        self._shown, self._step = moment, step
        share = min(1.0, done / total) if total else 1.0
        filled = "#" * round(WIDTH * share)
        self._out.write(f"\r[{filled:<{WIDTH}}] {share:4.0%} {WORDS[step]:<40}", ending="")
        sys.stderr.flush()

    def end(self) -> None:
        self._out.write("")
