"""Evaluates the trees of expressions as XPath 1.0 does; the twin of frontend/src/phone/expressions.ts.

Values are text, numbers (always floating) and truth; what is not answered is the empty text. Days count as numbers.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from jiafang.visits.questions.expressions import Tree
from jiafang.visits.questions.patterns import matches

Value = str | float | bool

_BLANKS = " \t\r\n"
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DAY = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_PLAIN_BELOW = 1e15


@dataclass(frozen=True)
class Surroundings:
    """What an expression can ask for: other answers, the question's own, the columns of a choice, the day."""

    answer: Callable[[str], Value]
    today: str
    own: Value = ""
    columns: Mapping[str, str] = field(default_factory=dict)


def holds(tree: Tree, around: Surroundings) -> bool:
    """Whether an expression is true."""
    return to_truth(evaluate(tree, around))


def evaluate(tree: Tree, around: Surroundings) -> Value:
    kind = tree[0]
    if kind == "number":
        return float(tree[1])
    if kind == "text":
        return str(tree[1])
    if kind == "answer":
        return around.answer(tree[1])
    if kind == "self":
        return around.own
    if kind == "column":
        return around.columns.get(tree[1], "")
    if kind == "and":
        return holds(tree[1], around) and holds(tree[2], around)
    if kind == "or":
        return holds(tree[1], around) or holds(tree[2], around)
    if kind == "negative":
        return -to_number(evaluate(tree[1], around))
    if kind == "matches":
        return matches(tree[2], to_text(evaluate(tree[1], around)))
    if kind == "call":
        return _call(tree[1], tree[2:], around)
    left, right = evaluate(tree[1], around), evaluate(tree[2], around)
    if kind in ("=", "!="):
        return _equal(left, right) == (kind == "=")
    return _computed(kind, to_number(left), to_number(right))


def to_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < _PLAIN_BELOW:
        return str(int(value))
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def to_number(value: Value) -> float:
    """Numbers as they are, a day as days since 1970, whatever else no number."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    plain = value.strip(_BLANKS)
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if _DAY.fullmatch(plain):
        try:
            return float(dt.date.fromisoformat(plain).toordinal() - _EPOCH)
        except ValueError:
            return math.nan
    return math.nan


def to_truth(value: Value) -> bool:
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def words_of(value: Value) -> list[str]:
    """The parts of a choice of several."""
    return [word for word in re.split(f"[{_BLANKS}]+", to_text(value)) if word]


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return to_truth(left) == to_truth(right)
    if isinstance(left, float) or isinstance(right, float):
        return to_number(left) == to_number(right)
    return left == right


def _computed(kind: str, left: float, right: float) -> Value:
    if kind == "<":
        return left < right
    if kind == "<=":
        return left <= right
    if kind == ">":
        return left > right
    if kind == ">=":
        return left >= right
    if kind == "+":
        return left + right
    if kind == "-":
        return left - right
    if kind == "*":
        return left * right
    if kind == "div":
        return _divided(left, right)
    assert kind == "mod"
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)


def _divided(left: float, right: float) -> float:
    if right != 0 or math.isnan(left) or math.isnan(right):
        return left / right if right != 0 else math.nan
    if left == 0:
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _call(name: str, parts: list[Tree], around: Surroundings) -> Value:
    if name == "if":
        return evaluate(parts[1] if holds(parts[0], around) else parts[2], around)
    values = [evaluate(part, around) for part in parts]
    if name == "string-length":
        return float(len(to_text(values[0] if values else around.own)))
    if name == "today":
        return around.today
    return _FUNCTIONS[name](*values)


def _whole(value: Value) -> float:
    number = to_number(value)
    return number if math.isnan(number) or math.isinf(number) else float(math.trunc(number))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "not": lambda value: not to_truth(value),
    "true": lambda: True,
    "false": lambda: False,
    "boolean": to_truth,
    "number": to_number,
    "int": _whole,
    "string": to_text,
    "date": to_text,
    "coalesce": lambda first, second: first if to_text(first) != "" else second,
    "concat": lambda *values: "".join(to_text(value) for value in values),
    "contains": lambda text, part: to_text(part) in to_text(text),
    "starts-with": lambda text, part: to_text(text).startswith(to_text(part)),
    "selected": lambda chosen, one: to_text(one).strip(_BLANKS) in words_of(chosen),
    "count-selected": lambda chosen: float(len(words_of(chosen))),
}
