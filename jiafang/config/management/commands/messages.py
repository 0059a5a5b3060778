"""`jiafang messages`: gather what the house says into the catalogs and compile them."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiafang.config.catalogs import LANGUAGES, compile_catalog, gather, read_catalog, untranslated, update_catalog


class Command(BaseCommand):
    help = "Gather messages into locale/<language>/LC_MESSAGES/django.po and compile them; GNU gettext is not needed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--compile", action="store_true", help="compile only, gather nothing")
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a message has no words")

    def handle(self, *args: Any, **options: Any) -> None:
        found = gather()
        for language in LANGUAGES:
            if options["check"]:
                catalog = read_catalog(language)
                catalog.update(found, no_fuzzy_matching=True)
            elif options["compile"]:
                catalog = read_catalog(language)
            else:
                catalog = update_catalog(language, found)
            missing = untranslated(catalog)
            if not options["check"]:
                compile_catalog(language)
            self.stdout.write(f"{language}: {len(catalog)} messages, {len(missing)} without words")
            if options["check"] and missing:
                raise CommandError("\n".join(str(message.id) for message in missing))
