"""`python -m jiafang.localdb remove|stop`, for the Makefile."""

import sys

from jiafang.localdb import LocalDatabaseError, remove, stop


def main(arguments: list[str]) -> int:
    actions = {"remove": remove, "stop": stop}
    if len(arguments) != 1 or arguments[0] not in actions:
        print("Usage: python -m jiafang.localdb remove|stop", file=sys.stderr)
        return 2
    try:
        actions[arguments[0]]()
    except LocalDatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
