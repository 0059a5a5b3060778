"""The measured part: the server, the worker and the sequencer of production, and a district full of phones."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django

django.setup()

from benchmarks.evening.lines import Evening  # noqa: E402  # settings come first
from benchmarks.evening.phones import Phone, cookie_of, phones_of  # noqa: E402
from benchmarks.web.fill import BY, Measured, fill  # noqa: E402
from jiafang.access import reading  # noqa: E402
from jiafang.accounts.models import AuditEntry  # noqa: E402
from jiafang.campaigns.models import Appointment  # noqa: E402
from jiafang.visits.models import Receipt, Visit  # noqa: E402

TEACHERS_AT_PAGES = 40
MOST_MINUTES, PAGES_P95 = 10.0, 0.3
WARMING = 3


def main(size: str, seed: int, visits: int, minutes: float, pages: float) -> bool:
    began = time.monotonic()
    measured = fill(size, seed)
    print(f"{size} filled in {time.monotonic() - began:.0f} s", flush=True)
    return evening(measured, seed, visits, minutes, pages)


def evening(measured: Measured, seed: int, visits: int, minutes: float, pages: float) -> bool:
    """Whether everything came once, in time, and pages were answered meanwhile; says so."""
    phones = phones_of(visits, seed, BY)
    asked = _pages(measured, phones, seed)
    print(f"{len(phones)} phones keep {visits} records; {pages:g} pages a second", flush=True)
    port = _free_port()
    with ExitStack() as running:
        for command in _processes(port):
            running.enter_context(_process(command))
        _wait_for(port)
        simulated = Evening(port, seed)
        asyncio.run(_warm(simulated, asked))
        before = _processor_seconds()
        began = time.monotonic()
        asyncio.run(_run(simulated, phones, asked, minutes * 60, 1 / pages))
        took = simulated.tally.ended - began
        used = _processor_seconds() - before
    return _told(simulated, phones, visits, took, used)


def _pages(measured: Measured, phones: list[Phone], seed: int) -> list[tuple[str, str]]:
    """What teachers, principals and the director look at in an evening."""
    chance = random.Random(seed)
    asked = [
        (cookie_of(measured.principal), "/overview/"),
        (cookie_of(measured.director), "/overview/"),
        (cookie_of(measured.teacher), f"/classes/{measured.school_class.pk}/tiles/"),
        (cookie_of(measured.teacher), f"/students/{measured.student_id}/"),
        (cookie_of(measured.teacher), f"/appointments/{measured.appointment_id}/brief/"),
    ] * 4
    with reading(BY):
        for phone in chance.sample(phones, min(TEACHERS_AT_PAGES, len(phones))):
            own = Appointment.unscoped.filter(visitors=phone.person_id, published=True).order_by("pk").first()
            asked.append((phone.cookie, "/today/"))
            if own is not None:
                asked.append((phone.cookie, f"/appointments/{own.pk}/brief/"))
                asked.append((phone.cookie, f"/appointments/{own.pk}/record/"))
    chance.shuffle(asked)
    return asked


def _processes(port: int) -> list[list[str]]:
    jiafang = [sys.executable, "-m", "jiafang"]
    server = [sys.executable, "-m", "gunicorn", "-c", "python:jiafang.config.gunicorn", "--bind", f"127.0.0.1:{port}"]
    return [
        [*server, "--access-logfile", os.devnull, "--log-level", "error"],
        [*jiafang, "procrastinate", "worker"],
        [*jiafang, "chain-audit"],
    ]


@contextmanager
def _process(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _warm(simulated: Evening, asked: list[tuple[str, str]]) -> None:
    """Every thread of every process has its connection and its plans, as in any evening but the first minute."""
    for _time in range(WARMING):
        await asyncio.gather(*(simulated.page(cookie, path) for cookie, path in asked[:24]))
    faults = {what: count for what, count in simulated.tally.statuses.items() if what != "page 200"}
    assert not faults, faults
    simulated.tally.pages.clear()


async def _run(
    simulated: Evening, phones: list[Phone], asked: list[tuple[str, str]], within: float, each: float
) -> None:
    done = asyncio.Event()
    pages = asyncio.create_task(simulated.ask_pages(asked, each, done))
    await asyncio.gather(*(simulated.flush(phone, simulated.chance.uniform(0, within)) for phone in phones))
    done.set()
    await pages


def _told(simulated: Evening, phones: list[Phone], visits: int, took: float, used: float) -> bool:
    tally = simulated.tally
    ids = [item.id for phone in phones for item in phone.items]
    with reading(BY):
        rows = Visit.unscoped.filter(pk__in=ids, revision=1).count()
        receipts = Receipt.unscoped.filter(item__in=ids)
        doubled = receipts.count() - receipts.values("item").distinct().count()
        entries = AuditEntry.objects.filter(action="visit.record", object_id__in=list(map(str, ids))).count()
    page_p95 = _share(tally.pages, 0.95)
    lines = [
        f"{visits} records in {took:.0f} s: {visits / took:.1f} a second, {1000 * used / visits:.0f} ms of processor"
        f" for each with its part of the pages; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        f"PUT: p50 {1000 * _share(tally.puts, 0.5):.0f} ms, p95 {1000 * _share(tally.puts, 0.95):.0f} ms;"
        f" {len(tally.puts)} of them, {tally.again} items sent twice at once",
        f"pages: p50 {1000 * _share(tally.pages, 0.5):.0f} ms, p95 {1000 * page_p95:.0f} ms,"
        f" the slowest {1000 * max(tally.pages):.0f} ms; {len(tally.pages)} of them",
        f"answers: {dict(sorted(tally.statuses.items()))}",
        f"taken {len(tally.taken)}, rows {rows}, entries in the audit {entries}, doubled {doubled}",
    ]
    print("\n".join([*lines, *tally.different[:5]]), flush=True)
    once = len(tally.taken) == rows == entries == visits and doubled == 0 and not tally.different
    return once and took <= MOST_MINUTES * 60 and page_p95 <= PAGES_P95


def _share(seconds: list[float], share: float) -> float:
    return statistics.quantiles(seconds, n=100)[round(share * 100) - 1] if len(seconds) > 1 else seconds[0]


def _processor_seconds() -> float:
    """Of the whole machine but this process: the server's parts are not all children of ours."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK") - time.process_time()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/alive", timeout=20).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    size_, seed_, *rest = sys.argv[1:]
    sys.exit(0 if main(size_, int(seed_), int(rest[0]), *map(float, rest[1:])) else 1)
