"""The line between a phone and the server: it can be down, cut an answer at any byte, and tell what passes on it."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit


@dataclass
class Asked:
    """One request as it stands on the line; `path` is without its query."""

    method: str
    path: str
    head: bytes
    body: bytes

    @property
    def is_item(self) -> bool:
        return self.method == "PUT" and self.path.startswith("/api/")

    @property
    def is_of_phone(self) -> bool:
        return self.path.startswith("/api/")


class Cut(Exception):
    """The connection ends here."""


class Fate:
    """What may happen to a request on its way."""

    def seen(self, asked: Asked) -> None:
        """The whole request has come from the phone and the server does not have it yet."""

    def sent(self, asked: Asked) -> None:
        """The server has the request and has not answered yet."""

    def answered(self, asked: Asked, length: int) -> int | None:
        """The server has answered, the phone has nothing of it. How many bytes pass; None for all of them."""
        return None

    def passed(self, asked: Asked, length: int) -> None:
        """So many bytes of the answer are with the phone."""


class Line:
    """Listens where the phone believes the server to be."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._port = 0
        self.fate = Fate()
        self.down = False
        self.listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(64)
        self._port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Nobody is there any more, not even to refuse."""
        listener, self._listener = self._listener, None
        if listener:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                phone, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(phone,), daemon=True).start()

    def _serve(self, phone: socket.socket) -> None:
        with self._lock:
            self._open.add(phone)
        server: socket.socket | None = None
        try:
            phone.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            coming, answering = phone.makefile("rb"), None
            while (asked := _request(coming)) is not None:
                if self.down:
                    return
                if server is None or answering is None:
                    server = socket.create_connection(self._server)
                    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    answering = server.makefile("rb")
                self.fate.seen(asked)
                server.sendall(asked.head + asked.body)
                self.fate.sent(asked)
                answer, last = _answer(answering, asked.method)
                most = self.fate.answered(asked, len(answer))
                phone.sendall(answer if most is None else answer[:most])
                if most is not None:
                    return
                self.fate.passed(asked, len(answer))
                if last:
                    return
        except (OSError, Cut, ValueError):
            pass
        finally:
            for one in (phone, server):
                if one is not None:
                    with suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)
                    one.close()
            with self._lock:
                self._open.discard(phone)


def _head(stream: BinaryIO) -> tuple[bytes, dict[str, str]]:
    lines, headers = [], {}
    while True:
        line: bytes = stream.readline()
        lines.append(line)
        if line in (b"\r\n", b"\n", b""):
            return b"".join(lines), headers
        name, _colon, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()


def _request(stream: BinaryIO) -> Asked | None:
    head, headers = _head(stream)
    if not head.strip():
        return None
    method, path, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    body = _exactly(stream, int(headers.get("content-length", 0)))
    return Asked(method, path.split("?")[0], head, body)


def _answer(stream: BinaryIO, method: str) -> tuple[bytes, bool]:
    """The whole answer, and whether the server ends the connection with it."""
    head, headers = _head(stream)
    if not head:
        raise Cut
    status = int(head.split(b" ", 2)[1])
    last = headers.get("connection", "").lower() == "close"
    if method == "HEAD" or status in (204, 304):
        return head, last
    if "content-length" in headers:
        return head + _exactly(stream, int(headers["content-length"])), last
    body: bytes = stream.read()
    return head + body, True


def _exactly(stream: BinaryIO, length: int) -> bytes:
    body: bytes = stream.read(length) if length else b""
    if len(body) < length:
        raise Cut
    return body
