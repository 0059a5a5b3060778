"""Checks answers against a definition, without a database; the twin of frontend/src/phone/answers.ts."""

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiafang.visits.questions.define import Definition, Item
from jiafang.visits.questions.evaluate import Surroundings, Value, holds
from jiafang.visits.questions.languages import said

Answer = str | int | float | list[str]

LONGEST_ANSWER = 2000
LARGEST_INTEGER = 2**53 - 1
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DAY = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
_BLANKS = " \t\r\n"

UNKNOWN = "unknown"
TYPE = "type"
LENGTH = "length"
CHOICE = "choice"
REQUIRED = "required"
CONSTRAINT = "constraint"


@dataclass(frozen=True)
class AnswerFault:
    name: str
    code: str
    message: str


def check_values(
    definition: Definition, values: Mapping[str, object], *, today: str, language: str = "zh"
) -> tuple[dict[str, Answer], list[AnswerFault]]:
    """The answers to what is shown, in the order of the questions, and what is wrong with them."""
    checking = _Checking(definition, values, today, language)
    return checking.cleaned(), checking.faults


def expression_value(answer: Answer | None) -> Value:
    """An answer as expressions see it."""
    if answer is None:
        return ""
    if isinstance(answer, list):
        return " ".join(answer)
    return answer if isinstance(answer, str) else float(answer)


class _Checking:
    def __init__(self, definition: Definition, values: Mapping[str, object], today: str, language: str) -> None:
        self.definition = definition
        self.language = language
        self.today = today
        self.faults: list[AnswerFault] = []
        self.items: dict[str, tuple[Item, str]] = dict(_with_groups(definition["items"], ""))
        self.given: dict[str, Answer] = {}
        for name, value in values.items():
            self.take(name, value)
        self.shown: dict[str, bool] = {}
        for name in definition["order"]:
            item, group = self.items[name]
            self.shown[name] = (not group or self.shown[group]) and (
                "relevant" not in item or holds(item["relevant"], self.around())
            )

    def take(self, name: str, value: object) -> None:
        item = self.items[name][0] if name in self.items else None
        if item is None or item["type"] in ("group", "note"):
            self.fault(name, UNKNOWN, _("没有这道题,请重新打开表单"))
            return
        if value is None or value == [] or (isinstance(value, str) and not value.strip(_BLANKS)):
            return
        answer = _typed(item["type"], value)
        if answer is None:
            self.fault(name, TYPE, _WRONG[item["type"]]())
        elif isinstance(answer, str) and len(answer) > LONGEST_ANSWER:
            self.fault(name, LENGTH, _("太长,最多 %(most)s 字") % {"most": LONGEST_ANSWER})
        else:
            self.given[name] = answer

    def fault(self, name: str, code: str, message: str) -> None:
        self.faults.append(AnswerFault(name, code, message))

    def around(self, own: Value = "", columns: Mapping[str, str] | None = None) -> Surroundings:
        return Surroundings(answer=self.answer, today=self.today, own=own, columns=columns or {})

    def answer(self, name: str) -> Value:
        return expression_value(self.given.get(name)) if self.shown.get(name) else ""

    def cleaned(self) -> dict[str, Answer]:
        kept: dict[str, Answer] = {}
        for name, (item, _group) in self.items.items():
            if item["type"] in ("group", "note") or not self.shown[name]:
                continue
            if name in self.given:
                kept[name] = self.checked(item, self.given[name])
            elif self.asked_for(item) and not any(fault.name == name for fault in self.faults):
                message = said(item.get("required_message", {}), self.language)
                self.fault(name, REQUIRED, message or _("这道题要填写"))
        return kept

    def asked_for(self, item: Item) -> bool:
        required = item.get("required", False)
        return holds(required, self.around()) if isinstance(required, list) else bool(required)

    def checked(self, item: Item, answer: Answer) -> Answer:
        name = item["name"]
        if "list" in item:
            open_to = self.choices(item)
            chosen = answer if isinstance(answer, list) else [answer]
            if not set(chosen) <= set(open_to) or len(set(chosen)) < len(chosen):
                self.fault(name, CHOICE, _("这个选项现在没有了,请重新选择"))
                return answer
            if isinstance(answer, list):
                answer = [choice for choice in open_to if choice in set(chosen)]
        if "constraint" in item and not holds(item["constraint"], self.around(expression_value(answer))):
            message = said(item.get("constraint_message", {}), self.language)
            self.fault(name, CONSTRAINT, message or _("不符合这道题的要求,请再看看"))
        return answer

    def choices(self, item: Item) -> list[str]:
        """The names of the choices that are open now."""
        rows = self.definition["choices"][item["list"]]
        condition = item.get("choice_filter")
        return [
            row["name"]
            for row in rows
            if condition is None or holds(condition, self.around(columns=row.get("columns", {})))
        ]


def _with_groups(items: list[Item], group: str) -> Iterator[tuple[str, tuple[Item, str]]]:
    """Everything by its name, with the name of its group."""
    for item in items:
        yield item["name"], (item, group)
        if item["type"] == "group":
            yield from _with_groups(item["items"], item["name"])


def _typed(kind: str, value: Any) -> Answer | None:
    """The value if it is an answer of that type; what JSON calls 5.0 is 5."""
    if kind in ("integer", "decimal"):
        return _number(kind, value)
    if kind == "select_multiple":
        return value if isinstance(value, list) and all(isinstance(part, str) and part for part in value) else None
    if not isinstance(value, str):
        return None
    if kind == "date":
        return value if _is_day(value) else None
    if kind == "time":
        return value if _TIME.fullmatch(value) else None
    return value


def _number(kind: str, value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    if kind == "decimal":
        return value if abs(number) <= LARGEST_INTEGER else number
    return int(number) if number.is_integer() and abs(number) <= LARGEST_INTEGER else None


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


_WRONG = {
    "text": lambda: _("请填写文字"),
    "integer": lambda: _("请填写整数"),
    "decimal": lambda: _("请填写数字"),
    "date": lambda: _("请填写日期"),
    "time": lambda: _("请填写时间"),
    "select_one": lambda: _("请从选项里选一个"),
    "select_multiple": lambda: _("请从选项里选"),
}
