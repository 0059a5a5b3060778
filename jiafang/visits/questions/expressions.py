"""Expressions of an XLSForm (relevant, constraint, required, choice_filter), parsed once into a tree that is kept.

The tree is JSON: [kind, parts…]. `evaluate.py` here and `frontend/src/phone/expressions.ts` evaluate it alike.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from jiafang.visits.questions.patterns import PatternFault, compile_pattern

Tree = list[Any]

LONGEST = 2000
DEEPEST = 30
# How many arguments each function takes; None: as many as one likes.
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "not": (1, 1),
    "true": (0, 0),
    "false": (0, 0),
    "boolean": (1, 1),
    "number": (1, 1),
    "int": (1, 1),
    "string": (1, 1),
    "date": (1, 1),
    "today": (0, 0),
    "if": (3, 3),
    "coalesce": (2, 2),
    "concat": (1, None),
    "contains": (2, 2),
    "starts-with": (2, 2),
    "string-length": (0, 1),
    "selected": (2, 2),
    "count-selected": (1, 1),
    "regex": (2, 2),
}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<text>"[^"]*"|'[^']*')
    | \$\{\s*(?P<answer>[^{}]+?)\s*\}
    | (?P<path>(?:\.\./|/)(?:[\w.-]+/|\.\./)*[\w-][\w.-]*)
    | (?P<sign><=|>=|!=|[=<>+*(),-])
    | (?P<self>\.)
    | (?P<name>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)
    )""",
    re.VERBOSE,
)
# Lowest first; a step binds tighter than the one before.
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)


class ExpressionFault(ValueError):
    """Something in an expression that is not supported; the text says what, in words."""


def parse(text: str, *, columns: bool = False) -> Tree:
    """The tree of an expression; `columns` lets bare names stand for the columns of a choice (choice_filter)."""
    if len(text) > LONGEST:
        raise ExpressionFault(_("太长"))
    return _Parser(text, columns=columns).whole()


def names_in(tree: Tree) -> Iterator[str]:
    """The questions that an expression refers to."""
    if tree[0] == "answer":
        yield tree[1]
        return
    for part in _parts(tree):
        yield from names_in(part)


def refers_to_itself(tree: Tree) -> bool:
    """Whether the value of the question itself (a dot) occurs."""
    return tree[0] == "self" or any(refers_to_itself(part) for part in _parts(tree))


def _parts(tree: Tree) -> list[Tree]:
    """The trees within a tree; the program of a pattern is none."""
    return [part for part in tree[1:] if isinstance(part, list) and part and isinstance(part[0], str)]


class _Parser:
    def __init__(self, text: str, *, columns: bool) -> None:
        self.columns = columns
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0

    def whole(self) -> Tree:
        tree = self.level(0)
        if self.at < len(self.tokens):
            raise _unexpected(self.tokens[self.at][1])
        return tree

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def level(self, number: int) -> Tree:
        if number == len(_LEVELS):
            return self.signed()
        left = self.level(number + 1)
        steps = 0
        while self.peek()[0] in ("sign", "name") and self.peek()[1] in _LEVELS[number]:
            steps += 1
            if steps > 100:
                raise ExpressionFault(_("太长"))
            left = [self.take()[1], left, self.level(number + 1)]
        return left

    def signed(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionFault(_("括号套得太深"))
        tree = ["negative", self.signed()] if self.peek() == ("sign", "-") and self.take() else self.primary()
        self.depth -= 1
        return tree

    def primary(self) -> Tree:
        kind, text = self.take()
        if kind == "number":
            value = float(text)
            if value == float("inf"):
                raise _unexpected(text[:20])
            return ["number", int(value) if value.is_integer() and abs(value) < 1e15 else value]
        if kind == "text":
            return ["text", text[1:-1]]
        if kind == "answer":
            return ["answer", text]
        if kind == "path":
            return ["answer", text.rsplit("/", 1)[1]]
        if kind == "self":
            return ["self"]
        if (kind, text) == ("sign", "("):
            tree = self.level(0)
            self.expect(")")
            return tree
        if kind == "name" and self.peek() == ("sign", "("):
            return self.call(text)
        if kind == "name" and self.columns and ":" not in text:
            return ["column", text]
        if kind == "end":
            raise ExpressionFault(_("没有写完"))
        raise _unexpected(text)

    def expect(self, sign: str) -> None:
        token = self.take()
        if token != ("sign", sign):
            raise _unexpected(token[1]) if token[0] != "end" else ExpressionFault(_("没有写完"))

    def call(self, name: str) -> Tree:
        if name not in FUNCTIONS:
            raise ExpressionFault(_("没有 %(name)s() 这个函数") % {"name": name})
        self.expect("(")
        parts: list[Tree] = []
        while self.peek() != ("sign", ")"):
            parts.append(self.level(0))
            if self.peek() != ("sign", ")"):
                self.expect(",")
        self.expect(")")
        least, most = FUNCTIONS[name]
        if len(parts) < least or (most is not None and len(parts) > most):
            raise ExpressionFault(_("%(name)s() 的参数个数不对") % {"name": name})
        return _matching(parts) if name == "regex" else ["call", name, *parts]


def _matching(parts: list[Tree]) -> Tree:
    if parts[1][0] != "text":
        raise ExpressionFault(_("regex() 的格式要直接写成文字"))
    try:
        return ["matches", parts[0], compile_pattern(parts[1][1])]
    except PatternFault as fault:
        raise ExpressionFault(_("regex() 的格式里“%(part)s”不支持") % {"part": str(fault)}) from fault


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at, end)
        if found is None:
            raise _unexpected(text[at:].strip()[:1])
        at = found.end()
        kind = found.lastgroup
        assert kind is not None
        yield kind, found[kind]


def _unexpected(text: str) -> ExpressionFault:
    return ExpressionFault(_("“%(part)s”放在这里看不懂") % {"part": text})
