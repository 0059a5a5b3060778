"""`jiafang verify-audit`: is every audit entry as it was written? Exit code 1 if not."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection as default_connection
from psycopg.conninfo import make_conninfo

from jiafang.accounts.audit.chain import unchained_tail
from jiafang.accounts.audit.verify import verify


class Command(BaseCommand):
    help = "Find every edited, removed, reordered or invented audit entry, up to the anchored head."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--anchor", type=Path, default=settings.AUDIT_ANCHOR, help="a copy of the anchor file kept elsewhere"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        address = settings.DATABASE_SEQUENCER_URL or settings.DATABASE_OWNER_URL or ""
        name = default_connection.settings_dict["NAME"]
        with psycopg.connect(make_conninfo(address, dbname=name), autocommit=True) as connection:
            report = verify(connection, options["anchor"])
            waiting, seconds = unchained_tail(connection)
        for notice in report.notices:
            self.stdout.write(f"note: {notice}")
        for fault in report.faults:
            self.stdout.write(f"FAULT: {fault}")
        if report.faults_untold:
            self.stdout.write(f"FAULT: and {report.faults_untold} more")
        self.stdout.write(
            f"{report.entries} entries, {report.links} in the chain, anchored up to {report.anchored}; "
            f"read in {time.monotonic() - began:.1f} s."
        )
        self.stdout.write(
            f"Not yet in the chain: {report.tail} ({waiting} now, the oldest for {seconds:.1f} s). "
            f"Numbers given out and not here: {report.never_committed} "
            "(rolled back, still being written, or removed before they were chained)."
        )
        self.stdout.write("The audit is whole." if report.is_whole else "THE AUDIT IS NOT WHOLE.")
        if not report.is_whole:
            sys.exit(1)
