"""The `jiafang` command: Django's commands, the demonstration and the planner on a file."""

import os
import sys

OWNER_COMMANDS = {"migrate", "backup", "restore", "restore_drill"}
COMMANDS_WITHOUT_DATABASE = {"demo_data", "collectstatic", "messages", "scope_table"}


def main() -> int:
    arguments = sys.argv[1:]
    command = arguments[0] if arguments else "help"
    if command == "plan-file":
        # The planner is a library of its own: no database, no Django.
        from jiafang.planner.cli import main as plan_file

        return plan_file(arguments[1:])
    if arguments and not command.startswith("-"):
        # Typed as demo-data, a command lives in the module demo_data.
        command = arguments[0] = command.replace("-", "_")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiafang.config.settings")
    from jiafang import localdb

    try:
        return _with_database(command, arguments)
    except localdb.LocalDatabaseError as error:
        print(f"jiafang: {error}", file=sys.stderr)
        return 1


def _with_database(command: str, arguments: list[str]) -> int:
    from jiafang import localdb
    from jiafang.config import database

    if command == "demo":
        from jiafang.config.demo import main as demo

        return demo(arguments[1:])
    if command not in COMMANDS_WITHOUT_DATABASE:
        addresses = localdb.ensure()
    if command in OWNER_COMMANDS:
        os.environ[database.ROLE_VARIABLE] = "owner"
    if command == "migrate":
        localdb.open_to_app(database.owner_url(addresses), database.role_of(addresses.app_url))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["jiafang", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main())
