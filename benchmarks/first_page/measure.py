"""Takes turns: with all fences, without each of them, without any; processor time of process and database together."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# Django is set up by the harness, which this import must therefore follow.
from benchmarks.web.measure import Visitor, get_wsgi_application, processor_milliseconds  # isort: skip

from django.urls import reverse

from benchmarks.first_page import fences
from benchmarks.web.fill import fill

BUDGET = 1.20
# Taking a fence away or putting it back makes the database forget its plans; it settles on one at the sixth request.
WARM_UP = 8
FENCES = {
    "row-level security": fences.without_row_security,
    "audit": fences.without_audit,
    "keys": fences.without_keys,
    "doors": fences.without_doors,
}
WITH_ALL, WITHOUT_ANY = "with all fences", "without any"


@contextmanager
def without(names: list[str], application: fences.Application) -> Iterator[fences.Application]:
    with ExitStack() as stack:
        for name in names:
            application = stack.enter_context(FENCES[name]()) or application
        yield application


def main(size: str, seed: int, rounds: int, requests: int) -> int:
    measured = fill(size, seed)
    whole = get_wsgi_application()
    teacher = Visitor(whole, measured.teacher)
    path = reverse("today")
    variants = {WITH_ALL: [], WITHOUT_ANY: list(FENCES), **{f"without {name}": [name] for name in FENCES}}
    costs: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(rounds):
        # The order turns round, so that whatever grows or warms up during the run falls on all alike.
        for name in list(variants) if number % 2 else reversed(variants):
            with without(variants[name], whole) as application:
                teacher.application = application
                for _ in range(WARM_UP):
                    assert teacher.ask(path).status.startswith("200")
                costs[name].append(processor_milliseconds(lambda: teacher.ask(path), requests))
    medians = {name: statistics.median(values) for name, values in costs.items()}
    print(f"{path} of a teacher, {size}, {rounds} turns of {requests} requests, median of the turns")
    for name, milliseconds in medians.items():
        share = f"  (the fence: {medians[WITH_ALL] - milliseconds:+.2f} ms)" if name != WITH_ALL else ""
        print(f"  {name:<28} {milliseconds:6.2f} ms{share}")
    ratios = [on / off for on, off in zip(costs[WITH_ALL], costs[WITHOUT_ANY], strict=True)]
    ratio = medians[WITH_ALL] / medians[WITHOUT_ANY]
    print(f"  ratio {ratio:.2f} (turns {min(ratios):.2f} to {max(ratios):.2f}, budget {BUDGET:.2f})")
    return 0 if ratio <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *(int(number) for number in sys.argv[2:])))
