"""`jiafang chain-audit`: the sequencer of the audit, until it is told to end."""

import argparse
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jiafang.accounts.audit.chain import connect
from jiafang.accounts.audit.keeping import keep_chain
from jiafang.common.errors import NotReady


class Command(BaseCommand):
    help = "Put audit entries into the chain and anchor its head outside the database. Only one at a time writes."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when everything there is now is chained")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        if options["once"]:
            stopping.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_told: stopping.set())
        try:
            with connect() as connection:
                keep_chain(connection, settings.AUDIT_ANCHOR, settings.AUDIT_ANCHOR_SECONDS, stopping)
        except NotReady as fault:
            raise CommandError(fault.message) from fault
