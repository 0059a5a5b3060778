"""Very many killed browsers: `python -m tests.browser.phone_kill --runs 2000`.

Each process has a database, a server, a line and a browser of its own. The seed is printed and draws the same plans.
"""

import argparse
import multiprocessing
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.browser.phone_kill.night import Tally, part


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="begin no further run after so long")
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    began, until = time.time(), time.time() + arguments.minutes * 60
    share = -(-arguments.runs // arguments.processes)
    parts = [
        (min(share, arguments.runs - n * share), f"{arguments.seed}-{n}", until) for n in range(arguments.processes)
    ]
    whole = Tally()
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.processes, mp_context=fresh) as pool:
        for one in pool.map(part, *zip(*parts, strict=True)):
            whole.add(one)
    for end, count in sorted(whole.ends.items()):
        print(f"{count:6} {end}")
    minutes = (time.time() - began) / 60
    print(
        f"{whole.runs} browsers killed in {minutes:.1f} min, {whole.saved} records called saved, "
        f"{len(whole.faults)} faults"
    )
    for fault in whole.faults:
        print(f"! {fault}")
    return 1 if whole.faults or whole.runs < arguments.runs else 0


if __name__ == "__main__":
    sys.exit(main())
