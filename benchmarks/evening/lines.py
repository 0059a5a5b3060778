"""The network side: as little of a browser as a simulated phone needs, so that the server has the processor."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from benchmarks.evening.phones import CSRF, Kept, Phone

# Of the items so many are sent twice at once, and of so many the answer is cut off.
TWICE, CUT = 0.05, 0.05
PATIENCE = 30.0
# As in frontend/src/phone/sending.ts and phone.ts.
FIRST_WAIT, LONGEST_WAIT, LONGEST_PUT_OFF, MISSES, SOON = 5.0, 3600.0, 30.0, 3, 1.0
ANSWERS, BUSY = (200, 202, 409, 422), 503


@dataclass
class Tally:
    """What came of everything that was asked."""

    puts: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    different: list[str] = field(default_factory=list)
    again: int = 0
    ended: float = 0.0

    def count(self, what: str) -> None:
        self.statuses[what] = self.statuses.get(what, 0) + 1


class Line:
    """One connection, opened anew when it was lost."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"", *, cut: bool = False
    ) -> tuple[int, bytes]:
        """(status, body); `cut`: the line breaks before the answer, which is 0."""
        for fresh in (False, True):
            try:
                return await asyncio.wait_for(self._ask(method, path, headers or {}, body, cut), PATIENCE)
            except (ConnectionError, asyncio.IncompleteReadError, ValueError):
                # A connection kept open may have been closed by the server meanwhile.
                self.close()
                if fresh:
                    return 0, b""
            except TimeoutError:
                self.close()
                return 0, b""
        return 0, b""

    async def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes, cut: bool) -> tuple[int, bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self.reader is not None
        told = {"Host": "127.0.0.1", "Cookie": self.cookie, "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        await self.writer.drain()
        if cut:
            await asyncio.sleep(0.05)
            self.close()
            return 0, b""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        if "transfer-encoding: chunked" in head:
            content = b""
            while size := int((await self.reader.readline()).strip(), 16):
                content += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
        else:
            length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), ":0")
            content = await self.reader.readexactly(int(length.partition(":")[2]))
        if "connection: close" in head:
            self.close()
        return status, content

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Evening:
    """All phones and those who ask for pages, against one server."""

    def __init__(self, port: int, seed: int) -> None:
        self.port, self.chance, self.tally = port, random.Random(seed), Tally()
        self.key: ec.EllipticCurvePublicKey | None = None
        self.receipts: dict[str, str] = {}

    async def flush(self, phone: Phone, after: float) -> None:
        """The line is back: hello, then what is kept, one after the other; a miss waits as the engine lets it wait."""
        await asyncio.sleep(after)
        line, other = Line(self.port, phone.cookie), Line(self.port, phone.cookie)
        waiting = dict.fromkeys(phone.items, 0.0)
        tries: Counter[Kept] = Counter()
        put_off = 0
        while waiting:
            served = await self._hello(line) and await self._pass(line, other, phone, waiting, tries)
            put_off = 0 if served else put_off + 1
            self.tally.ended = time.monotonic()
            if waiting:
                pause = 0 if served else self._pause(put_off, LONGEST_PUT_OFF)
                await asyncio.sleep(max(SOON, pause, min(waiting.values()) - time.monotonic()))
        line.close()
        other.close()

    async def _pass(
        self, line: Line, other: Line, phone: Phone, waiting: dict[Kept, float], tries: Counter[Kept]
    ) -> bool:
        """Everything that is due gets one try, until the line is taken to be down; False: no time for phones now."""
        misses = 0
        due = [item for item, at in waiting.items() if at <= time.monotonic()]
        for item in sorted(due, key=lambda one: tries[one]):
            status = await self._send(line, other, phone, item)
            if status == BUSY:
                return False
            if status in ANSWERS:
                del waiting[item]
                misses = 0
                continue
            tries[item] += 1
            waiting[item] = time.monotonic() + self._pause(tries[item], LONGEST_WAIT)
            misses += 1
            if misses >= MISSES:
                break
        return True

    async def _send(self, line: Line, other: Line, phone: Phone, item: Kept) -> int:
        """Once, or twice at once, or first into a line that breaks; the best of what was answered."""
        if self.chance.random() < CUT:
            await line.ask("PUT", f"/api/visits/{item.id}", self._headers(phone), item.content, cut=True)
        if self.chance.random() >= TWICE:
            return await self._put(line, phone, item)
        self.tally.again += 1
        answers = await asyncio.gather(self._put(line, phone, item), self._put(other, phone, item))
        return min(answers, key=lambda status: (status not in ANSWERS, status != BUSY))

    def _pause(self, tries: int, longest: float) -> float:
        return min(longest, FIRST_WAIT * 2.0 ** (tries - 1)) * (0.5 + self.chance.random())

    async def _hello(self, line: Line) -> bool:
        status, content = await line.ask("GET", "/api/phone/hello")
        self.tally.count(f"hello {status}")
        if status == 200 and self.key is None:
            key = json.loads(content)["public_key"]
            x, y = (int.from_bytes(_bytes(key[name])) for name in ("x", "y"))
            self.key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        return status == 200

    async def _put(self, line: Line, phone: Phone, item: Kept) -> int:
        began = time.monotonic()
        status, content = await line.ask("PUT", f"/api/visits/{item.id}", self._headers(phone), item.content)
        self.tally.puts.append(time.monotonic() - began)
        self.tally.count(f"put {status}")
        if status in ANSWERS:
            self._look_at(item, json.loads(content))
        return status

    def _look_at(self, item: Kept, answer: dict[str, Any]) -> None:
        """What a phone looks at before it believes: status, id, hash, signature; and always the same receipt."""
        receipt = answer.get("receipt") or {}
        right = answer["status"] == "taken" and receipt["id"] == str(item.id) and receipt["hash"] == item.hash
        if not right or not self._is_signed(receipt):
            self.tally.different.append(f"{item.id}: {answer}")
            return
        self.tally.taken.add(str(item.id))
        if self.receipts.setdefault(str(item.id), receipt["signature"]) != receipt["signature"]:
            self.tally.different.append(f"{item.id}: two receipts")

    def _is_signed(self, receipt: dict[str, Any]) -> bool:
        names = ("kind", "id", "revision", "hash", "sequence", "epoch")
        words = "|".join(["jiafang receipt", *(str(receipt[name]) for name in names), str(int(receipt["held"]))])
        raw = _bytes(receipt["signature"])
        signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        assert self.key is not None
        try:
            self.key.verify(signature, words.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def _headers(self, phone: Phone) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "X-CSRFToken": CSRF,
            "X-Jiafang-Person": str(phone.person_id),
            "X-Jiafang-Capacity": phone.capacity,
        }

    async def ask_pages(self, pages: list[tuple[str, str]], each: float, done: asyncio.Event) -> None:
        """At a steady rate, whether or not the ones before have been answered."""
        asked: set[asyncio.Task[None]] = set()
        turn = 0
        next_at = time.monotonic()
        while not done.is_set():
            cookie, path = pages[turn % len(pages)]
            task = asyncio.create_task(self.page(cookie, path))
            asked.add(task)
            task.add_done_callback(asked.discard)
            turn += 1
            next_at += each
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
        await asyncio.gather(*asked)

    async def page(self, cookie: str, path: str) -> None:
        line = Line(self.port, cookie)
        began = time.monotonic()
        status, _content = await line.ask("GET", path)
        self.tally.pages.append(time.monotonic() - began)
        self.tally.count(f"page {status}")
        line.close()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
