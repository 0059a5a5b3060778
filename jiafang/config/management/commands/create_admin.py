"""`jiafang create-admin USERNAME --name 姓名`: the first administrator of a bureau."""

import argparse
import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiafang.access import system
from jiafang.common.errors import JiafangError
from jiafang.organization.services.entrust import entrust_administration


class Command(BaseCommand):
    help = "Give somebody a sign-in and the post of administrator. The password is asked for, or read from a pipe."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="full name, for somebody who is not in the roster yet")
        parser.add_argument("--staff-number", default="", help="staff number at the bureau, for somebody who is")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["name"]) == bool(options["staff_number"]):
            raise CommandError("Give either --name or --staff-number.")
        try:
            person = entrust_administration(
                by=system("create-admin"),
                username=options["username"],
                password=_password(),
                name=options["name"],
                staff_number=options["staff_number"],
            )
        except JiafangError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{person.name} may now sign in as {options['username']} and is administrator.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first, second = getpass.getpass("Password: "), getpass.getpass("Once more: ")
    if first != second:
        raise CommandError("The two passwords differ.")
    return first
