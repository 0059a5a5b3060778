"""Every rule taken away and widened in turn: `python -m tests.oracle.mutants` names the test that notices each.

The registry's rules, the permissions, and the database's policies and rules of claims. A mutant that no test notices
survives; one that makes the database fail breaks, which is not noticed either. There must be none of both.
"""

import argparse
import sys
import time
from typing import Any

from tests.oracle.ground import ground  # isort: skip  # settings come first

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.database import OWNER_URL
from tests.oracle.mutant import Told
from tests.oracle.mutants_of_policies import of_fence_functions, of_policies
from tests.oracle.mutants_of_rules import of_permissions, of_rules


def _owner() -> psycopg.Connection[Any]:
    """A connection of the owner of the tables to the same database."""
    return psycopg.connect(make_conninfo(OWNER_URL, dbname=connection.settings_dict["NAME"]), autocommit=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only mutants whose name holds this")
    only = parser.parse_args().only
    started = time.monotonic()
    survivors: list[str] = []
    broken: list[str] = []
    with ground(kept=True) as world, _owner() as owner:
        every = [*of_rules(), *of_permissions(), *of_policies(owner), *of_fence_functions(owner)]
        mutants = [mutant for mutant in every if only in mutant.name]
        for number, mutant in enumerate(mutants, 1):
            told, why = mutant.told(world)
            words = f"noticed by {mutant.test}" if told is Told.NOTICED else f"{told} {why}"
            print(f"{number}/{len(mutants)} {mutant.name}: {words}", flush=True)
            if told is not Told.NOTICED:
                (survivors if told is Told.SURVIVES else broken).append(mutant.name)
        tests = {mutant.test: mutant for mutant in mutants}
        unsound = [test for test, mutant in tests.items() if next(mutant.faults(world), None)]
    left = f"survivors: {survivors or 'none'}; broken: {broken or 'none'}"
    print(f"{len(mutants)} mutants in {time.monotonic() - started:.0f} s; {left}")
    if unsound:
        print(f"These tests fail without any mutant: {unsound}")
    return 1 if survivors or broken or unsound else 0


if __name__ == "__main__":
    sys.exit(main())
