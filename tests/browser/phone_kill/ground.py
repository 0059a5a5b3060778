"""Schools and a server for phones that are killed, in a test or by the command."""

import math
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.phone_kill.chromium import Stuck
from tests.browser.phone_kill.compare import faults_of
from tests.browser.phone_kill.line import Line
from tests.browser.phone_kill.plans import Plan
from tests.browser.phone_kill.teacher import Broken, Teacher
from tests.phone import house


@contextmanager
def phone(server: str, chance: random.Random) -> Iterator[Teacher]:
    """A new teacher with a class of her own and a phone on which the app has been opened once."""
    built = house.build(classes=1, students=4)
    line = Line(server)
    with tempfile.TemporaryDirectory(prefix="phone-kill-", ignore_cleanup_errors=True) as profile:
        teacher = Teacher(built.teachers[0], [duty.pk for duty in built.duties], line, Path(profile), chance)
        try:
            teacher.first_opening()
            yield teacher
        finally:
            line.close()


def killed(teacher: Teacher, planned: Iterable[Plan | None], until: float = math.inf) -> tuple[list[Plan], list[str]]:
    """One run for each plan, drawn where it is None; then everything is sent and compared: what was not kept."""
    done: list[Plan] = []
    try:
        for plan in planned:
            if time.time() > until:
                break
            done.append(teacher.run(plan))
        teacher.send_everything()
    except (Broken, Stuck) as broken:
        return done, [f"{broken}; on the phone: {teacher.disk()}"]
    return done, faults_of(teacher)
