"""A small house full of sealed texts, somebody who writes in it all the time, and whoever rotates its keys."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from jiafang.access import actor_transaction, reading, system
from jiafang.keys.fields import Erased
from jiafang.keys.models import DataKey
from jiafang.keys.rotation import Outcome, rotate
from jiafang.keys.sealing import sealed_fields, sealed_models
from jiafang.organization.models import Household, Person, RosterFile, RosterImport, SeasonalResidence
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

WRITES_PER_SECOND = 20


def furnish() -> None:
    """A school with records, answers, homes and an open import."""
    school = made.small_school(classes=2, students=3)
    campaign = made.launched(school.by, school.school)
    for number, children in enumerate(school.students):
        teacher = make.actor_of(school.homeroom[number], "teacher")
        for child in children:
            home = child.households.get().household
            home.preferred_times = "晚上七点后"
            home.save()
            make.SeasonalResidenceFactory(household=home)
            duty = made.duty_of(campaign, child)
            visit = write.record(teacher, [duty], finding=f"{child.pk}在家表现好")
            write.record(teacher, [duty], visit_id=visit.pk, base_revision=1, finding=f"{child.pk}改过的记录")
            appointment = write.appointment(campaign, [child])
            appointment.answer_note = "到时见"
            appointment.save()
    pending = RosterImport.unscoped.create(preview={"faults": ["坏行"]}, plan=b"plan")
    RosterFile.unscoped.create(roster_import=pending, name="a.csv", content=b"content", size=7)


def transaction() -> Any:
    return actor_transaction(system("keys"))


def silent(step: str, done: int, total: int) -> None:
    pass


def rotate_all(batch: int = 200) -> Outcome:
    return rotate(transaction=transaction, progress=silent, batch=batch)


def read_everything() -> int:
    """Open every sealed field of every row; how many there were. Fails on the first that does not open."""
    count = 0
    with reading(system("test")):
        for model in sealed_models():
            for row in model._default_manager.order_by("pk"):
                for field in sealed_fields(model):
                    stored = row.__dict__[field.attname]
                    if stored:
                        value = getattr(row, field.attname)
                        assert value or isinstance(value, Erased) or stored.is_erased()
                        count += 1
    return count


def in_a_process(work: Callable[[], None]) -> int:
    """Do it in a process of its own, with a connection of its own; the process number."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    return pid


def kill(pid: int) -> bool:
    """Kill it without a warning; whether it was still at work."""
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


@contextmanager
def writing(log: Path) -> Iterator[None]:
    """Somebody corrects telephones, homes and records 20 times a second, reads others meanwhile, and remembers."""
    pid = in_a_process(lambda: _write_all_the_time(log))
    try:
        yield
    finally:
        os.kill(pid, signal.SIGTERM)
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0, "the writer met a text that it could not read or write"


def _write_all_the_time(log: Path) -> None:
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    by, choose = system("test"), random.Random(1)
    with reading(by):
        rows = [(Person, pk, "phone") for pk in Person.unscoped.values_list("pk", flat=True)]
        rows += [(Household, pk, "address") for pk in Household.unscoped.values_list("pk", flat=True)]
        rows += [(SeasonalResidence, pk, "place") for pk in SeasonalResidence.unscoped.values_list("pk", flat=True)]
    with log.open("a", encoding="utf-8") as written:
        number = 0
        while not ended:
            began = time.monotonic()
            number += 1
            model, pk, name = choose.choice(rows)
            with actor_transaction(by):
                row = model.unscoped.select_for_update(of=("self",)).get(pk=pk)
                setattr(row, name, f"text {number}")
                row.save()
            written.write(json.dumps([model._meta.label, pk, name, f"text {number}"]) + "\n")
            written.flush()
            other, pk, name = choose.choice(rows)
            with reading(by):
                assert getattr(other.unscoped.get(pk=pk), name)
            time.sleep(max(0.0, 1 / WRITES_PER_SECOND - (time.monotonic() - began)))


def last_written(log: Path) -> dict[tuple[str, int, str], str]:
    found = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        label, pk, name, text = json.loads(line)
        found[label, pk, name] = text
    return found


def newest_key() -> int:
    return DataKey.objects.order_by("-pk").values_list("pk", flat=True)[0]
