"""`jiafang demo-logins [--json]`: one sign-in for each role of the demonstration."""

import argparse
import json
from typing import Any
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand, CommandError

from jiafang.accounts.models import User
from jiafang.demonstration.services.logins import LOGINS, PASSWORD

ROLES = {
    "administrator": "管理员 administrator",
    "director": "局长 bureau director",
    "cadre": "局机关干部 cadre",
    "principal": "校长 principal",
    "cohort_lead": "年段长 cohort lead",
    "homeroom_teacher": "班主任 homeroom teacher",
    "subject_teacher": "科任教师 subject teacher",
    "counselor": "心理教师 counselor",
    "guardian": "家长 guardian",
    "community_partner": "社区/关工委 community partner",
}
HEADERS = ("role", "path", "user", "password")


class Command(BaseCommand):
    help = "Show one sign-in for each role of the demonstration."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        usernames = [login.username for login in LOGINS.values()]
        known = set(User.objects.filter(username__in=usernames).values_list("username", flat=True))
        logins = [login for login in LOGINS.values() if login.username in known]
        if not logins:
            raise CommandError("There is no demonstration here yet: run `jiafang demo-fill`.")
        rows = [(ROLES[login.role], "/", login.username, PASSWORD) for login in logins]
        if options["json"]:
            records = [
                {"key": login.role, **dict(zip(HEADERS, row, strict=True))}
                for login, row in zip(logins, rows, strict=True)
            ]
            self.stdout.write(json.dumps(records, ensure_ascii=False, indent=1))
        else:
            widths = [max(_width(row[place]) for row in (HEADERS, *rows)) for place in range(len(HEADERS))]
            for row in (HEADERS, *rows):
                cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
                self.stdout.write("  " + "   ".join(cells).rstrip())
            self.stdout.write("  Above class scope the next page asks for a code, and shows it (演示:现在的验证码).")


def _width(text: str) -> int:
    """Columns of a terminal; Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
