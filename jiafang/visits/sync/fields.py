"""Reads fields of what a phone sent; whatever is in them, the worst answer is a fault that names the place."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault

LARGEST_ID = 2**63 - 1
LONGEST_CODE = 40
EARLIEST, LATEST = dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)


def parse_object(content: bytes) -> dict[str, Any]:
    """The JSON object in these bytes."""
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InputFault(_("收到的内容不完整,读不出来"), place="body") from None
    if not isinstance(value, dict):
        raise InputFault(_("收到的内容不完整,读不出来"), place="body")
    return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


class Fields:
    """An object of a body; `place` is where it stands in it."""

    def __init__(self, values: Any, place: str = "") -> None:
        if not isinstance(values, dict):
            raise _unreadable(place or "body")
        self._values: Mapping[str, Any] = values
        self._place = place

    def place(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def value(self, name: str) -> Any:
        return self._values.get(name)

    def text(self, name: str, *, longest: int) -> str:
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise _unreadable(self.place(name))
        if len(value) > longest:
            raise InputFault(_("请写在 %(count)s 字以内") % {"count": longest}, place=self.place(name))
        if not can_be_kept(value):
            raise InputFault(_("文字里有无法保存的符号"), place=self.place(name))
        return value

    def code(self, name: str) -> str:
        value = self.text(name, longest=LONGEST_CODE)
        if not value:
            raise _unreadable(self.place(name))
        return value

    def integer(self, name: str, *, least: int = 1, most: int = LARGEST_ID) -> int:
        value = self._values.get(name)
        if type(value) is not int or not least <= value <= most:
            raise _unreadable(self.place(name))
        return value

    def integer_or_none(self, name: str, *, least: int = 1, most: int = LARGEST_ID) -> int | None:
        return None if self._values.get(name) is None else self.integer(name, least=least, most=most)

    def flag(self, name: str) -> bool:
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise _unreadable(self.place(name))
        return value

    def identity(self, name: str) -> uuid.UUID:
        try:
            return uuid.UUID(self.text(name, longest=36))
        except ValueError:
            raise _unreadable(self.place(name)) from None

    def moment(self, name: str) -> dt.datetime:
        found = moment_of(self._values.get(name))
        if found is None:
            raise _unreadable(self.place(name))
        return found

    def moment_or_none(self, name: str) -> dt.datetime | None:
        return None if self._values.get(name) is None else self.moment(name)

    def items(self, name: str, *, most: int) -> list[Any]:
        value = self._values.get(name, [])
        if not isinstance(value, list):
            raise _unreadable(self.place(name))
        if len(value) > most:
            raise InputFault(_("最多 %(count)s 项") % {"count": most}, place=self.place(name))
        return value

    def objects(self, name: str, *, most: int) -> list["Fields"]:
        place = self.place(name)
        return [Fields(one, f"{place}.{number}") for number, one in enumerate(self.items(name, most=most))]

    def integers(self, name: str, *, most: int) -> list[int]:
        found = self.items(name, most=most)
        if any(type(one) is not int or not 1 <= one <= LARGEST_ID for one in found):
            raise _unreadable(self.place(name))
        return found

    def codes(self, name: str, *, most: int) -> list[str]:
        found = self.items(name, most=most)
        if any(not isinstance(one, str) or len(one) > LONGEST_CODE or not can_be_kept(one) for one in found):
            raise _unreadable(self.place(name))
        return found

    def plain(self, name: str) -> dict[str, Any]:
        """A small object of texts, numbers and lists of texts, as answers to questions are."""
        values = Fields(self._values.get(name, {}), self.place(name))._values
        for key, value in values.items():
            parts = value if isinstance(value, list) else [value]
            if not can_be_kept(key) or not all(_is_plain(part) for part in parts):
                raise InputFault(_("文字里有无法保存的符号"), place=self.place(name))
        return dict(values)


def moment_of(value: Any) -> dt.datetime | None:
    """An instant with its offset, within what a calendar of ours can hold."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = dt.datetime.fromisoformat(value)
        return found if found.tzinfo is not None and EARLIEST < found < LATEST else None
    except (ValueError, OverflowError):
        return None


def can_be_kept(text: str) -> bool:
    """Half a character and the zero character can be neither encoded nor stored."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return can_be_kept(value)
    if isinstance(value, float):
        return abs(value) < 1e300
    return value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= LARGEST_ID)


def _unreadable(place: str) -> InputFault:
    return InputFault(_("这一项读不出来"), place=place[:60])
