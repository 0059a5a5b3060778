"""Logs that say where and what kind, never with what: no text of a person, no query string, no value of a statement."""

import logging
import re
import traceback
from types import TracebackType

_QUERY = re.compile(r"\?[^\s\"'<>]*")
# Whoever has the address of a calendar reads it.
_SECRET_PATHS = re.compile(r"(/calendar/)[^/\s\"']+")
_DEEPEST_FRAMES = 30

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def address_alone(text: str) -> str:
    """Addresses without what was asked, and without secrets that are part of them."""
    return _SECRET_PATHS.sub(r"\1…", _QUERY.sub("", text))


class QuietFormatter(logging.Formatter):
    """Formats a record without the words of exceptions: they quote the row, the cell or the form that was refused."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        record.message = address_alone(_message(record))
        return super().formatMessage(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  # logging's name
        """The kinds of the errors and the lines they came from."""
        _kind, error, _trace = ei
        return "\n".join(_lines(error)) if error else ""

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  # logging's name
        return ""


def _message(record: logging.LogRecord) -> str:
    if not record.args:
        # A text made before logging may end with the words of an exception.
        error = record.exc_info[1] if record.exc_info else None
        words = str(error) if error else ""
        return str(record.msg).replace(words, type(error).__name__) if words else str(_named(record.msg))
    args = record.args
    quiet = {k: _named(v) for k, v in args.items()} if isinstance(args, dict) else tuple(_named(v) for v in args)
    try:
        return str(record.msg) % quiet
    except (TypeError, ValueError):
        return str(record.msg)


def _named(value: object) -> object:
    """An exception as the name of its kind; numbers as they are, so that %d works."""
    if isinstance(value, BaseException):
        return type(value).__name__
    return value if isinstance(value, (int, float)) else str(value)


def _lines(error: BaseException) -> list[str]:
    found: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__, limit=-_DEEPEST_FRAMES)
        found.append(f"{type(current).__module__}.{type(current).__qualname__}")
        found += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found
